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

"""The view of a plan until its end, and what Control-C does to it."""

from collections.abc import Callable
import contextlib
import os
import threading
import time
from typing import Any

from zone_migration.osc import asking
from zone_migration.osc import cancelling
from zone_migration.osc import exit_codes
from zone_migration.osc import follow
from zone_migration.osc import plain_view
from zone_migration.osc import plan_end
from zone_migration.osc import records
from zone_migration.osc import signals
from zone_migration.osc import terminal
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

_QUESTION = (
    'Leave (the plan goes on), cancel the plan, or go on watching? [l/c/G]'
)

#: What is asked while the plan is being cancelled already.
_QUESTION_THEN = (
    'Leave (the plan is being cancelled), or go on watching? [l/G]'
)


class View:
    """A plan on the screen, until it ends or the user leaves.

    :param app: the shell, whose streams are used.
    :param name: what the plan is called by.
    :param is_plain: whether lines are wanted, also on a terminal.
    :param clock: gives seconds, and goes forward.
    :param wait: waits for so many seconds.
    """

    def __init__(
        self,
        app: Any,
        watcher: watcher_api.Watcher,
        plan: records.Plan,
        name: str,
        is_plain: bool = False,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Any] | None = None,
    ) -> None:
        self._app = app
        self._watcher = watcher
        self._name = name
        self._is_plain = is_plain
        self._wait = wait or threading.Event().wait
        self._follower = follow.Follower(watcher, plan, clock)
        #: What is told of the plan to who leaves.
        self._goes_on = 'The plan goes on.'

    def run(self) -> int:
        """Show the plan until it ends, and return an exit code.

        :raises WatcherError: when Watcher refuses, or the plan is deleted.
        """
        terminal.write_any_character(self._app.stdout)
        try:
            with self._watcher.asked_repeatedly():
                return self._run()
        except BrokenPipeError:
            # Nobody reads any more.  Python flushes again when it ends.
            with contextlib.suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, self._app.stdout.fileno())
            return exit_codes.LEFT

    def _run(self) -> int:
        view = self._chosen()
        try:
            with view:
                self._until_left(view)
        except signals.Received as signal:
            self._deliver(view, signal)
        output = self._app.stdout
        if not self._follower.has_ended:
            if self._follower.progress.plan.state == 'CANCELLING':
                self._goes_on = cancelling.UNDER_WAY
            terminal.write_command(
                output,
                f'{self._goes_on} To see it again:',
                plan_end.command_line('watch', self._name),
            )
            return exit_codes.LEFT
        progress = self._follower.progress
        actions = list(progress.actions.values())
        for line in plan_end.lines(
            progress.plan, actions, self._name, terminal.width(output)
        ):
            print(line, file=output, flush=True)
        return plan_end.exit_code(progress.plan, actions)

    def _until_left(self, view: Any) -> None:
        """Show the plan until it ends or the user leaves."""
        while True:
            try:
                try:
                    view.resume()
                    self._follow(view)
                    break
                except KeyboardInterrupt:
                    with self._follower.unasked():
                        is_left = self._is_left(view)
                    if is_left:
                        break
            except signals.Received as signal:
                with self._follower.unasked():
                    self._deliver(view, signal)

    def _deliver(self, view: Any, signal: signals.Received) -> None:
        """Clear the view away, and let a signal do its work.

        Another one may come meanwhile.
        """
        try:
            view.pause()
        except signals.Received as another:
            self._deliver(view, another)
        signal.deliver()

    def _follow(self, view: Any) -> None:
        """Look at the plan again and again, until it has ended."""
        while not self._follower.has_ended:
            try:
                self._follower.look()
            except watcher_errors.Unavailable as error:
                view.away(error)
            else:
                view.show()
            if not self._follower.has_ended:
                self._wait(follow.INTERVAL)
        view.show()

    def _chosen(self) -> Any:
        """The view that fits the output."""
        if self._is_plain or not terminal.can_draw(self._app):
            return plain_view.PlainView(
                self._app.stdout, self._follower, self._name
            )
        # rich takes a moment to import.
        from rich import console

        from zone_migration.osc import live_view

        return live_view.LiveView(
            console.Console(file=self._app.stdout, highlight=False),
            self._follower,
            self._name,
        )

    def _is_left(self, view: Any) -> bool:
        """Ask what Control-C was meant for; another one leaves."""
        if not asking.is_possible(self._app):
            return True
        is_cancelled = self._follower.progress.plan.state == 'CANCELLING'
        question = _QUESTION_THEN if is_cancelled else _QUESTION
        try:
            view.pause()
            answer = asking.ask(self._app, question)
            if answer in ('c', 'cancel') and not is_cancelled:
                self._cancel(view)
            elif answer in ('l', 'leave'):
                return True
        except KeyboardInterrupt:
            print(file=self._app.stdout)
            return True
        return False

    def _cancel(self, view: Any) -> None:
        """Cancel the plan; what keeps it from that is shown."""
        before = self._goes_on
        self._goes_on = f'{cancelling.UNKNOWN}.'
        try:
            plan = self._follower.progress.plan
            plan = cancelling.cancel(self._watcher, plan)
        except watcher_errors.Unavailable as error:
            view.say(str(error))
        except watcher_errors.WatcherError as error:
            self._goes_on = before
            view.say(f'The plan is not cancelled: {error}')
        else:
            self._goes_on = cancelling.told(plan).replace(
                f' {cancelling.MEANING}', ''
            )
            view.say(cancelling.told(plan))
