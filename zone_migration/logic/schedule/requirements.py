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

"""The slots that an action occupies while it runs."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import proofs

NOVA = 'Nova'
CINDER = 'Cinder'

#: The direction of a move and the kind of its place, by the parameter of an
#: action that names it: ours, and those of Watcher's own ``migrate``.
_SERVER_SLOTS = {
    'source': (occupancy.NODE, 'from'),
    'dst_hostname': (occupancy.NODE, 'to'),
    'source_node': (occupancy.NODE, 'from'),
    'destination_node': (occupancy.NODE, 'to'),
}
_VOLUME_SLOTS = {
    'source': (occupancy.POOL, 'from'),
    'dst_hostname': (occupancy.POOL, 'to'),
    # Of a retype, until its copy shows where it goes.
    'expected_pool': (occupancy.POOL, 'to'),
}

_SERVER_MOVES = frozenset({'live_migration', 'cold_migration', 'migrate'})
_VOLUME_MOVES = frozenset(
    {'volume_migration', 'volume_retype', 'volume_update'}
)

# A move that turns out to need more, like that of a server with volumes, asks
# for it then.
_SERVICES = {
    'live_migration': (NOVA,),
    'cold_migration': (NOVA,),
    'shelve_offload': (NOVA,),
    'confirm_resize': (NOVA,),
    'volume_migration': (CINDER,),
    'volume_retype': (CINDER,),
    'volume_update': (CINDER, NOVA),
    host_changes.CHANGE_BACKEND: (CINDER,),
}
_OF_PLACES = {proofs.HOST: (NOVA,), proofs.POOL: (CINDER,)}


def left_hosts(actions: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The hosts that servers of a plan leave, or that it empties.

    >>> sorted(left_hosts([
    ...     {'action_type': 'live_migration',
    ...      'input_parameters': {'source': 'c1', 'dst_hostname': 'c9'}},
    ...     {'action_type': 'verify_empty',
    ...      'input_parameters': {'resource_name': 'c2', 'place': 'host'}},
    ... ]))
    ['c1', 'c2']

    :param actions: each with ``action_type`` and ``input_parameters``.
    """
    found = set()
    for action in actions:
        given = action['input_parameters']
        found |= {
            slot[2]
            for slot in slots_of(action['action_type'], given)
            if slot[:2] == (occupancy.NODE, 'from')
        }
        found.add(host_changes.disabled_by(action))
        if proofs.place_kind(action) == proofs.HOST:
            found.add(str(given['resource_name']))
    return frozenset(filter(None, found))


def slots_of(
    action_type: str, parameters: Mapping[str, Any]
) -> tuple[occupancy.Slot, ...]:
    """The slots that an action occupies, besides its share of the total.

    >>> slots_of('live_migration', {'resource_id': 's', 'source': 'c1'})
    (('node', 'from', 'c1'), ('resource', 's'), ('queue', 'c1'))
    """
    places: Mapping[str, tuple[str, str]] = {}
    if action_type in _SERVER_MOVES:
        places = _SERVER_SLOTS
    elif action_type in _VOLUME_MOVES:
        places = _VOLUME_SLOTS
    slots: list[occupancy.Slot] = [
        (*place, str(parameters[name]))
        for name, place in places.items()
        if parameters.get(name)
    ]
    slots += [
        (occupancy.RESOURCE, str(parameters[name]))
        for name in ('resource_id', 'server_id')
        if parameters.get(name)
    ]
    if action_type == 'live_migration' and all(
        parameters.get(name) for name in ('source', 'resource_id')
    ):
        slots.append((occupancy.QUEUE, str(parameters['source'])))
    return tuple(slots)


def services_of(
    action_type: str, changes_our_host: bool = False, proves: str = ''
) -> tuple[occupancy.Slot, ...]:
    """The services without which an action of this plugin cannot begin.

    :param changes_our_host: whether it changes a compute host, or a backend,
        for this plugin.
    :param proves: the kind of place that it looks at in the end, '' for none.

    >>> services_of('volume_update')
    (('service', 'Cinder'), ('service', 'Nova'))
    >>> services_of('migrate')
    ()
    """
    names = _SERVICES.get(action_type, ()) or _OF_PLACES.get(proves, ())
    if changes_our_host and not names:
        names = (NOVA,)
    return tuple((occupancy.SERVICE, name) for name in names)


def destination_slot(action_type: str, place: str) -> occupancy.Slot:
    """The slot that a move occupies on the host, or in the pool, it goes to.

    >>> destination_slot('volume_update', 'block1@b1#b1')
    ('pool', 'to', 'block1@b1#b1')
    """
    return (
        occupancy.POOL if action_type in _VOLUME_MOVES else occupancy.NODE,
        'to',
        place,
    )


def given_up_for(
    slot: occupancy.Slot, held: Iterable[occupancy.Slot]
) -> list[occupancy.Slot]:
    """The slots that a move gives up, now that it occupies this one.

    A volume goes to one pool: to the one that is known now, instead of its
    backend, or of the pool that was expected.  A server goes to one host: to
    the one that it is sent to now, instead of the one where it has failed.

    >>> given_up_for(('pool', 'to', 'h@b#p'), [('pool', 'to', 'h@b')])
    [('pool', 'to', 'h@b')]
    """
    if slot[0] not in (occupancy.NODE, occupancy.POOL):
        return []
    return [other for other in held if other[:2] == slot[:2]]


def back(slot: occupancy.Slot) -> occupancy.Slot:
    """The slot that the way back of a move occupies, for one of the move.

    >>> back(('node', 'from', 'c1'))
    ('node', 'to', 'c1')
    """
    ways = {'from': 'to', 'to': 'from'}
    if slot[0] not in (occupancy.NODE, occupancy.POOL):
        return slot
    return (slot[0], ways[slot[1]], slot[2])


def frees_room_for(
    leaving: Iterable[occupancy.Slot], arriving: Iterable[occupancy.Slot]
) -> bool:
    """Whether a server that leaves its host may make room for another.

    It does where the other is to go, or anywhere when Nova's scheduler
    chooses.

    >>> frees_room_for([('node', 'from', 'c1')], [('node', 'to', 'c2')])
    False

    :param leaving: what the move of the first occupies.
    :param arriving: what the move of the other occupies.
    """
    left = {
        slot[2] for slot in leaving if slot[:2] == (occupancy.NODE, 'from')
    }
    wanted = {
        slot[2] for slot in arriving if slot[:2] == (occupancy.NODE, 'to')
    }
    return bool(left) and (not wanted or bool(left & wanted))
