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

"""An action that does what a test tells it."""

import threading
from typing import Any

from zone_migration import waiting
from zone_migration.engine_interfaces import reporter


class ForeignAction:
    """An action that does what it is told; an exception is raised."""

    def __init__(
        self, pre=None, execute=True, post=None, revert=None, can_abort=True
    ):
        self.calls = []
        self.aborted = threading.Event()
        self._pre = pre
        self._execute = execute
        self._post = post
        self._revert = revert
        self._can_abort = can_abort

    def pre_condition(self):
        self._do('pre_condition', self._pre)

    def execute(self):
        return self._do('execute', self._execute)

    def post_condition(self):
        self._do('post_condition', self._post)

    def revert(self):
        self._do('revert', self._revert)

    def check_abort(self):
        return self._can_abort

    def abort(self):
        self.calls.append('abort')
        self.aborted.set()

    def _do(self, name, what):
        self.calls.append(name)
        if callable(what):
            what = what(self)
        if isinstance(what, BaseException):
            raise what
        return what


class Services:
    """The module ``services``, as the engine uses it."""

    def __init__(self) -> None:
        #: Why one cannot be read, by its name; an exception is raised.
        self.away: dict[str, str | Exception] = {}
        #: What was asked for.
        self.asked: list[str] = []
        #: How many looks have shown nothing.
        self.in_vain = 0

    def confirm_changes(self, osc, confirm):
        """Nothing is changed in a cloud."""

    def last_failure(self, osc, name):
        """Why the last look has shown nothing."""
        self.asked.append(name)
        reason = self.away.get(name, '')
        return reason if isinstance(reason, str) else ''

    def look(self, osc, name):
        """Look now."""
        reason = self.away.get(name, '')
        if isinstance(reason, Exception):
            raise reason
        if reason:
            self.in_vain += 1
            raise waiting.ObservationFailed(reason)


class InFlight:
    """The module ``in_flight``, as the engine uses it."""

    def __init__(self) -> None:
        #: What moves, by service; an exception is raised, and a function
        #: called.
        self.shown: dict[str, Any] = {}
        #: The services that were asked.
        self.asked: list[str] = []

    def migrations(self, osc):
        """The migrations of servers that are in flight now."""
        found = self.shown.get('queues', [])
        return found() if callable(found) else found

    def moves(self, osc, service):
        """What moves now."""
        self.asked.append(service)
        found = self.shown.get(service, [])
        if isinstance(found, BaseException):
            raise found
        return found() if callable(found) else found


class Action(ForeignAction, reporter.Reporter):
    """One of this plugin, which says a word when it executes."""

    def __init__(self, say='', **script):
        super().__init__(**script)
        self._say = say

    def execute(self):
        if self._say:
            self.report(self._say)
        return super().execute()
