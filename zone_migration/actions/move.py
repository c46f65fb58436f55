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

"""A move of one server or volume: its decision, its request and its end."""

import abc
from collections.abc import Callable

from oslo_log import log

from zone_migration import conf
from zone_migration import exception
from zone_migration.actions import waiting_action
from zone_migration.client import exception as client_exception
from zone_migration.logic.outcome import failures
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.preflight import begun
from zone_migration.logic.preflight import decisions

CONF = conf.CONF
LOG = log.getLogger(__name__)


class MoveAction(waiting_action.WaitingAction, metaclass=abc.ABCMeta):
    """An action that moves one server or volume.

    ``pre_condition`` decides, ``execute`` starts or adopts the move and waits
    for its end, ``post_condition`` looks once more.
    """

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        self._decision: decisions.Decision | None = None
        # Whether something is under way that another try must not begin again.
        self._begun = False
        self._moved = False

    @exception.translate_cloud_errors()
    def pre_condition(self) -> None:
        """Decide whether the resource can be moved as asked.

        :raises HasArrived: when it was begun before, and is there.
        :raises NothingToMove: when it is there already, has left, or is gone.
        :raises MoveRefused: when it cannot be moved as asked.
        """
        self._decision = self._decide(self.wanted)
        if self.begun_at:
            self._decision = self._see_what_was_begun(self._decision)
        kind = self._decision.kind
        if (self.begun_at or self.may_have_begun) and begun.has_arrived(
            self.wanted, self._decision
        ):
            raise exception.HasArrived(reason=self._decision.text)
        if kind is decisions.Kind.SKIP:
            raise exception.NothingToMove(reason=self._decision.text)
        if kind is decisions.Kind.REFUSE:
            raise exception.MoveRefused(reason=self._decision.text)
        self.is_under_way = kind is decisions.Kind.ADOPT
        if self.is_under_way:
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
        self._begun = self.is_under_way
        try:
            self._move(self.wanted, self._decision)
        except client_exception.CloudError as error:
            lost = isinstance(error, client_exception.AnswerLost)
            if not self._begun and not lost:
                raise
            # Not one of a service that is away before anything has begun.
            failed = exception.CloudRequestFailed(reason=str(error))
            failed.failure = self._failure_of(error)
            raise failed from error
        except exception.MoveError as error:
            error.failure = self._failure_of(error)
            raise
        self._moved = True
        LOG.info('%s: done', self)
        return True

    def _failure_of(self, error: Exception) -> failures.Failure:
        """Look what kind of failure this is, by what it has left behind."""
        if isinstance(error, exception.CancelledByOthers):
            return failures.BY_OTHERS
        if isinstance(
            error, (exception.MoveRefused, client_exception.RequestRefused)
        ):
            return failures.REFUSED
        try:
            failure = self._look_at_failure(str(error))
        except client_exception.CloudError as unseen:
            LOG.warning('%s: not tried again: %s', self, unseen)
            return failures.UNSEEN
        if failure.is_worth_another and isinstance(
            error, client_exception.AnswerLost
        ):
            return failures.LOST
        if failure is failures.ENDED:
            if isinstance(error, exception.NoValidHost):
                return failures.NO_HOST
            if isinstance(error, exception.NoProgress):
                return failures.STALLED
        return failure

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
    def _see_what_was_begun(
        self, decision: decisions.Decision
    ) -> decisions.Decision:
        """Decide on what an applier had begun that was stopped meanwhile.

        :param decision: what it would be if this was its first.
        """

    @abc.abstractmethod
    def _move(self, wanted, decision: decisions.Decision) -> None:
        """Start or adopt the move and see it through."""

    @abc.abstractmethod
    def _look_at_failure(self, reason: str) -> failures.Failure:
        """Look how a failure has left the resource.

        :param reason: why it has failed.
        """

    @abc.abstractmethod
    def _revert(self) -> None:
        """Move it back, or raise why it cannot go back."""

    @abc.abstractmethod
    def _check_arrival(self) -> None:
        """Raise MoveFailed unless the resource is at its destination."""

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
        attempts = CONF.zone_migration.request_retries + 1
        lost: client_exception.CloudUnavailable | None = None
        for _ in range(attempts):
            lost = self._ask(request, look, lost)
            if lost is None or not self._is_to_be_asked_again(look, decide):
                self._begun = True
                return
        raise client_exception.AnswerLost(
            service=lost.service,
            reason=f'asked {attempts} times: {lost.reason}',
        ) from lost

    def _ask(
        self,
        request: Callable[[], None],
        look: Callable[[], outcomes.Outcome],
        lost: client_exception.CloudUnavailable | None,
    ) -> client_exception.CloudUnavailable | None:
        """Ask once; return why there is no answer, or None when it has begun.

        :param lost: why there was no answer the last time, if there was none.
        """
        try:
            request()
        except client_exception.CloudUnavailable as error:
            if (
                not self._begun
                and lost is None
                and not isinstance(error, client_exception.AnswerLost)
            ):
                raise
            LOG.warning('%s: %s; looking what has become of it', self, error)
            return error
        except client_exception.RequestRefused:
            # After a lost answer, perhaps because that one had arrived.
            if lost is None or not self._has_begun(look):
                raise
        return None

    def _is_to_be_asked_again(
        self,
        look: Callable[[], outcomes.Outcome],
        decide: Callable[[], decisions.Decision],
    ) -> bool:
        """Whether there is no sign of what was asked for, and it can begin.

        :raises MoveCancelled: when it has not begun, and was asked to end.
        :raises MoveRefused: when it cannot be started any more.
        """
        if self._has_begun(look):
            return False
        if self._abort.is_set() and not self._begun:
            raise exception.MoveCancelled(reason='nothing was started')
        decision = decide()
        if decision.kind is decisions.Kind.REFUSE:
            raise exception.MoveRefused(reason=decision.text)
        return decision.kind is decisions.Kind.START

    def _has_begun(self, look: Callable[[], outcomes.Outcome]) -> bool:
        """Look for some time whether it has begun."""
        waited = self._see(look, lambda outcome: outcome)
        return waited.outcome.kind is outcomes.Kind.DONE
