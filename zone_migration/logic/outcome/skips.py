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

"""What it means that an action is SKIPPED, read from its message.

Watcher has one state for what nobody needs to look after and for what needs a
person.
"""

from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import states
from zone_migration.logic.preflight import already_there

THERE = 'already there'
#: It was known before the plan was started.
CANNOT = 'cannot move'
#: By whoever started the plan.
LEFT_OUT = 'left out'
#: While the plan ran.
SKIPPED = 'skipped'

#: What the engines begin a message with that is written while a plan runs.
_WHILE_IT_RUNS = ('Action was skipped automatically: ', states.ORPHANED)

#: What the message of a CANCELLED action begins with that was not SKIPPED
#: before, unless it tells how long the action ran, or since when.
_OF_CANCELLED = (
    'not started',
    'not tried again',
    'cancelled before it was started',
    'waits',
    'begun before the restart',
    'the applier on ',
    'Action was cancelled',
    'Action failed',
)


def kind(message: str) -> str:
    """What became of a server or volume whose action is SKIPPED.

    >>> kind('the server is already on c2'), kind('the server is locked')
    ('already there', 'cannot move')
    >>> kind('Action skipped by user. Reason: not tonight')
    'left out'
    >>> kind('Action was skipped automatically: the server is on c3, not c1')
    'skipped'
    """
    if message.startswith(action_text.BY_USER):
        return LEFT_OUT
    if already_there.is_told(message):
        return THERE
    if not message or message.startswith(_WHILE_IT_RUNS):
        return SKIPPED
    return CANNOT


def is_kept(message: str) -> bool:
    """Whether the message of a CANCELLED action is that of a SKIPPED one.

    Cancelling a plan that was not begun changes the states of all its
    actions, and leaves their messages as they are.

    >>> is_kept('the server is locked: unlock it')
    True
    >>> is_kept('the server is back on c1 (after 3.0 s)')
    False
    """
    told = action_text.read(message)
    return bool(
        message
        and told.took is None
        and not told.since
        and not message.startswith(_OF_CANCELLED)
    )
