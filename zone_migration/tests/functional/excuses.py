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

"""Why a plan may leave something that Nova or Cinder would move.

Each reason is held against what the services have shown: that the words are
in the message excuses nothing.
"""

import dataclasses
import re

from sandbox import layout as layouts
from zone_migration.tests.functional import seen as views

_PREFLIGHT = layouts.REPOSITORY / 'doc/source/reference/preflight.rst'
_HEADING = 'Refused on purpose\n==================\n'
#: The units of a reason, and what Placement calls them.
_CLASSES = {
    'MB of memory': ('MEMORY_MB',), 'vCPUs': ('VCPU', 'PCPU'),
    'GB of disk': ('DISK_GB',)}


@dataclasses.dataclass(frozen=True)
class Story:
    """What was asked for, what the plan said, and what became of it."""

    things: list
    move_locked: bool
    seen: views.Seen
    #: ``{id: (host or pool, volume type, status)}``: see ``places``.
    before: dict
    left: dict
    #: ``{id: Action}`` before the plan ran, and after.
    said: dict
    ended: dict

    def message(self, thing):
        return self.said[thing.id].message

    def arrived(self, thing, column, goal):
        """The others that the plan has brought to a place, or to a type.

        :param column: 0 for a place, 1 for a type.
        """
        return [
            other for other in self.things
            if other is not thing and other.kind == thing.kind
            and self.before[other.id][column] != goal
            and self.left[other.id][column] == goal]


def documented():
    """The reasons that the documentation says are ours alone."""
    section = _PREFLIGHT.read_text().partition(_HEADING)[2]
    rows = re.split(r'\n[^\n]+\n[=]{4,}\n', section)[0]
    # The first column of its table, whose cells may go on.
    cells = re.findall(r'^   \* - (.*?)^     - ', rows, re.DOTALL | re.M)
    return [
        reason for cell in cells
        for reason in re.findall(r'``([^`]+)``', ' '.join(cell.split()))]


def on_purpose(thing, story):
    """Whether it is refused on purpose, and the reason is true.

    None where its reason is not one of those.
    """
    checks = [
        check for reason, check in ON_PURPOSE.items()
        if re.search(
            '.*'.join(map(re.escape, reason.split('...'))),
            story.message(thing))]
    return any(check(thing, story) for check in checks) if checks else None


def by_hand(thing, story, place):
    """Whether it was right to leave it, although it has moved by hand.

    :param place: where it has gone.
    """
    return any(
        words in story.message(thing) and check(thing, story, place)
        for words, check in BY_HAND.items())


# -- on purpose


def _server(thing, story):
    return story.seen.servers.get(thing.id, {})


def _volume(thing, story):
    return story.seen.volumes.get(thing.id, {})


def _server_ids(thing, story):
    """Of a volume, those that it is attached to."""
    attachments = _volume(thing, story).get('attachments', ())
    return [one['server_id'] for one in attachments]


def _runs(thing, story):
    return (thing.item['status'] == 'shutoff'
            and _server(thing, story).get('status') == 'ACTIVE')


def _is_attached(thing, story):
    return (thing.item['status'] == 'available'
            and _volume(thing, story).get('status') == 'in-use')


def _is_detached(thing, story):
    return (thing.item['status'] == 'in-use'
            and _volume(thing, story).get('status') == 'available')


def _is_elsewhere(thing, story):
    source = thing.item.get('src_hostname')
    return bool(source) and source != story.before[thing.id][0]


def _is_locked(thing, story):
    return not story.move_locked and _server(thing, story).get('locked', False)


def _has_a_volume_that_stays(thing, story):
    """The same plan says so of that volume, which is tried by itself."""
    return any(
        thing.id in _server_ids(other, story)
        and story.said[other.id].state == 'SKIPPED'
        and story.message(thing).startswith(
            f'its volume {_name(other, story)} cannot move: '
            # The whole may have been too long.
            + story.message(other)[:100])
        for other in story.things)


def _name(volume, story):
    return _volume(volume, story).get('name') or volume.id


def _would_be_clear(thing, story):
    return (_volume(thing, story).get('encrypted', False)
            and 'dst_type' in thing.item
            and thing.item['dst_type'] not in story.seen.encrypted_types)


#: Each reason that the documentation names -> whether it is true.
ON_PURPOSE = {
    'the server is ACTIVE on ..., not SHUTOFF': _runs,
    'the volume is in-use by ...: ask for it as in-use': _is_attached,
    'the volume is available: ask for it as available': _is_detached,
    'the server is on ..., not on ...': _is_elsewhere,
    'the volume is on ..., not on ...': _is_elsewhere,
    'the server is locked': _is_locked,
    'its volume ... cannot move': _has_a_volume_that_stays,
    'the volume is encrypted and would not be any more': _would_be_clear,
}

# -- by hand: what the plan has freed, if it was not there before the plan,
#    with all that came; and what needed no swap, which no API tells


def _had_no_room(thing, story, place):
    if place == story.before[thing.id][0]:
        return False  # what stays takes none
    arrived = story.arrived(thing, 0, place)
    if thing.kind == 'volume':
        size = _volume(thing, story)['size']
        return size > story.seen.pools[place] - sum(
            _volume(other, story)['size'] for other in arrived)
    needs = story.seen.needs
    return any(
        needs[thing.id].get(name, 0) > story.seen.rooms[place].get(name, 0)
        - sum(needs[other.id].get(name, 0) for other in arrived)
        for unit, names in _CLASSES.items()
        if unit in story.message(thing) for name in names)


def _had_no_quota(thing, story, place):
    new_type = thing.item.get('dst_type')
    arrived = story.arrived(thing, 1, new_type)
    size = _volume(thing, story).get('size', 0)
    sizes = [_volume(other, story)['size'] for other in arrived]
    quotas = story.seen.quotas
    return any(
        f'of {name}, ' in story.message(thing)
        and need > quotas.get(name, need) - taken
        for name, need, taken in (
            (f'volumes_{new_type}', 1, len(arrived)),
            (f'gigabytes_{new_type}', size, sum(sizes))))


def _was_kept_apart(thing, story, place):
    return any(
        place in (story.before[other][0], story.left[other][0])
        for group in story.seen.apart if thing.id in group
        for other in group - {thing.id})


def _was_retyped_in_place(thing, story, place):
    return 'dst_type' in thing.item and place == story.before[thing.id][0]


#: Words of a reason -> whether it was true.
BY_HAND = {
    'Invalid state for swapping volume': _was_retyped_in_place,
    'no room: it needs': _had_no_room,
    'no other pool with': _had_no_room,
    'has no quota for type': _had_no_quota,
    'keeps its servers apart': _was_kept_apart,
}
