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

"""The demonstration: a host and two pools are emptied, as an operator would.

Brings the sandbox up, makes servers and volumes, empties their places with
the commands ``openstack optimize zone``, and says of each resource where it
was, where it should be and where it is, by what Nova and Cinder show.
"""

import dataclasses
import shlex

from sandbox import bringup
from sandbox import cloud as clouds
from sandbox import environment
from sandbox import errors

#: The names of all that the demonstration makes start with this.
PREFIX = 'demo-'

HOST = 'compute1'
#: Emptied into another pool, and by a change of type.
POOL, OTHER_POOL = 'block1@b1#b1', 'block1@b3#b3'
RETYPED_POOL, OTHER_TYPE = 'block1@b2#b2', 'lvm1'

#: What the commands exit with when all is well, or something is left.
_GOOD = (0, 3)


@dataclasses.dataclass(frozen=True)
class Item:
    """One resource of the demonstration."""

    name: str
    #: What its place has to have at the end; '' for any place but the first.
    wanted: str = ''
    #: Of a volume, where it is made.
    pool: str = ''
    stopped: bool = False
    attached_to: str = ''

    def arrived(self, before, after):
        """Whether it is where it should be."""
        place, status = after
        if status != before[1]:
            return False
        if self.wanted:
            return self.wanted in place.split()
        return place != before[0]


ITEMS = (
    Item('demo-web-1'),
    Item('demo-web-2'),
    Item('demo-batch', stopped=True),
    Item('demo-archive', OTHER_POOL, pool='b1'),
    Item('demo-web-1-data', OTHER_POOL, pool='b1', attached_to='demo-web-1'),
    Item('demo-backup', OTHER_TYPE, pool='b2'),
    Item('demo-web-2-data', OTHER_TYPE, pool='b2', attached_to='demo-web-2'),
)


def run(layout, out):
    """0 when every resource is where it should be, 1 otherwise.

    :param out: a progress.Progress
    """
    bringup.up(layout, out)
    cloud = clouds.Cloud(layout.state)
    _clean(cloud)
    ids = _make(cloud, out)
    before = _places(cloud, ids)
    page = layout.path('report.html')
    page.unlink(missing_ok=True)
    zone = _Zone(layout)
    zone.run('plan', '--host', HOST, '--pool', f'{POOL}={OTHER_POOL}',
             '--pool-type', f'{RETYPED_POOL}={OTHER_TYPE}',
             '--disable-compute-nodes')
    zone.run('start', '--yes')
    zone.run('report', '--html', str(page))
    zone.run('hosts')
    zone.run('hosts', '--enable', HOST, '--yes')
    result = _tell(_places(cloud, ids), before)
    print(f'The report page: {page}')
    return result


class _Zone:
    """The commands, shown as they are typed."""

    def __init__(self, layout):
        self._layout = layout

    def run(self, *arguments):
        """Run one in this terminal.

        :raises errors.SandboxError: when it ends with an error
        """
        command = ('openstack', 'optimize', 'zone', *arguments)
        print(f'\n$ {shlex.join(command)}\n', flush=True)
        status = environment.call(self._layout, *command)
        if status not in _GOOD:
            raise errors.SandboxError(
                f'{shlex.join(command)} ended with {status}')


def _clean(cloud):
    """Deletes what an earlier demonstration has left."""
    for server in cloud.servers():
        if server['name'].startswith(PREFIX):
            cloud.request('DELETE', 'nova', f'/servers/{server["id"]}')
    cloud.wait(lambda: not any(s['name'].startswith(PREFIX)
                               for s in cloud.servers()),
               what='the deletion of earlier servers')
    for volume in cloud.volumes():
        if volume['name'].startswith(PREFIX):
            cloud.request('DELETE', 'cinder', f'/volumes/{volume["id"]}')
    cloud.wait(lambda: not any(v['name'].startswith(PREFIX)
                               for v in cloud.volumes()),
               what='the deletion of earlier volumes')


def _make(cloud, out):
    """``{name: id}`` of new servers on a host and volumes in two pools."""
    ids = {}
    servers = [item for item in ITEMS if not item.pool]
    volumes = [item for item in ITEMS if item.pool]
    for stopped in (False, True):
        ids.update(cloud.create_servers(
            [i.name for i in servers if i.stopped is stopped],
            host=HOST, stopped=stopped))
    for pool in ('b1', 'b2'):
        ids.update(cloud.create_volumes(
            [i.name for i in volumes if i.pool == pool], pool=pool))
    for item in volumes:
        cloud.fill_volume(ids[item.name])
        if item.attached_to:
            cloud.attach(ids[item.attached_to], ids[item.name])
    out.step(f'{len(servers)} servers on {HOST}, {len(volumes)} volumes in '
             f'{POOL} and {RETYPED_POOL}')
    return ids


def _places(cloud, ids):
    """``{name: (place, status)}``; a volume's place has its type."""
    servers = {s['id']: s for s in cloud.servers()}
    volumes = {v['id']: v for v in cloud.volumes()}
    places = {}
    for item in ITEMS:
        thing = servers.get(ids[item.name]) or volumes.get(ids[item.name])
        if thing is None:
            places[item.name] = ('gone', '')
        elif item.pool:
            places[item.name] = (
                f'{thing["os-vol-host-attr:host"]} {thing["volume_type"]}',
                thing['status'])
        else:
            places[item.name] = (thing['OS-EXT-SRV-ATTR:host'],
                                 thing['status'])
    return places


def _tell(after, before):
    """Says of each resource where it is; 0 when all are right."""
    rows = [('resource', 'before', 'wanted', 'after', '')]
    right = 0
    for item in ITEMS:
        arrived = item.arrived(before[item.name], after[item.name])
        right += arrived
        rows.append((
            item.name, ' '.join(before[item.name]),
            item.wanted or f'not {HOST}', ' '.join(after[item.name]),
            'right' if arrived else 'WRONG'))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    print('\nWhat Nova and Cinder show:\n')
    for row in rows:
        print('  '.join(cell.ljust(width)
                        for cell, width in zip(row, widths, strict=True)
                        ).rstrip())
    print(f'\n{right} of {len(ITEMS)} resources are where they should be')
    return 0 if right == len(ITEMS) else 1
