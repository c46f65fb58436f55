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

"""The demonstration: a zone is emptied, as an operator would do it.

Brings the sandbox up, makes servers and volumes, asks Watcher with its own
command line to move them, watches the plan, and says of each resource where
it was, where it should be and where it is.
"""

import dataclasses
import json

from sandbox import bringup
from sandbox import cloud as clouds
from sandbox import environment
from sandbox import errors
from sandbox import waiting

#: The names of all that the demonstration makes start with this.
PREFIX = 'demo-'

#: Until when a plan must have ended, in seconds.
_DEADLINE = 600

_ENDED = ('SUCCEEDED', 'FAILED', 'CANCELLED')


@dataclasses.dataclass(frozen=True)
class Item:
    """One resource of the demonstration."""

    name: str
    #: The item's key and value in the audit's params.
    kind: str
    wanted: dict
    #: How to make it.
    volume_type: str = ''
    stopped: bool = False
    attached_to: str = ''

    def arrived(self, before, after):
        """Whether it is where the audit wants it."""
        place, status = after
        if status != before[1]:
            return False
        wanted = self.wanted.get('dst_hostname') or self.wanted.get(
            'dst_type')
        return wanted in place.split() if wanted else place != before[0]


ITEMS = (
    Item('demo-live-to-compute2', 'vm',
         {'status': 'active', 'dst_hostname': 'compute2'}),
    Item('demo-live-anywhere', 'vm',
         {'status': 'active', 'dst_hostname': ''}),
    Item('demo-cold', 'vm', {'status': 'shutoff'}, stopped=True),
    Item('demo-volume-to-pool', 'volume',
         {'status': 'available', 'dst_hostname': 'block1@b3#b3'}),
    Item('demo-volume-to-type', 'volume',
         {'status': 'available', 'dst_type': 'lvm2'}),
    Item('demo-attached-to-type', 'volume',
         {'status': 'in-use', 'dst_type': 'lvm2'},
         attached_to='demo-live-to-compute2'),
    Item('demo-attached-anywhere', 'volume', {'status': 'in-use'},
         attached_to='demo-live-anywhere'),
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
    params = {'vm': {}, 'volume': {}}
    for item in ITEMS:
        params[item.kind][ids[item.name]] = item.wanted
    text = json.dumps(params)
    print(f"\n$ watcher audit create -g zone_migration -s parallel_migration"
          f" -p params='{text}'\n")
    audit = _watcher(
        layout, 'audit', 'create', '-g', 'zone_migration',
        '-s', 'parallel_migration', '-p', f'params={text}')['UUID']
    shown = _until_audited(cloud, audit)
    plans = cloud.call('GET', 'watcher', f'/action_plans?audit_uuid={audit}')
    if not plans['action_plans']:
        raise errors.SandboxError(
            f'the audit is {shown["state"]}: {shown["status_message"]}')
    plan = plans['action_plans'][0]['uuid']
    print(f'audit {audit}: {shown["status_message"]}')
    print(f'\n$ watcher actionplan start {plan}\n')
    _watcher(layout, 'actionplan', 'start', plan)
    _watch(cloud, plan, out)
    return _report(cloud, plan, ids, before)


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
    """``{name: id}`` of new servers on compute1 and volumes in b1."""
    ids = {}
    servers = [item for item in ITEMS if item.kind == 'vm']
    volumes = [item for item in ITEMS if item.kind == 'volume']
    for stopped in (False, True):
        ids.update(cloud.create_servers(
            [i.name for i in servers if i.stopped is stopped],
            host='compute1', stopped=stopped))
    ids.update(cloud.create_volumes([i.name for i in volumes], pool='b1'))
    for item in volumes:
        cloud.fill_volume(ids[item.name])
        if item.attached_to:
            cloud.attach(ids[item.attached_to], ids[item.name])
    out.step(f'{len(servers)} servers on compute1, '
            f'{len(volumes)} volumes in block1@b1#b1')
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
        elif item.kind == 'vm':
            places[item.name] = (thing['OS-EXT-SRV-ATTR:host'],
                                 thing['status'])
        else:
            places[item.name] = (
                f'{thing["os-vol-host-attr:host"]} {thing["volume_type"]}',
                thing['status'])
    return places


def _watcher(layout, *arguments):
    """What a command of the watcher client prints, as JSON."""
    done = environment.run(layout, 'watcher', *arguments, '-f', 'json')
    if done.returncode:
        raise errors.SandboxError(
            f'watcher {" ".join(arguments[:2])}: {done.stderr.strip()}')
    return json.loads(done.stdout)


def _until_audited(cloud, audit):
    def ended():
        shown = cloud.call('GET', 'watcher', f'/audits/{audit}')
        return shown if shown['state'] in _ENDED else None
    return cloud.wait(ended, 120, 'the end of the audit')


def _actions(cloud, plan):
    return cloud.call('GET', 'watcher',
                      f'/actions/detail?action_plan_uuid={plan}')['actions']


def _watch(cloud, plan, out):
    """Tells each change of an action until the plan has ended."""
    said = {}

    def ended():
        shown = cloud.call('GET', 'watcher', f'/action_plans/{plan}')
        for action in _actions(cloud, plan):
            news = (action['state'], action['status_message'])
            if news != said.get(action['uuid']) and news[0] != 'PENDING':
                said[action['uuid']] = news
                out.step('{:16} {:24} {:9} {}'.format(
                    action['action_type'],
                    action['input_parameters'].get('resource_name', ''),
                    news[0], news[1] or ''))
        return shown['state'] if shown['state'] in _ENDED else None

    state = waiting.until(
        ended, _DEADLINE, f'the end of action plan {plan}', interval=1)
    out.step(f'action plan {state}')


def _report(cloud, plan, ids, before):
    after = _places(cloud, ids)
    states = {a['input_parameters'].get('resource_id'): a['state']
              for a in _actions(cloud, plan)}
    rows = [('resource', 'before', 'wanted', 'after', 'action', '')]
    right = 0
    for item in ITEMS:
        arrived = (item.arrived(before[item.name], after[item.name])
                   and states.get(ids[item.name]) == 'SUCCEEDED')
        right += arrived
        wanted = item.wanted.get('dst_hostname') or item.wanted.get(
            'dst_type') or 'another place'
        rows.append((
            item.name, ' '.join(before[item.name]), wanted,
            ' '.join(after[item.name]),
            states.get(ids[item.name], 'none'),
            'right' if arrived else 'WRONG'))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    print()
    for row in rows:
        print('  '.join(cell.ljust(width)
                        for cell, width in zip(row, widths, strict=True)
                        ).rstrip())
    print(f'\n{right} of {len(ITEMS)} resources are where they should be')
    return 0 if right == len(ITEMS) else 1
