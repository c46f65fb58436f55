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

"""The looks of one plan at what Nova moves, and what it has queued."""

from collections.abc import Callable
import contextlib
import threading

from oslo_log import log

from zone_migration import conf
from zone_migration import exception
from zone_migration import waiting
from zone_migration.logic.schedule import queue_ahead
from zone_migration.workflow_engine import threads

CONF = conf.CONF
LOG = log.getLogger(__name__)


class QueueLooks:
    """The looks of one plan at Nova's queues of live migrations.

    What its actions read is enough, so there are none while none of them
    moves a server live.

    :param engine: knows what Nova shows.
    :param queue: what learns of it.
    :param submit: has a function called in the thread of the plan.
    """

    def __init__(
        self,
        engine,
        queue: queue_ahead.QueueAhead,
        submit: Callable[..., None],
        clock: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._submit = submit
        self._clock = clock
        self._due_at = clock()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Look, when it is due, without waiting for Nova."""
        if self._clock() < self._due_at or not self._queue.is_moving():
            return
        self._due_at = self._clock() + CONF.zone_migration.poll_interval
        if self._thread is None or not self._thread.is_alive():
            # Where there is no thread to be had, the next look gets one.
            with contextlib.suppress(RuntimeError):
                self._thread = threads.start('look-at-queues', self._look)

    def _look(self) -> None:
        """Look in a thread; what was seen before stays where it fails."""
        try:
            migrations = self._engine.migrations_in_flight()
        except (
            waiting.ObservationFailed,
            exception.CloudRequestFailed,
        ) as error:
            # The actions that wait for it tell that, too.
            LOG.debug('The queues of Nova are not seen: %s', error)
        else:
            self._submit(self._queue.see, migrations)
