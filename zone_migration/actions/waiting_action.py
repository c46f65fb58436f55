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

"""An action that waits for what the cloud does, and tells where it stands."""

from collections.abc import Callable
import threading

from oslo_log import log

from zone_migration import client
from zone_migration import conf
from zone_migration import exception
from zone_migration import waiting
from zone_migration.actions import base
from zone_migration.client import observation
from zone_migration.engine_interfaces import reporter
from zone_migration.logic import messages
from zone_migration.logic.outcome import outcomes

CONF = conf.CONF
LOG = log.getLogger(__name__)


class WaitingAction(base.Action, reporter.Reporter):
    """An action that waits for what the cloud does to its resource."""

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        self._abort = threading.Event()
        self._last_report = ''
        self._reported_destination = ''

    @property
    def cloud(self) -> client.Cloud:
        """The border to Nova and Cinder."""
        return client.cloud_of(self.osc, CONF)

    def __str__(self) -> str:
        name = self.input_parameters.get('resource_name')
        return '{} {}{}'.format(
            type(self).__name__,
            self.input_parameters.get('resource_id'),
            f' ({messages.escaped(name)})' if name else '',
        )

    def _silent_gb(self) -> int:
        """The data that the move copies without any sign of it, in GB."""
        return 0

    def _timing(self) -> waiting.Timing:
        """The durations of a wait, as the operator has set them."""
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
            self._report_progress,
            self._is_cancelled,
            sight,
        )
        if waited.lost:
            raise exception.MoveCancelled(
                reason=f'it may go on, {waited.lost}', lost=waited.lost
            )
        return waited

    def _see(
        self,
        look: Callable,
        evaluate: Callable[..., outcomes.Outcome],
        grace_period: float | None = None,
    ) -> waiting.Waited:
        """Wait for an outcome of what is read at each look.

        A service that is away is waited for, see :meth:`_wait`.

        :param grace_period: for how many seconds a refusal is not believed;
            None: as long as for any move.
        """
        timing = self._timing()
        if grace_period is None:
            grace_period = timing.blind
        tolerance = observation.Tolerance(grace_period, timing.clock)

        def observe():
            with tolerance.of(self):
                return look()

        return self._wait(observe, evaluate)

    def _is_cancelled(self) -> bool:
        """Whether the plan is being cancelled, as far as anybody says so."""
        return self._abort.is_set() or self.plan_is_cancelled()

    def _report_progress(self, text: str) -> None:
        """Tell where the move stands; the log gets what is new only."""
        if text != self._last_report:
            self._last_report = text
            LOG.info('%s: %s', self, text)
        self.report(text)

    def _report_destination(self, destination: str | None) -> None:
        """Tell where the move goes to, when that was not known before."""
        known = self._reported_destination or self.input_parameters.get(
            'dst_hostname'
        )
        if destination and destination != known:
            self._reported_destination = destination
            self.on_destination(destination)

    def _no_progress(
        self,
        waited: waiting.Waited,
        measure: str,
        limit: int = messages.LIMIT,
    ) -> exception.NoProgress:
        """Return what says that nothing has changed for too long.

        :param measure: what was done about it.
        :param limit: how much is told of what was seen last, in characters.
        """
        return exception.NoProgress(
            seconds=round(waited.unchanged),
            last_seen=messages.fit(waited.outcome.text, limit),
            measure=measure,
        )
