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

"""A clock, an event, compute hosts, and a broken cloud, for tests.

Time passes only when somebody waits.
"""

import contextlib
import dataclasses
import itertools
import threading

from zone_migration.client import exception as client_exception
from zone_migration.logic import resources


def distinct(said: list[str]) -> list[str]:
    """What was said, without repetitions in a row."""
    return [text for text, _ in itertools.groupby(said)]


class Time:
    """The time, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        """The time now, as ``time.monotonic`` gives it."""
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Interrupt:
    """A ``threading.Event`` that is set at a time, and waits for free."""

    def __init__(self, time: Time, at: float | None = None) -> None:
        self._time = time
        self.at = at

    def is_set(self) -> bool:
        """Whether the time has come."""
        return self.at is not None and self._time.now >= self.at

    def set(self) -> None:
        """Now is the time."""
        self.at = self._time.now

    def wait(self, timeout: float) -> bool:
        """Let the time pass, as far as it has to."""
        if self.is_set():
            return True
        end = self._time.now + timeout
        if self.at is not None and self.at <= end:
            self._time.now = self.at
            return True
        self._time.now = end
        return False


class Hosts:
    """Nova, as far as it knows compute hosts; a border and an ``osc``."""

    def __init__(self, **reasons) -> None:
        #: The hosts by name; a reason disables one, None does not.
        self.seen = {
            name: resources.ComputeHost(
                name,
                enabled=reason is None,
                up=True,
                disabled_reason=reason or '',
            )
            for name, reason in reasons.items()
        }
        #: What enabling or disabling a host raises, by its name.
        self.refusals: dict[str, Exception] = {}
        #: What listing the hosts raises.
        self.trouble: client_exception.CloudError | None = None
        #: What was asked to be enabled.
        self.asked: list[str] = []

    @property
    def nova(self):
        """The border to Nova."""
        return self

    @property
    def enabled(self) -> list[str]:
        """The names of those that are enabled."""
        return [name for name, host in self.seen.items() if host.enabled]

    def hosts(self):
        """All of them, by name."""
        if self.trouble is not None:
            raise self.trouble
        return dict(self.seen)

    def set(self, name: str, reason: str | None) -> None:
        """Disable one with a reason, or enable it."""
        self.seen[name] = dataclasses.replace(
            self.seen[name],
            enabled=reason is None,
            disabled_reason=reason or '',
        )

    def enable_host(self, name: str) -> None:
        """Enable it, unless the test wants it otherwise."""
        self.asked.append(name)
        if name in self.refusals:
            raise self.refusals[name]
        self.set(name, None)

    def disable_host(self, name: str, reason: str) -> None:
        """Disable it, unless the test wants it otherwise."""
        if name in self.refusals:
            raise self.refusals[name]
        self.set(name, reason)


class Meeting:
    """Makes a thing each time it is called, and waits for another caller.

    So two threads make two at once, unless one is kept from it for so long.
    """

    def __init__(self) -> None:
        self._both = threading.Barrier(2)
        #: What was made, and whether two callers were there at once.
        self.made: list[object] = []
        self.met = False

    def __call__(self, *_args, **_options) -> object:
        with contextlib.suppress(threading.BrokenBarrierError):
            self._both.wait(0.2)
            self.met = True
        self.made.append(object())
        return self.made[-1]


def in_two_threads(function) -> None:
    """Call it in two threads, and wait for both."""
    both = [threading.Thread(target=function) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()


class BrokenCloud:
    """A cloud that raises the same, whatever it is asked."""

    def __init__(self, error) -> None:
        self._error = error

    def __getattr__(self, name):
        raise self._error
