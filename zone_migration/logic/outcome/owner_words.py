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

"""Why something was not moved, for its owner.

The reasons of actions are for operators: they name hosts and pools that an
owner does not know, and end in what an operator can do.
"""

import re

from zone_migration.logic.outcome import attempts

#: By what a reason contains, the first that fits.  Names of hosts, pools and
#: types stand in reasons: a type may be called "encrypted".
_WORDS = (
    (r'not found: deleted|was deleted|is gone', 'it does not exist any more'),
    (r'^its volume (.+?) cannot move', r'its volume \1 cannot move'),
    (r'is locked', 'it is locked'),
    (r'has snapshots', 'it has snapshots'),
    (r'the volume is in group', 'it is in a volume group'),
    (r'is replicated\b', 'it is replicated'),
    (r'attached to \S+ servers', 'it is attached to several servers'),
    (r'has no quota', 'its project has no quota left for the new type'),
    (r'shares of Manila', 'it has shares of Manila'),
    (
        r'migrates no (port|accelerator)|cannot be migrated live: ',
        'it has a device that cannot be moved',
    ),
    (
        r'is encrypted\b|encryption provider|has encryption',
        'its encryption does not allow it',
    ),
    (
        r'is (a )?multiattach\b|QoS specs|Invalid volume type',
        'its type does not allow it',
    ),
    (
        r'server \S+ is ([A-Z_]+), not ACTIVE',
        r'its server is \1 and has to run for it',
    ),
    (
        r'is busy|Cinder is moving|in flight|not show its migration',
        'another operation on it is under way',
    ),
    (
        r'VERIFY_RESIZE|for a resize|for a migration to|be confirmed|'
        r'for its confirmation',
        'it waits for a resize to be confirmed or reverted',
    ),
    (
        r'^(Action failed in \w+: )?the server is in ERROR',
        'the move failed, and the server is in ERROR',
    ),
    (r'lost the attachment', 'it is not attached to its server any more'),
    (r'unharmed', 'the move failed, and the volume is unharmed'),
    (r'volume is in (error\w*)', r'the move failed, and it is in \1'),
    (
        r'; the server is ([A-Z_]+) on',
        r'the move failed, and the server is \1',
    ),
    (r'the server is ([A-Z_]+) on', r'it is \1'),
    (r'guest of the server', 'its guest has shut down'),
    (r'the volume is (\S+?)[ :,]', r'it is \1'),
    (r'\bis on .*, not on|has left', 'it was moved before'),
    (r'server group', 'no other host satisfies its server group'),
    (
        r'availability zone|kept from the server',
        'no host that it may use could take it',
    ),
    (
        r'no room|No valid host|no other|every other pool|none of',
        'there was no room for it elsewhere',
    ),
    (r'nothing can leave it', 'the host that it is on is down'),
    (
        r'is (down|disabled)\b|does not serve type|not found: no such',
        'the place that it was to go to was not available',
    ),
    (
        r'no change for|may go on|may have|not known',
        'it is not known yet what became of the move',
    ),
    (r'is (unavailable|away)\b', 'the cloud was not available'),
    (r'^depends on action', 'something that has to move before it did not'),
)

#: By outcome, where the reason tells an owner nothing.
_OTHERWISE = {
    'failed': 'the move failed',
    'cancelled': 'the move was cancelled',
    'left out': 'the operators left it out',
    'not started': 'the move was not started',
}


def of(outcome: str, reason: str) -> str:
    """Why something was not moved, for its owner.

    >>> of('cannot move', 'the server is locked: unlock it')
    'it is locked'
    >>> of('left out', 'not before the audit of the bank')
    'the operators left it out'

    :param outcome: what became of it, for instance ``failed``.
    :param reason: '' where none is known.
    """
    if outcome in ('failed', 'cannot move', 'skipped'):
        last = attempts.last(reason)
        for pattern, words in _WORDS:
            found = re.search(pattern, last)
            if found:
                return found.expand(words)
    return _OTHERWISE.get(outcome, 'it cannot be moved')
