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


"""The times of one action: how long it has waited and run.

Watcher keeps only when an action was last changed, so its messages tell them.
Those of actions of other plugins stay as they are under Watcher's own engine.
"""

from collections.abc import Callable

from oslo_utils import timeutils

from zone_migration.logic.outcome import action_text
from zone_migration.workflow_engine import action_attempts
from zone_migration.workflow_engine import resumption


class ActionTimes:
    """The times of one action, which waits from when this is made.

    :param clock: gives seconds, and goes forward.
    :param waits_since: for how long it waits already, in seconds.
    :param begun_at: when an applier had begun it that was stopped meanwhile,
        ``2026-11-28 03:14:05``, UTC; '' where none had.
    :param attempts: what its messages tell beside; none by default.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        waits_since: float = 0.0,
        begun_at: str = '',
        attempts: action_attempts.ActionAttempts | None = None,
    ) -> None:
        self._clock = clock
        self._made = clock() - waits_since
        self._begun_at = begun_at
        self.attempts = attempts or action_attempts.ActionAttempts('')
        self._began: float | None = None
        self._stopped: float | None = None
        #: How long the tries before this one ran, in seconds.
        self._ran_before = 0.0
        self._since = ''
        self._waited_for = ''
        #: Whether the messages of the action tell them.
        self.are_told = False
        #: How often it has been executed, in all and in attempts that failed.
        self.tries = self._tries_before = 0

    def begin(self, waited_for: str) -> None:
        """It runs from now on, for the first time or again.

        :param waited_for: what it has waited for last; '' if that is not
            known.
        """
        if self._began is not None and self._stopped is not None:
            if self.tries or not self._begun_at:
                self._ran_before += self._stopped - self._began
        self._began, self._stopped = self._clock(), None
        self._since = f'{timeutils.utcnow():%Y-%m-%d %H:%M:%S}'
        if self._begun_at and not self.tries:
            self._since = self._begun_at
            self._began -= resumption.seconds_since(self._since)
        self._waited_for = waited_for

    @property
    def tried(self) -> str:
        """Words for how often this attempt was tried; '' if once."""
        times = self.tries - self._tries_before
        return f' (tried {times} times)' if times > 1 else ''

    def fail_attempt(self, text: str) -> None:
        """Let the next attempt follow one that has come to this."""
        self.attempts.fail(text + self.tried)
        self._tries_before = self.tries

    def stop(self) -> None:
        """It does not run any more; it may have to be tried again."""
        self._stopped = self._clock()

    def running(self, text: str) -> str:
        """The message of the action while it runs."""
        if not self.are_told:
            return text
        return action_text.running(
            self.attempts.going_on(text), self._since
        )

    def started(self) -> str:
        """The message of the action until it says something.

        '' where it is to keep the one that it has.
        """
        return self.running('started') if self.are_told else ''

    def ended(self, text: str, well: bool = False) -> str:
        """The message of the action in the end.

        :param text: what has become of it.
        :param well: whether it has done what it should.
        """
        if well:
            text = self.attempts.going_on(text)
        if not self.are_told or self._began is None:
            return text
        stopped = self._clock() if self._stopped is None else self._stopped
        return action_text.ended(
            text,
            stopped - self._began,
            self._began - self._made - self._ran_before,
            self._waited_for,
            well,
        )

    def ended_early(self, text: str) -> str:
        """The message of one that was skipped or cancelled.

        It tells no times where nothing was done, as in a pre-condition.
        """
        text = self.attempts.waiting(text)
        return self.ended(text) if self.tries else text
