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

"""What Nova and Cinder say to the request that an item of an audit means."""

import dataclasses

from sandbox import layout as layouts
from zone_migration.tests.functional import base

#: Statuses of Nova's records that have ended, or wait for a confirmation.
_ENDED = (
    'cancelled', 'completed', 'confirmed', 'error', 'failed', 'finished',
    'reverted')
_MOVING = ('starting', 'migrating', 'completing')


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came of a request."""

    moved: bool
    text: str
    #: The host or pool where it is then; empty where it was refused.
    place: str = ''


def move(cloud, thing_id, kind, item):
    """Ask the service that the thing is of, and wait for the end.

    Nothing has moved where the request is refused, or is accepted and ends
    with the server or volume as it was.
    """
    if kind == 'vm':
        return _move_server(cloud, thing_id, item)
    if item.get('dst_hostname') or item.get('dst_type'):
        return _move_volume(cloud, thing_id, item)
    # Cinder wants a pool: each that the action could choose.
    own = cloud.volume(thing_id)['os-vol-host-attr:host']
    answers = []
    for pool in map(layouts.pool_host, layouts.POOLS):
        if pool == own:
            continue
        answers.append(
            _move_volume(cloud, thing_id, base.in_use(pool)))
        if answers[-1].moved:
            break
    return Answer(
        answers[-1].moved, '; '.join(answer.text for answer in answers),
        answers[-1].place)


def _move_server(cloud, server, item):
    host = item.get('dst_hostname')
    version = None
    if item['status'] == 'shutoff':
        action = {'migrate': {'host': host}}
    else:
        action = {'os-migrateLive': {
            'host': host, 'block_migration': 'auto'}}
        if item.get('force'):
            action['os-migrateLive']['force'] = True
            version = '2.67'  # the last one that knows it
    before, records = _place(cloud, server), cloud.migrations(server)
    known = {record['id'] for record in records}
    status, answer = cloud.request(
        'POST', 'nova', f'/servers/{server}/action', action, version)
    if status >= 300:
        return Answer(False, f'HTTP {status} {answer}')

    def ended():
        new = [record for record in cloud.migrations(server)
               if record['id'] not in known]
        if not new or any(r['status'] not in _ENDED for r in new):
            return None
        shown = cloud.server(server)
        if shown['OS-EXT-STS:task_state']:
            return None
        return new[0]['status']

    record = cloud.wait(ended, 300, f'the end of a migration of {server}')
    after = _place(cloud, server)
    return Answer(after != before, f'HTTP {status}, {record}, then {after}',
        after[0])


def _place(cloud, server):
    shown = cloud.server(server)
    return shown['OS-EXT-SRV-ATTR:host'], shown['status']


def _move_volume(cloud, volume, item):
    if item.get('dst_type'):
        action = {'os-retype': {
            'new_type': item['dst_type'], 'migration_policy': 'on-demand'}}
    else:
        action = {'os-migrate_volume': {
            'host': item['dst_hostname'], 'force_host_copy': False,
            'lock_volume': item['status'] == 'available'}}
    before = _volume_place(cloud, volume)
    status, answer = cloud.request(
        'POST', 'cinder', f'/volumes/{volume}/action', action)
    if status >= 300:
        return Answer(False, f'HTTP {status} {answer}')
    seen = []

    def settled():
        """Three times the same: there are moments in between at the end."""
        shown = cloud.volume(volume)
        seen.append((
            shown['migration_status'] in _MOVING
            or shown['status'] in ('retyping', 'maintenance'),
            _volume_place(cloud, volume)))
        return len(seen) > 2 and not any(
            moving or place != seen[-1][1] for moving, place in seen[-3:])

    cloud.wait(settled, 300, f'the end of a move of {volume}')
    after = _volume_place(cloud, volume)
    return Answer(
        after != before, f'HTTP {status}, '
        f'{cloud.volume(volume)["migration_status"]}, then {after}',
        after[0])


def _volume_place(cloud, volume):
    shown = cloud.volume(volume)
    return (shown['os-vol-host-attr:host'], shown['volume_type'],
            shown['status'])
