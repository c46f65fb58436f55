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

"""The outcome of an operation: running, done, failed or cancelled.

Where one look cannot decide, the outcome is provisional and the waiting loop
asks for it to hold (:mod:`zone_migration.waiting`).
"""

import dataclasses
import enum


class Kind(enum.Enum):
    """The kinds of outcomes."""

    RUNNING = 'running'
    DONE = 'done'
    FAILED = 'failed'
    #: Ended by request, with the resource where it was.
    CANCELLED = 'cancelled'


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The outcome of an operation; ``text`` tells the operator."""

    kind: Kind
    text: str
    #: Not certain from one look: it must hold for a while.
    provisional: bool = False
    #: It waits for its turn: that nothing changes is no lack of progress.
    queued: bool = False
    #: See :func:`server_outcomes.is_stranded`.
    stranded: bool = False


def running(text: str) -> Outcome:
    """It goes on; the text says where it stands."""
    return Outcome(Kind.RUNNING, text)


def done(text: str, provisional: bool = False) -> Outcome:
    """The resource is where it should be."""
    return Outcome(Kind.DONE, text, provisional)


def failed(text: str, provisional: bool = False) -> Outcome:
    """It has ended, and the resource is not where it should be."""
    return Outcome(Kind.FAILED, text, provisional)
