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

"""The words for what becomes of the items of a plan."""

from zone_migration.logic.plan import planned_actions
from zone_migration.logic.schedule import host_changes

CANNOT = 'cannot move'
LEFT_OUT = 'left out'
THERE = 'already there'
STAYS = 'stays as it is'
UNCHANGED = 'backend stays as it is'

SERVER = 'server'
VOLUME = 'volume'
HOST = 'host'

#: By type of action: what its resource is, and what becomes of it.
MOVES = {
    planned_actions.LIVE_MIGRATION: (SERVER, 'migrates live'),
    planned_actions.COLD_MIGRATION: (SERVER, 'migrates cold'),
    planned_actions.SHELVE_OFFLOAD: (SERVER, 'is offloaded'),
    planned_actions.CONFIRM_RESIZE: (SERVER, 'resize is confirmed'),
    planned_actions.VOLUME_MIGRATION: (VOLUME, 'volume migrates'),
    planned_actions.VOLUME_RETYPE: (VOLUME, 'volume is retyped'),
    planned_actions.VOLUME_UPDATE: (VOLUME, 'volume moves in use'),
    # Of a cold migration that has this parameter.
    'downtime': (SERVER, 'migrates cold, with downtime'),
    # Of moves that confirm a resize first.
    f'{planned_actions.LIVE_MIGRATION} confirm_resize': (
        SERVER,
        'is confirmed, migrates live',
    ),
    f'{planned_actions.COLD_MIGRATION} confirm_resize': (
        SERVER,
        'is confirmed, migrates cold',
    ),
    'downtime confirm_resize': (
        SERVER,
        'is confirmed, migrates cold, with downtime',
    ),
}

_NOUNS = [kind.short for kind in host_changes.KINDS]

#: What becomes of hosts and backends.
CHANGES = [f'{n} is {v}d' for v in ('disable', 'enable') for n in _NOUNS]
STAY = (STAYS, UNCHANGED)

#: What becomes of what leaves its place.
MOVING = tuple(becomes for _, becomes in MOVES.values())

#: What leaves a place, and goes nowhere.
LEAVING = ('is offloaded', 'resize is confirmed')

#: What the rows are grouped by, in this order.
ORDER = (CANNOT, LEFT_OUT, THERE, *STAY, *CHANGES, *MOVING)

#: How one, and how several, of a group are counted.
COUNTED = {
    'migrates live': ('{} live', '{} live'),
    'migrates cold': ('{} cold', '{} cold'),
    'is confirmed, migrates live': ('{} live once confirmed',) * 2,
    'is confirmed, migrates cold': ('{} cold once confirmed',) * 2,
    'is confirmed, migrates cold, with downtime': (
        '{} with downtime once confirmed',
    )
    * 2,
    'migrates cold, with downtime': ('{} with downtime',) * 2,
    'is offloaded': ('{} to offload', '{} to offload'),
    'resize is confirmed': ('{} resize to confirm', '{} resizes to confirm'),
    'volume migrates': ('{} volume', '{} volumes'),
    'volume is retyped': ('{} volume to retype', '{} volumes to retype'),
    'volume moves in use': ('{} volume in use', '{} volumes in use'),
    THERE: ('{} already there', '{} already there'),
    CANNOT: ('{} cannot move', '{} cannot move'),
    LEFT_OUT: ('{} left out', '{} left out'),
    **{
        f'{n} is {v}d': tuple(f'{{}} {n}{s} to {v}' for s in ('', 's'))
        for v in ('disable', 'enable')
        for n in _NOUNS
    },
    STAYS: ('{} host stays as it is', '{} hosts stay as they are'),
    UNCHANGED: ('{} backend stays as it is', '{} backends stay as they are'),
}
