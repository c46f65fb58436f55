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

"""The end of one action: its final state, its message, who is notified.

They are those of Watcher's own engine (``watcher.applier.workflow_engine``),
which are written against TaskFlow and cannot be used without it.
"""

from collections.abc import Iterator
import contextlib

from oslo_log import log
from watcher.common import exception as watcher_exception
from watcher.objects import fields

from zone_migration import exception
from zone_migration.logic import messages
from zone_migration.logic.outcome import states
from zone_migration.workflow_engine import action_abort
from zone_migration.workflow_engine import action_row
from zone_migration.workflow_engine import action_times

LOG = log.getLogger(__name__)

_EXECUTION = fields.NotificationAction.EXECUTION
_CANCEL = fields.NotificationAction.CANCEL
_PHASE = fields.NotificationPhase


class ActionEnd:
    """The end of one action.

    :param row: that of the action.
    :param abort: whether the action was asked to end early.
    :param times: how long it has waited and run.
    """

    def __init__(
        self,
        row: action_row.ActionRow,
        abort: action_abort.ActionAbort,
        times: action_times.ActionTimes,
    ) -> None:
        self._row = row
        self._abort = abort
        self._times = times
        #: What is being done, as messages name it.
        self.phase = 'pre_condition'

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """End the row with whatever is raised inside, and raise nothing.

        Watcher decides by the rows what the plan has come to.

        :raises PlanIsLost: when that was raised: the row is somebody else's.
        """
        try:
            yield
        except exception.PlanIsLost:
            raise
        except BaseException as error:  # noqa: B902, BLE001
            # A bug, or SystemExit and its like, which would end the thread
            # and leave the action ONGOING.
            LOG.error(
                'Action %s has ended unexpectedly',
                self._row.uuid,
                exc_info=error,
            )
            if self._row.state in (states.SKIPPED, states.CANCELLED):
                return
            try:
                self._fail(f'{type(error).__name__}: {error}')
            except Exception:
                LOG.exception(
                    'What action %s has come to is in the log only',
                    self._row.uuid,
                )

    def skipped_before(self) -> bool:
        """Whether it is SKIPPED already, by the plan or by its operator.

        The database is asked: Watcher's API looks at the state of the plan
        before it writes, so what an operator has skipped just before the
        plan began may be written when it runs.
        """
        if not self._row.skipped_by_others():
            return False
        LOG.info('Action %s is SKIPPED: %s', self._row.uuid, self._row.message)
        return True

    def succeed(self, message: str) -> None:
        """End it as SUCCEEDED."""
        self._row.set_state(
            states.SUCCEEDED, self._times.ended(message, well=True)
        )
        self._row.notify(_EXECUTION, _PHASE.END)

    def skip(self, reason: str) -> None:
        """End it as SKIPPED, unless it is that already."""
        if self.skipped_before():
            return
        LOG.info(
            'Action %s is skipped: %s',
            self._row.uuid,
            messages.escaped(reason),
        )
        self._row.set_state(
            states.SKIPPED, self._times.ended_early(reason)
        )
        self._row.send_update(states.PENDING)

    def cancel(self, reason: str) -> None:
        """End it as CANCELLED."""
        LOG.warning(
            'Action %s is cancelled: %s',
            self._row.uuid,
            messages.escaped(reason),
        )
        if self._row.state == states.ONGOING:
            self._row.set_state(states.CANCELLING)
            self._row.notify(_CANCEL, _PHASE.START)
        self._row.set_state(
            states.CANCELLED, self._times.ended_early(reason)
        )
        self._row.notify(_CANCEL, _PHASE.END)

    def give_up(
        self, error: Exception, tried: str, begun_before: bool = False
    ) -> None:
        """End it with what its last try has ended with.

        :param tried: words for how often it was tried; '' if once.
        :param begun_before: whether it is what was begun before a restart.
        """
        if begun_before:
            self.abandon(error)
            return
        try:
            # Watcher notifies of the exception that is being handled.
            raise error
        except exception.ServiceUnavailable:
            if self._abort.stopped:
                self.cancel(f'cancelled before it was started: {error}')
            else:
                self.fail(f'{error}{tried}', error)
        except exception.MoveError:
            self.fail(f'{error}{tried}', error)

    def abandon(self, error: Exception | None = None) -> None:
        """End what was begun before a restart, and is not seen through.

        :param error: why; None where it has left no trace.
        """
        reason = 'begun before the restart and not seen through'
        reason += f', it may go on: {error}' if error else ''
        self.end_early(reason, exception.MoveFailed(reason=reason))

    def end_early(self, reason: str, error: Exception) -> None:
        """End it as CANCELLED where that was asked for, else as FAILED.

        :param error: what the reason is told of.
        """
        if self._abort.stopped:
            self.cancel(reason)
        else:
            self.fail(reason, error)

    def raised(self, error: Exception) -> None:
        """End it with what it has raised, as :meth:`fail` does.

        Like Watcher, we show only the name of what is not Watcher's.
        """
        known = isinstance(error, watcher_exception.WatcherException)
        self.fail(str(error) if known else type(error).__name__, error)

    def fail(self, reason: str, error: Exception) -> None:
        """End it as FAILED, or as CANCELLED where an abort has ended it.

        :param error: what the reason is told of.
        """
        known = isinstance(error, watcher_exception.WatcherException)
        LOG.error(
            'Action %s failed in %s: %s',
            self._row.uuid,
            self.phase,
            messages.escaped(reason),
            exc_info=None if known else error,
        )
        if self._row.state == states.CANCELLED:
            # Its post-condition, which cleans up whatever it has come to.
            return
        if (
            self._row.state == states.CANCELLING
            and not self._abort.failed
            and not isinstance(error, exception.MoveError)
        ):
            # An aborted action of another plugin has no other way to end.
            self.cancel(reason)
            return
        self._fail(reason)

    def _fail(self, reason: str) -> None:
        """End it as FAILED, and notify of that in any case."""
        if self._row.state != states.FAILED:
            self._row.set_state(
                states.FAILED,
                self._times.ended(
                    f'Action failed in {self.phase}: '
                    f'{self._times.attempts.all_failed(reason)}'
                ),
            )
        self._row.notify(
            _EXECUTION, _PHASE.ERROR, fields.NotificationPriority.ERROR
        )
