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

"""The attempts of one action: how many it has, and what they have come to."""

from zone_migration.logic import messages
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import attempts

#: How much of a message of a failure the engine adds to the attempts: where
#: it has failed, how long that took and what it has waited for.
_AROUND = 60

#: What is told of a request whose answer was lost
#: (:class:`zone_migration.client.exception.AnswerLost`).
_LOST = 'may have done it or not'

#: How much ``(since 2026-11-28 03:14:05)`` takes.
_SINCE = len(action_text.running('', '2026-11-28 03:14:05'))


class ActionAttempts:
    """The attempts of one action.

    :param message: that of its row, in which an applier that was stopped
        meanwhile has left what they have come to.
    :param most: how many it has.
    """

    def __init__(self, message: str, most: int = 1) -> None:
        #: Those that have failed.
        self.earlier = attempts.read(action_text.read(message).text)
        self._most = most
        self._place = ''

    @property
    def number(self) -> int:
        """Which attempt goes on, or comes next."""
        return self.earlier[-1].number + 1 if self.earlier else 1

    @property
    def is_last(self) -> bool:
        """Whether no other follows this one."""
        return self.number >= self._most

    @property
    def failed_at(self) -> tuple[str, ...]:
        """The hosts or pools that those have gone to that have failed."""
        return tuple(one.place for one in self.earlier if one.place)

    @property
    def has_lost(self) -> bool:
        """Whether a request of one that has failed may have arrived since."""
        return any(_LOST in one.text for one in self.earlier)

    def begin(self) -> None:
        """It is executed again, in this attempt or the next."""
        self._place = ''

    def go_to(self, place: str) -> None:
        """This one goes to a host or pool that the plan does not name."""
        self._place = place

    def fail(self, text: str) -> None:
        """Let the next one follow.

        :param text: what this one has come to.
        """
        self.earlier.append(attempts.Attempt(self.number, self._place, text))
        self._place = ''

    def going_on(self, text: str) -> str:
        """The text of the attempt that goes on, with the earlier ones."""
        return attempts.beside(
            text, self.earlier, self.number, messages.LIMIT - _SINCE
        )

    def waiting(self, text: str) -> str:
        """The text of an action that waits, or has not begun the next."""
        return attempts.beside(
            text, self.earlier, limit=messages.LIMIT - _SINCE
        )

    def all_failed(self, text: str) -> str:
        """What each attempt has come to.

        :param text: what this one has, the last.
        """
        if not self.earlier:
            return attempts.unmarked(text)
        return attempts.told(
            [
                *self.earlier,
                attempts.Attempt(self.number, self._place, text),
            ],
            messages.LIMIT - _AROUND,
        )
