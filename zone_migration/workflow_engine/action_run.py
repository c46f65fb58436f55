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

"""The life of one action, from its pre-condition to its end.

It is that of Watcher's own engine (``watcher.applier.workflow_engine``), which
is written against TaskFlow and cannot be used without it.
"""

from collections.abc import Callable
import threading
import time

from oslo_log import log
from watcher.common import exception as watcher_exception
from watcher.objects import fields

from zone_migration import exception
from zone_migration.engine_interfaces import reporter
from zone_migration.logic.outcome import states
from zone_migration.logic.plan import planned_actions
from zone_migration.workflow_engine import action_abort
from zone_migration.workflow_engine import action_attempts
from zone_migration.workflow_engine import action_end
from zone_migration.workflow_engine import action_row
from zone_migration.workflow_engine import action_times
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import resumption

LOG = log.getLogger(__name__)


class ActionRun:
    """One action of a plan, run in a thread of its own.

    :param db_action: the action, as Watcher's database has it.
    :param make_action: gives the action's instance, its parameters checked.
    :param owner: whether the plan is run here; if not, PlanIsLost is raised.
    :param on_destination: told where the resource goes to, once it is known.
    :param clock: gives seconds, and goes forward.
    :param waits_since: for how long it waits already, in seconds.
    :param attempts: how often it is tried that has harmed nothing.
    """

    def __init__(
        self,
        context,
        db_action,
        make_action: Callable,
        owner: ownership.Ownership,
        on_destination: Callable[[str], None] = lambda destination: None,
        clock: Callable[[], float] = time.monotonic,
        waits_since: float = 0.0,
        attempts: int = 1,
    ) -> None:
        self._row = action_row.ActionRow(context, db_action, owner)
        self._owner = owner
        self._make_action = make_action
        self._on_destination = on_destination
        self._action = None
        #: Of the last try: :meth:`requeue` or :meth:`give_up` is to follow.
        self.retryable_error: exception.MoveError | None = None
        self._last_report = ''
        self._clock = clock
        self._abort = action_abort.ActionAbort(self._row)
        #: What an applier has done of it before a restart.
        self.before = resumption.Before(db_action)
        moves = db_action.action_type in planned_actions.ACTION_TYPES
        #: What it has come to so far, in this run of the plan and before.
        self.attempts = action_attempts.ActionAttempts(
            self.message if moves else '', attempts
        )
        self._times = action_times.ActionTimes(
            clock, waits_since, self.before.begun_at, self.attempts
        )
        self._end = action_end.ActionEnd(self._row, self._abort, self._times)

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
        """The action's status message."""
        return self._row.message

    @property
    def tries(self) -> int:
        """How often it has been executed."""
        return self._times.tries

    @property
    def is_as_before(self) -> bool:
        """Whether it is what was begun before a restart still."""
        return self.before.begun and not self.tries

    @property
    def name(self) -> str:
        """The resource of the action, or the action's type and UUID."""
        return self._row.name

    def run(self, waited_for: str = '') -> None:
        """Run the action to its end, or until it needs another try.

        Nothing is raised but PlanIsLost.

        :param waited_for: what it has waited for; '' if that is not known.
        """
        with self._end.guard():
            self.retryable_error = None
            self.attempts.begin()
            self._times.begin(waited_for)
            if not self._end.skipped_before():
                self._run()
                self._times.stop()

    def _run(self) -> None:
        """Take the action through its phases, and end it as they ended."""
        self._end.phase = 'pre_condition'
        try:
            self._make()
            self._action.pre_condition()
            if self._begin():
                self._execute()
        except watcher_exception.ActionSkipped as error:
            if self.before.is_done(error) or (
                self.attempts.earlier
                and isinstance(error, exception.HasArrived)
            ):
                if self.state == states.PENDING:
                    self._row.set_state(states.ONGOING)
                self._end.succeed(self.before.done_text(error))
                return
            if self.state == states.PENDING:
                self._end.skip(f'Action was skipped automatically: {error}')
                return
            # Too late to be skipped, under Watcher's own engine as well.
            self._end.fail(str(error), error)
        except exception.MoveCancelled as error:
            self._end.end_early(str(error), error)
        except exception.ServiceUnavailable as error:
            if self._end.phase == 'execute':
                # It has not begun.
                self._times.tries -= 1
            self.retryable_error = error
            return
        except exception.MoveError as error:
            if error.is_worth_another:
                self.retryable_error = error
                return
            self._end.raised(error)
        except Exception as error:  # noqa: B902, BLE001
            # Whatever an action of whichever plugin raises ends that action
            # and no other.
            self._end.raised(error)
        self._post_condition()

    def _make(self) -> None:
        """Make the action's instance, and let it tell where it stands."""
        self._action = self._make_action(self._row.db_action)
        if isinstance(self._action, reporter.Reporter):
            self._times.are_told = True
            self._action.report = self._on_report
            self._action.on_destination = self._go_to
            self._action.plan_is_cancelled = self._abort.is_wanted
            self._action.is_repeated = bool(self.attempts.earlier)
            self._action.failed_at = self.attempts.failed_at
            # What was tried here has ended.
            self._action.begun_at = '' if self.tries else self.before.begun_at
            # A request that seemed to be lost may have come late.
            self._action.may_have_begun = (
                self.before.may_have_begun or self.attempts.has_lost
            )

    def _begin(self) -> bool:
        """Make it ONGOING, unless the plan was cancelled meanwhile."""
        if not self._abort.stopped:
            # While it is PENDING still, as Watcher's own engine does.
            self._row.notify(
                fields.NotificationAction.EXECUTION,
                fields.NotificationPhase.START,
            )
        if not self._abort.stopped:
            self._row.set_state(states.ONGOING, self._times.started())
        is_ours_as_before = self.is_as_before and self._times.are_told
        if self._abort.let_execute(
            self._action, is_ours_as_before and self._action.is_under_way
        ):
            return True
        reason = 'cancelled before it was started'
        if self.is_as_before:
            self._end.abandon()
        elif self.state == states.PENDING:
            self._row.set_state(
                states.CANCELLED, self.attempts.waiting(reason)
            )
        else:
            self._end.cancel(reason)
        return False

    def _execute(self) -> None:
        """Execute the action.

        :raises ActionExecutionFailure: when it says that it has failed.
        """
        self._end.phase = 'execute'
        self._times.tries += 1
        if self._action.execute() is not True:
            # What Watcher's own actions return when they have failed, or
            # were aborted.
            raise watcher_exception.ActionExecutionFailure(action_id=self.uuid)
        done = 'done' if self._times.are_told else ''
        self._end.succeed((self._last_report or done) + self._times.tried)

    def _post_condition(self) -> None:
        """Check the post-condition of an action that was made."""
        if self._action is None:
            return
        self._end.phase = 'post_condition'
        try:
            self._action.post_condition()
        except Exception as error:  # noqa: B902, BLE001 (as above)
            self._end.raised(error)

    def skip(self, reason: str) -> None:
        """End an action that was never started; nothing is raised."""
        with self._end.guard():
            self._end.skip(reason)

    def requeue(self, until: str, fails: bool = False) -> None:
        """Let the action wait for another try, after :attr:`retryable_error`.

        Nothing is raised: it is PENDING then, or ONGOING still where it was
        begun before a restart, or has ended.

        :param until: what it waits for.
        :param fails: whether the next try is another attempt.
        """
        with self._end.guard():
            state, text = states.PENDING, f'waits until {until}'
            if fails:
                self._times.fail_attempt(str(self.retryable_error))
            else:
                text += f'{self._times.tried}: {self.retryable_error}'
            if self.is_as_before:
                # It stays what was begun, whoever looks at it next.
                state, text = self.state, self._times.running(text)
            else:
                text = self.attempts.waiting(text)
            self._row.set_state(state, text)
            if fails:
                # It is kept with the other attempts.
                self.retryable_error = None

    def give_up(self) -> None:
        """End the action with :attr:`retryable_error`, or as begun before."""
        with self._end.guard():
            if self.state == states.PENDING and self._end.skipped_before():
                return
            self._end.give_up(
                self.retryable_error, self._times.tried, self.is_as_before
            )
            self._post_condition()

    def leave(self, reason: str) -> None:
        """Let an action be that was tried and waits, as the plan ends early.

        Nothing is raised; it stays PENDING, and Watcher sees to its state.

        :param reason: that of the end.
        """
        with self._end.guard():
            text = f'not tried again: {reason}'
            if self.retryable_error:
                text += f': {self.retryable_error}'
            self._row.set_state(states.PENDING, self._times.ended_early(text))

    def break_off(self, error: Exception) -> None:
        """End an action that cannot be started; nothing is raised."""
        with self._end.guard():
            raise error

    def stop(self) -> None:
        """Do not begin to execute it, if that has not begun."""
        self._abort.stop()

    def cancel(self) -> threading.Thread:
        """Ask a running action to end early, where it can be.

        :returns: the thread that does it, for which nobody needs to wait.
        """
        return self._abort.start()

    def revert(self) -> None:
        """Take back what the action has done.

        :raises WatcherException: when it cannot be taken back.
        """
        LOG.warning('Reverting action %s', self.uuid)
        if self._action is None:
            self._make()  # It has succeeded before the restart.
        self._owner.check()  # It may have been made for another run.
        self._action.revert()

    def _go_to(self, destination: str) -> None:
        """Tell where the resource goes to, and keep it for later attempts."""
        self.attempts.go_to(destination)
        self._on_destination(destination)

    def _on_report(self, text: str) -> None:
        """Remember where the action stands, and show it now and then."""
        self._owner.check()
        self._last_report = text
        if self.state in (states.ONGOING, states.CANCELLING):
            self._row.show(self._times.running(text), self._clock())
