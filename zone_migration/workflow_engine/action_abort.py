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

"""The abort of one action, while it runs in another thread."""

import functools
import threading

from oslo_log import log
from watcher.objects import fields

from zone_migration import exception
from zone_migration.workflow_engine import action_row
from zone_migration.workflow_engine import threads

LOG = log.getLogger(__name__)


class ActionAbort:
    """The request that one action end early, and what has come of it.

    :param row: that of the action.
    """

    def __init__(self, row: action_row.ActionRow) -> None:
        self._row = row
        # Guards these two, of which only one is ever set first.
        self._lock = threading.Lock()
        #: Whether it must not begin to execute.
        self.stopped = False
        self._action = None
        #: Whether asking it has failed: if it fails then, no abort has ended
        #: it.
        self.failed = False

    def stop(self) -> None:
        """Do not begin to execute it, if that has not begun."""
        with self._lock:
            self.stopped = True

    def is_wanted(self) -> bool:
        """Whether it is to end early, or not to begin."""
        return self.stopped

    def let_execute(self, action, is_under_way: bool = False) -> bool:
        """Return whether an action may be executed; it can be aborted then.

        :param action: the instance that its plugin has made.
        :param is_under_way: whether it was begun before a restart, and has
            to be executed to be aborted.
        """
        with self._lock:
            is_let = is_under_way or not self.stopped
            self._action = action if is_let else None
        if is_let and self.stopped:
            try:
                self.start()
            except RuntimeError:  # No thread: it is waited for.
                self.failed = True
                LOG.exception('Action %s is not aborted', self._row.uuid)
        return is_let

    def start(self) -> threading.Thread:
        """Ask it to end early, where it can.

        :returns: the thread that does it.  What an action of another plugin
            does then can take minutes, or fail.
        """
        self.stop()
        return threads.start(f'abort-{self._row.uuid}', self._ask)

    def _ask(self) -> None:
        """Abort the action where it can be; nothing is raised."""
        uuid = self._row.uuid
        try:
            if self._action is None:
                return
            if not self._action.check_abort():
                LOG.info('Action %s cannot be aborted; it is waited for', uuid)
                return
            if self._row.begin_to_cancel(
                functools.partial(
                    self._row.send,
                    fields.NotificationAction.CANCEL,
                    fields.NotificationPhase.START,
                )
            ):
                LOG.warning('Aborting action %s', uuid)
                self._action.abort()
        except exception.PlanIsLost:
            raise
        except BaseException:
            # Watcher's own migrate raises where Nova leaves the server in
            # ERROR.
            self.failed = True
            LOG.exception('Action %s is not aborted; it is waited for', uuid)
