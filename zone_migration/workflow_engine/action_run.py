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

"""The life of one action: its states, messages and notifications.

They are those of Watcher's own engine (``watcher.applier.workflow_engine``),
which are written against TaskFlow and cannot be used without it.
"""

from collections.abc import Callable
import contextlib
import threading
import time

from oslo_log import log
from watcher.common import exception as watcher_exception
from watcher.objects import fields

from zone_migration import exception
from zone_migration.engine_interfaces import reporter
from zone_migration.logic import messages
from zone_migration.logic.outcome import states
from zone_migration.workflow_engine import action_abort
from zone_migration.workflow_engine import action_row

LOG = log.getLogger(__name__)

_EXECUTION = fields.NotificationAction.EXECUTION
_CANCEL = fields.NotificationAction.CANCEL
_PHASE = fields.NotificationPhase
_PRIORITY = fields.NotificationPriority


class ActionRun:
    """One action of a plan, run in a thread of its own.

    :param db_action: the action, as Watcher's database has it.
    :param make: gives the action's instance, its parameters checked.
    :param on_destination: told where the resource goes to, when that was not
        known before.
    """

    def __init__(
        self,
        context,
        db_action,
        make: Callable,
        on_destination: Callable[[str], None] = lambda destination: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._context = context
        self._row = action_row.ActionRow(context, db_action)
        self._make = make
        self._on_destination = on_destination
        self._action = None
        # What is being done, as messages name it.
        self._phase = 'pre_condition'
        #: How often it has been started.
        self.tries = 0
        #: What the last try ended with when another may end better;
        #: :meth:`requeue` or :meth:`give_up` is to follow.
        self.retryable_error: (
            exception.NoValidHost | exception.ServiceUnavailable | None
        ) = None
        self._said = ''
        self._clock = clock
        self._abort = action_abort.ActionAbort(self._row)

    @property
    def uuid(self) -> str:
        """The action's UUID."""
        return self._row.uuid

    @property
    def db_action(self):
        """The action, as Watcher's database has it."""
        return self._row.db_action

    @property
    def state(self) -> str:
        """The action's state; a final one once :meth:`run` has returned."""
        return self._row.state

    @property
    def message(self) -> str:
        """What the action says of itself."""
        return self._row.message

    @property
    def name(self) -> str:
        """What the operator calls it: its resource, or its type and UUID."""
        parameters = self.db_action.input_parameters or {}
        name = (
            parameters.get('resource_name')
            or parameters.get('resource_id')
            or f'{self.db_action.action_type} {self.uuid}'
        )
        return messages.escaped(str(name))

    def run(self) -> None:
        """Run the action to its end, or until it needs another try.

        Nothing is raised.
        """
        with self._ended_by_whatever_is_raised():
            self._run()

    def _run(self) -> None:
        self.retryable_error = None
        if self._skipped_before():
            return
        self._phase = 'pre_condition'
        try:
            self._action = self._make(self._row.db_action)
            if isinstance(self._action, reporter.Reporter):
                self._action.report = self._hear
                self._action.on_destination = self._on_destination
                self._action.plan_is_cancelled = self._abort.is_wanted
            self._action.pre_condition()
            if self._begin():
                self._execute()
        except watcher_exception.ActionSkipped as error:
            if self._phase == 'pre_condition':
                self._skip(f'Action was skipped automatically: {error}')
                return
            # Too late to be skipped, under Watcher's own engine as well.
            self._failed(str(error), error)
        except exception.MoveCancelled as error:
            if self._abort.stopped:
                self._cancelled(str(error))
            else:
                # Nobody has asked it to end.
                self._failed(str(error), error)
        except exception.ServiceUnavailable as error:
            if self._phase == 'execute':
                # It has not begun.
                self.tries -= 1
            self.retryable_error = error
            return
        except exception.NoValidHost as error:
            self.retryable_error = error
            return
        except watcher_exception.WatcherException as error:
            self._failed(str(error), error)
        except Exception as error:  # noqa: B902, BLE001
            # Whatever an action of whichever plugin raises ends that action
            # and no other; like Watcher, we show its name only.
            self._failed(type(error).__name__, error)
        self._post_condition()

    def _execute(self) -> None:
        self._phase = 'execute'
        self.tries += 1
        if self._action.execute() is not True:
            # What Watcher's own actions return when they have failed, or
            # were aborted.
            raise watcher_exception.ActionExecutionFailure(action_id=self.uuid)
        self._row.become(states.SUCCEEDED, self._said + self._tried())
        self._row.notify(_EXECUTION, _PHASE.END)

    def skip(self, reason: str) -> None:
        """End an action that was never started; nothing is raised."""
        with self._ended_by_whatever_is_raised():
            self._skip(reason)

    def _skip(self, reason: str) -> None:
        if self._skipped_before():
            return
        LOG.info(
            'Action %s is skipped: %s', self.uuid, messages.escaped(reason)
        )
        self._row.become(states.SKIPPED, reason)
        self._row.send_update(states.PENDING)

    def requeue(self, until: str) -> None:
        """Let the action wait for another try, after :attr:`retryable_error`.

        Nothing is raised: it is PENDING then, or has ended.

        :param until: what it waits for.
        """
        with self._ended_by_whatever_is_raised():
            self._row.become(
                states.PENDING,
                f'waits until {until}{self._tried()}: {self.retryable_error}',
            )

    def give_up(self) -> None:
        """End the action with :attr:`retryable_error`; nothing is raised."""
        with self._ended_by_whatever_is_raised():
            if self.state == states.PENDING and self._skipped_before():
                return
            try:
                # Watcher notifies of the exception that is being handled.
                raise self.retryable_error
            except exception.ServiceUnavailable as error:
                if self._abort.stopped:
                    self._cancelled(
                        f'cancelled before it was started: {error}'
                    )
                else:
                    self._failed(f'{error}{self._tried()}', error)
            except exception.NoValidHost as error:
                self._failed(f'{error}{self._tried()}', error)
            self._post_condition()

    def break_off(self, error: Exception) -> None:
        """End an action that cannot be started; nothing is raised."""
        with self._ended_by_whatever_is_raised():
            raise error

    def stop(self) -> None:
        """Do not begin to execute it, if that has not begun."""
        self._abort.stop()

    def cancel(self) -> threading.Thread:
        """Ask a running action to end early, where it can be.

        :returns: the thread that does it: :meth:`run` returns when
            ``execute`` has ended, and nobody needs to wait for this.
        """
        return self._abort.start()

    def revert(self) -> None:
        """Take back what the action has done.

        :raises WatcherException: when it cannot be taken back.
        """
        LOG.warning('Reverting action %s', self.uuid)
        self._action.revert()

    @contextlib.contextmanager
    def _ended_by_whatever_is_raised(self):
        """The guard of an action: its row ends with it.

        Watcher decides by the rows what the plan has come to.
        """
        try:
            yield
        except BaseException as error:  # noqa: B902, BLE001
            # A bug, or SystemExit and its like, which would end the thread
            # and leave the action ONGOING.
            LOG.error(
                'Action %s has ended unexpectedly', self.uuid, exc_info=error
            )
            if self.state in (states.SKIPPED, states.CANCELLED):
                return
            try:
                self._fail(f'{type(error).__name__}: {error}')
            except Exception:
                LOG.exception(
                    'What action %s has come to is in the log only', self.uuid
                )

    def _begin(self) -> bool:
        """Make it ONGOING, unless the plan was cancelled meanwhile."""
        if not self._abort.stopped:
            # While it is PENDING still, as Watcher's own engine does.
            self._row.notify(_EXECUTION, _PHASE.START)
        if not self._abort.stopped:
            self._row.become(states.ONGOING)
        if self._abort.let_execute(self._action):
            return True
        reason = 'cancelled before it was started'
        if self.state == states.PENDING:
            self._row.become(states.CANCELLED, reason)
            return False
        # The database took its time to write that it is ONGOING.
        self._cancelled(reason)
        return False

    def _skipped_before(self) -> bool:
        """Whether it is SKIPPED already, by the plan or by its operator.

        The database is asked: Watcher's API looks at the state of the plan
        before it writes, so what an operator has skipped just before the
        plan began may be written when it runs.
        """
        if not self._row.skipped_by_others():
            return False
        LOG.info('Action %s is SKIPPED: %s', self.uuid, self.message)
        return True

    def _post_condition(self) -> None:
        if self._action is None:
            return
        self._phase = 'post_condition'
        try:
            self._action.post_condition()
        except watcher_exception.WatcherException as error:
            self._failed(str(error), error)
        except Exception as error:  # noqa: B902, BLE001 (as above)
            self._failed(type(error).__name__, error)

    def _tried(self) -> str:
        """How often it was tried, if more than once."""
        return f' (tried {self.tries} times)' if self.tries > 1 else ''

    def _failed(self, reason: str, error: Exception) -> None:
        known = isinstance(error, watcher_exception.WatcherException)
        LOG.error(
            'Action %s failed in %s: %s',
            self.uuid,
            self._phase,
            messages.escaped(reason),
            exc_info=None if known else error,
        )
        if self.state == states.CANCELLED:
            # Its post-condition, which cleans up whatever it has come to.
            return
        if (
            self.state == states.CANCELLING
            and not self._abort.failed
            and not isinstance(error, exception.MoveError)
        ):
            # An aborted action of another plugin has no other way to end.
            self._cancelled(reason)
            return
        self._fail(reason)

    def _fail(self, reason: str) -> None:
        if self.state != states.FAILED:
            self._row.become(
                states.FAILED, f'Action failed in {self._phase}: {reason}'
            )
        self._row.notify(_EXECUTION, _PHASE.ERROR, _PRIORITY.ERROR)

    def _cancelled(self, reason: str) -> None:
        LOG.warning(
            'Action %s is cancelled: %s', self.uuid, messages.escaped(reason)
        )
        if self.state == states.ONGOING:
            self._row.become(states.CANCELLING)
            self._row.notify(_CANCEL, _PHASE.START)
        self._row.become(states.CANCELLED, reason)
        self._row.notify(_CANCEL, _PHASE.END)

    def _hear(self, text: str) -> None:
        """Remember where the action stands, and show it now and then.

        The last word is kept as the message of an action that succeeds.
        """
        self._said = text
        if self.state in (states.ONGOING, states.CANCELLING):
            self._row.show(text, self._clock())
