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

"""The view of a plan in lines, one a change."""

from typing import TextIO

from zone_migration.logic import messages
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import states
from zone_migration.osc import follow
from zone_migration.osc import outage
from zone_migration.osc import plan_progress
from zone_migration.osc import records
from zone_migration.osc import terminal

#: The least seconds between two lines on the whole plan, or on an outage.
_EVERY = 30.0


class PlainView:
    """Writes a line for each change of an action, and of the plan at times.

    :param output: where to.
    :param name: what the plan is called by.
    """

    def __init__(
        self, output: TextIO, follower: follow.Follower, name: str
    ) -> None:
        self._output = output
        self._follower = follower
        self._name = name
        # Of the last line; None before the first, '' if it had none.
        self._date: str | None = None
        # By action, the phase that was told last.
        self._phases: dict[str, tuple[str, str]] = {}
        self._state = ''
        self._note = ''
        self._words: str | None = None
        self._words_due = 0.0
        self._is_away_told = False
        self._away_due = 0.0

    def __enter__(self) -> 'PlainView':
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing has to be cleared away."""

    def pause(self) -> None:
        """Begin a line: the terminal has written ``^C`` into this one."""
        self.say('')

    def resume(self) -> None:
        """Nothing has to be drawn again."""

    def say(self, line: str) -> None:
        """Write a line."""
        terminal.write(self._output, messages.escaped(line))

    def show(self) -> None:
        """Write what the follower's last look has shown."""
        if self._is_away_told:
            self._is_away_told = False
            self._say_at(self._now(), ['Watcher answers again.'])
        news = self._follower.news
        while news:
            self._tell(news[0])
            del news[0]
        self._tell_plan()

    def away(self, error: Exception) -> None:
        """Write that Watcher does not answer, now and then."""
        if self._follower.clock() >= self._away_due:
            self._away_due = self._follower.clock() + _EVERY
            self._is_away_told = True
            seconds = self._follower.silent_for()
            self._say_at(self._now(), [outage.told(error, seconds)])

    def _tell(self, action: records.Action) -> None:
        """Write what became of an action, unless it was told."""
        phase = plan_progress.phase(action)
        before = self._phases.get(action.uuid, ('PENDING', ''))
        if phase == before or plan_progress.was_not_started(action):
            self._phases[action.uuid] = phase
            return
        text = plan_progress.without_phase(action.message)
        if not states.has_ended(action.state):
            # Without the time of its begin, which is that of the line.
            text = action_text.read(action.message).text
        if plan_progress.is_of_host(action):
            text = text or plan_progress.route(action)
        type_ = plan_progress.type_words(action)
        words = [action.name, type_, action.state, text]
        if plan_progress.is_not_moved(action):
            remedy = plan_progress.remedy(action, self._name)
            words += [f'(remedy: {remedy})'] if remedy else []
        self._say_at(action.updated_at, words)
        # Control-C may come before: twice is better than never.
        self._phases[action.uuid] = phase

    def _tell_plan(self) -> None:
        """Write where the whole stands, when it is time to."""
        progress = self._follower.progress
        state, note = progress.plan.state, self._follower.note
        if (state, note) != (self._state, self._note):
            if note:
                self._say_at(self._now(), ['plan', state, note])
            self._state, self._note = state, note
            self._words, self._words_due = None, 0.0
        if note or self._follower.clock() < self._words_due:
            return
        words = progress.picture().words
        if words != self._words:
            stamp = progress.updated_at or self._now()
            self._say_at(stamp, ['plan', state, words])
            self._words = words
            self._words_due = self._follower.clock() + _EVERY

    def _now(self) -> str:
        """The time, as Watcher writes it."""
        return self._follower.applier_clock.now()

    def _say_at(self, stamp: str, words: list[str]) -> None:
        """Write a line with the time that Watcher gives it."""
        date = stamp[:10] or self._date or ''
        if self._date is None:
            self.say(f"{date} plan '{self._name}', times are UTC".lstrip())
        elif date != self._date:
            self.say(date)
        self._date = date
        line = ' '.join(word for word in words if word)
        self.say(f'{stamp[11:19] or "--:--:--"} {line}')
