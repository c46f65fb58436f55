# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
# http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or
# implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""What all moves share: parameters, decision, waiting, and its end."""

import abc
from collections.abc import Callable
import threading

from oslo_log import log
import voluptuous
from watcher.applier.actions import base

from zone_migration import client
from zone_migration import conf
from zone_migration import exception
from zone_migration import recovery
from zone_migration import reporting
from zone_migration import waiting
from zone_migration.actions import parameters
from zone_migration.client import exception as client_exception
from zone_migration.client import observation
from zone_migration.logic import messages
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.preflight import decisions

CONF = conf.CONF
LOG = log.getLogger(__name__)


class Action(base.BaseAction):
    """An action whose parameters are checked with voluptuous."""

    #: The voluptuous schema of the input parameters.
    SCHEMA: voluptuous.Schema
    #: One sentence for ``openstack optimize`` and the logs.
    DESCRIPTION: str

    @property
    def schema(self) -> voluptuous.Schema:
        """The schema of the input parameters."""
        return self.SCHEMA

    def validate_parameters(self) -> bool:
        """Check the input parameters.

        Watcher's own check is for JSON schemas, and it says which keyword of
        the schema was violated; this one says which parameter, and why.

        :raises InvalidActionParameters: naming each wrong parameter.
        """
        try:
            self.SCHEMA(self.input_parameters)
        except voluptuous.MultipleInvalid as error:
            raise exception.InvalidActionParameters(
                action=type(self).__name__,
                faults=parameters.faults(error),
            ) from error
        return True

    def get_description(self) -> str:
        """What the action does.

        Watcher's applier asks when it starts, before it gets any plan, and
        at no other time.
        """
        recovery.end_abandoned_cancels()
        return self.DESCRIPTION


class MoveAction(Action, reporting.Reporter, metaclass=abc.ABCMeta):
    """An action that moves one server or volume.

    ``pre_condition`` decides, ``execute`` starts or adopts the move and waits
    for its end, ``post_condition`` looks once more.
    """

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        self._abort = threading.Event()
        self._decision: decisions.Decision | None = None
        # Whether something is under way that another try must not begin again.
        self._begun = False
        self._moved = False
        self._said = ''
        self._told_place = ''

    @property
    def cloud(self) -> client.Cloud:
        """The border to Nova and Cinder."""
        return client.cloud_of(self.osc, CONF)

    @exception.translate_cloud_errors()
    def pre_condition(self) -> None:
        """Decide whether the resource can be moved as asked.

        :raises NothingToMove: when it is there already, has left, or is gone.
        :raises MoveRefused: when it cannot be moved as asked.
        """
        self._decision = self._decide(self.wanted)
        kind = self._decision.kind
        if kind is decisions.Kind.SKIP:
            raise exception.NothingToMove(reason=self._decision.text)
        if kind is decisions.Kind.REFUSE:
            raise exception.MoveRefused(reason=self._decision.text)
        if kind is decisions.Kind.ADOPT:
            LOG.info('%s: %s', self, self._decision.text)

    @exception.translate_cloud_errors()
    def execute(self) -> bool:
        """Move the resource.

        :returns: True; it is where it should be.
        :raises MoveFailed: when it is not, and why.
        :raises NoProgress: when nothing has changed for too long.
        :raises MoveCancelled: when it was ended by :meth:`abort`.
        """
        if self._decision is None:
            self.pre_condition()
        self._begun = self._decision.kind is decisions.Kind.ADOPT
        try:
            self._move(self.wanted, self._decision)
        except client_exception.CloudError as error:
            if self._begun:
                # Not one that is better tried again from the beginning.
                raise exception.CloudRequestFailed(
                    reason=str(error)
                ) from error
            raise
        self._moved = True
        LOG.info('%s: done', self)
        return True

    def post_condition(self) -> None:
        """Look once more whether the resource is where it should be.

        That it cannot be looked at takes nothing back.

        :raises MoveFailed: when it is seen not to be there any more.
        """
        if not self._moved:
            return
        try:
            self._check_arrival()
        except client_exception.CloudError as error:
            LOG.warning('%s: moved, and not looked at again: %s', self, error)

    @exception.translate_cloud_errors()
    def revert(self) -> None:
        """Move the resource back to where it was.

        :raises MoveRefused: when it cannot go back.
        :raises MoveFailed: when it was tried, and why it failed.
        """
        self._revert()

    def abort(self) -> bool:
        """Ask the move to end early; :meth:`execute` says what came of it."""
        self._abort.set()
        return True

    @abc.abstractmethod
    def check_abort(self) -> bool:
        """Whether a move in flight can be ended early."""

    @property
    @abc.abstractmethod
    def wanted(self) -> decisions.ServerMove | decisions.VolumeMove:
        """The input parameters, as what is wanted."""

    @abc.abstractmethod
    def _decide(self, wanted) -> decisions.Decision:
        """Ask the cloud, and decide."""

    @abc.abstractmethod
    def _move(self, wanted, decision: decisions.Decision) -> None:
        """Start or adopt the move and see it through."""

    @abc.abstractmethod
    def _revert(self) -> None:
        """Move it back, or raise why it cannot go back."""

    @abc.abstractmethod
    def _check_arrival(self) -> None:
        """Raise MoveFailed unless the resource is at its destination."""

    def __str__(self) -> str:
        name = self.input_parameters.get('resource_name')
        return '{} {}{}'.format(
            type(self).__name__,
            self.input_parameters.get('resource_id'),
            f' ({messages.escaped(name)})' if name else '',
        )

    def _silent_gb(self) -> int:
        """How many GB the move copies without any sign of it."""
        return 0

    def _start(
        self,
        request: Callable[[], None],
        look: Callable[[], outcomes.Outcome],
        decide: Callable[[], decisions.Decision] = lambda: decisions.START,
    ) -> None:
        """Ask for something that must not be done twice.

        Where the answer was lost, look what has become of it, and ask again
        only when there is no sign of it.  So it is where the service is away,
        once something is under way.

        :param look: gives whether it has begun, from what the cloud shows
            now (:mod:`zone_migration.logic.outcome.lost_answers`).
        :param decide: whether it can still be started, asked before it is
            asked for again.
        :raises MoveCancelled: when it has not begun, and was asked to end.
        :raises MoveRefused: when it cannot be started any more.
        :raises AnswerLost: when nothing has come of it.
        :raises CloudUnavailable: when the service is away, and nothing is
            under way.
        """
        lost: client_exception.CloudUnavailable | None = None
        asked = 0
        while asked <= CONF.zone_migration.request_retries:
            asked += 1
            try:
                request()
                self._begun = True
                return
            except client_exception.CloudUnavailable as error:
                if (
                    not self._begun
                    and lost is None
                    and not isinstance(error, client_exception.AnswerLost)
                ):
                    raise
                lost = error
            except client_exception.RequestRefused:
                # After a lost answer, perhaps because that one had arrived.
                if lost is None or not self._has_begun(look):
                    raise
                self._begun = True
                return
            LOG.warning('%s: %s; looking what has become of it', self, lost)
            if self._has_begun(look):
                self._begun = True
                return
            if self._abort.is_set() and not self._begun:
                raise exception.MoveCancelled(reason='nothing was started')
            decision = decide()
            if decision.kind is decisions.Kind.REFUSE:
                raise exception.MoveRefused(reason=decision.text)
            if decision.kind is not decisions.Kind.START:
                self._begun = True
                return
        raise client_exception.AnswerLost(
            service=lost.service,
            reason=f'asked {asked} times: {lost.reason}',
        ) from lost

    def _has_begun(self, look: Callable[[], outcomes.Outcome]) -> bool:
        timing = self._timing()
        tolerance = observation.Tolerance(timing.blind, timing.clock)

        def observe() -> outcomes.Outcome:
            with tolerance.of(self):
                return look()

        waited = self._wait(observe, lambda outcome: outcome)
        return waited.outcome.kind is outcomes.Kind.DONE

    def _timing(self) -> waiting.Timing:
        options = CONF.zone_migration
        return waiting.Timing(
            interval=options.poll_interval,
            blind=options.retry * options.retry_interval,
            stall_timeout=waiting.stall_timeout(
                options.retry,
                options.retry_interval,
                self._silent_gb(),
                options.slowest_copy,
            ),
        )

    def _wait(
        self,
        observe: Callable,
        evaluate: Callable[..., outcomes.Outcome],
        interrupt: threading.Event | None = None,
        sight: waiting.Sight | None = None,
    ) -> waiting.Waited:
        """Wait for an outcome; ``evaluate`` gets what ``observe`` gives.

        :param sight: that of a wait that was interrupted.
        :raises MoveCancelled: when nothing can be seen any more, and the plan
            is being cancelled.
        """
        waited = waiting.until_decided(
            observe,
            evaluate,
            self._timing(),
            interrupt or threading.Event(),
            self._say,
            self._is_cancelled,
            sight,
        )
        if waited.unseen:
            raise exception.MoveCancelled(
                reason=f'it may go on, {waited.unseen}'
            )
        return waited

    def _is_cancelled(self) -> bool:
        """Whether the plan is being cancelled, as far as anybody says so."""
        return self._abort.is_set() or self.plan_is_cancelled()

    def _say(self, text: str) -> None:
        """Tell where the move stands; the log gets what is new only."""
        if text != self._said:
            self._said = text
            LOG.info('%s: %s', self, text)
        self.report(text)

    def _tell_place(self, place: str | None) -> None:
        """Tell where the move goes to, when that was not known before."""
        known = self._told_place or self.input_parameters.get('dst_hostname')
        if place and place != known:
            self._told_place = place
            self.goes_to(place)

    def _no_progress(
        self, waited: waiting.Waited, measure: str
    ) -> exception.NoProgress:
        return exception.NoProgress(
            seconds=round(waited.unchanged),
            seen=waited.outcome.text,
            measure=measure,
        )
