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

"""Servers and volumes with properties that are left to chance.

What they are made of is data: :data:`STATES`, :data:`TRAITS`,
:data:`VOLUME_TRAITS`, :data:`TYPES` and :data:`CONDITIONS`.  The name of each
tells what it is: ``server7-paused-pinned``.
"""

import concurrent.futures
import dataclasses
import json
import math
import random

from sandbox import cloud as clouds
from sandbox import layout as layouts
from zone_migration.tests.functional import base
from zone_migration.tests.functional import seen

HOSTS = ('compute1', 'compute2', 'compute3')
#: An availability zone, and the only host in it.
ZONE, ZONE_HOST = 'z3', 'compute3'
#: A flavor that no host has room for twice.
HUGE = 'huge'
#: GB that a pool has, and those that are left where one is full.
POOL_GB, LEFT_GB = 1000, 4
#: How many GB the quota of type lvm2 leaves.
QUOTA_GB = 4


@dataclasses.dataclass
class Thing:
    """A server or a volume, before and after it is made."""

    kind: str
    name: str
    #: The host or pool that it is made on.
    place: str
    #: What an audit is to say that it is.
    status: str
    #: What the request that makes it says beside the usual.
    body: dict = dataclasses.field(default_factory=dict)
    hints: dict = dataclasses.field(default_factory=dict)
    #: What is done to it then, in this order: ``f(cloud, id)``.
    then: list = dataclasses.field(default_factory=list)
    #: Server groups or servers that it belongs to, by what they are for.
    group: str = ''
    servers: list = dataclasses.field(default_factory=list)
    id: str = ''
    #: Its item in the params of an audit.
    item: dict = dataclasses.field(default_factory=dict)

    def is_also(self, word):
        self.name = f'{self.name}-{word}'


# -- servers


def _act(action, status, arguments=None):
    """An action, and the status that it ends in."""

    def act(cloud, server):
        cloud.act(server, action, arguments)
        cloud.wait(
            lambda: cloud.server(server)['status'] == status,
            what=f'status {status} of server {server}')

    return act


def _shelve(cloud, server):
    """Off its host, also where Nova leaves that to the administrator."""
    def task():
        shown = cloud.server(server)
        return shown['status'], shown['OS-EXT-STS:task_state']

    cloud.act(server, 'shelve')
    cloud.wait(
        lambda: task() in (('SHELVED', None), ('SHELVED_OFFLOADED', None)),
        what=f'{server} to be shelved')
    if task()[0] == 'SHELVED':
        cloud.act(server, 'shelveOffload')
    cloud.wait(
        lambda: task() == ('SHELVED_OFFLOADED', None),
        what=f'{server} to be offloaded')


def _lock(cloud, server):
    cloud.act(server, 'lock')


_stop = _act('os-stop', 'SHUTOFF')
#: Word -> how often of all, what an audit calls it, what makes it so.
STATES = {
    'running': (8, 'active', ()),
    'off': (5, 'shutoff', (_stop,)),
    'paused': (2, 'active', (_act('pause', 'PAUSED'),)),
    'suspended': (1, 'active', (_act('suspend', 'SUSPENDED'),)),
    'shelved': (1, 'shutoff', (_shelve,)),
    'error': (1, 'active', (
        _act('os-resetState', 'ERROR', {'state': 'error'}),)),
    'rescued': (1, 'active', (_act('rescue', 'RESCUE'),)),
    'resized': (1, 'active', (
        _act('resize', 'VERIFY_RESIZE', {'flavorRef': 'small'}),)),
}


def _is_locked(server, chance):
    server.then.append(_lock)


def _is_pinned_to_the_default_zone(server, chance):
    if server.place != ZONE_HOST:
        server.body['availability_zone'] = 'nova'


def _is_pinned_to_a_zone(server, chance):
    server.place = ZONE_HOST
    server.body['availability_zone'] = ZONE


def _is_huge(server, chance):
    server.body['flavorRef'] = HUGE
    server.place = HOSTS[0]


def _is_kept_together(server, chance):
    server.group, server.place = 'affinity', HOSTS[1]


def _is_kept_apart(server, chance):
    server.group = 'anti-affinity'


def _is_kept_apart_softly(server, chance):
    server.group = 'soft-anti-affinity'


def _boots_from_a_volume(server, chance):
    server.body['root'] = chance.choice(('b1', 'b3'))


def _has_a_hint(server, chance):
    server.hints[chance.choice(('same_host', 'different_host'))] = base.NOBODY


#: Word -> how often of all, what it changes of the server.
TRAITS = {
    'plain': (8, lambda server, chance: None),
    'locked': (1, _is_locked),
    'pinned': (2, _is_pinned_to_the_default_zone),
    ZONE: (1, _is_pinned_to_a_zone),
    'huge': (1, _is_huge),
    'together': (1, _is_kept_together),
    'apart': (1, _is_kept_apart),
    'softly': (1, _is_kept_apart_softly),
    'root': (2, _boots_from_a_volume),
    'hint': (1, _has_a_hint),
}

# -- volumes

#: Type -> how often a volume has it, the pools it can be made in, its extra
#: specs; None: it is there already.
TYPES = {
    'lvm1': (6, ('b1', 'b3'), None),
    'lvm2': (4, ('b2', 'b4'), None),
    'twin': (1, ('b1', 'b3'), {'volume_backend_name': 'lvm1'}),
    'shared': (2, ('b1', 'b3'), {
        'volume_backend_name': 'lvm1', 'multiattach': '<is> True'}),
    'at-most-1': (1, ('b2', 'b4'), {
        'volume_backend_name': 'lvm2', 'provisioning:max_vol_size': '1'}),
    'at-least-2': (0, (), {
        'volume_backend_name': 'lvm2', 'provisioning:min_vol_size': '2'}),
    'thin': (0, (), {'thin_provisioning_support': '<is> True'}),
    'numeric': (0, (), {
        'volume_backend_name': 'lvm1', 'multiattach': '>= 1'}),
    'words': (1, ('b2', 'b4'), {
        'volume_backend_name': '<or> lvm2 <or> lvm3'}),
    'abroad': (0, (), {
        'volume_backend_name': 'lvm2',
        'RESKEY:availability_zones': 'abroad'}),
    'front-end': (1, ('b2', 'b4'), {'volume_backend_name': 'lvm2'}),
    'secret': (1, ('b1', 'b3'), {'volume_backend_name': 'lvm1'}),
}


def _has_a_snapshot(cloud, volume):
    made = cloud.call('POST', 'cinder', '/snapshots', {'snapshot': {
        'volume_id': volume, 'force': True}})['snapshot']['id']
    cloud.wait(
        lambda: cloud.call('GET', 'cinder', f'/snapshots/{made}')
        ['snapshot']['status'] == 'available', what=f'snapshot {made}')
    # As a backend that changes the type in place.
    cloud.behave(volume, retype_in_place='yes')


def _is_attached_to_a_host(cloud, volume):
    cloud.call('POST', 'cinder', f'/volumes/{volume}/action', {'os-attach': {
        'host_name': 'elsewhere', 'mountpoint': '/dev/vdb', 'mode': 'rw'}})
    cloud.wait(
        lambda: cloud.volume(volume)['status'] == 'in-use',
        what=f'the attachment of {volume}')


def _is_in_error(cloud, volume):
    cloud.call('POST', 'cinder', f'/volumes/{volume}/action', {
        'os-reset_status': {'status': 'error'}})


#: Word -> how often of all, to how many servers it is attached, what makes it
#: so.
VOLUME_TRAITS = {
    'free': (6, 0, ()),
    'used': (7, 1, ()),
    'snapshot': (2, 0, (_has_a_snapshot,)),
    'used-snapshot': (1, 1, (_has_a_snapshot,)),
    'hosted': (1, 0, (_is_attached_to_a_host,)),
    'error': (1, 0, (_is_in_error,)),
    'both': (1, 2, ()),
    'grouped': (1, 0, ()),
}


# -- the whole

#: What the first ones are, which can move in each story.
SURE_SERVERS = ('running', 'off')
#: States in which Nova swaps the volumes of a server.
SWAPPED = ('running', 'paused', 'resized')
#: How a volume is attached (to the first server), and where it is to go.
SURE_VOLUMES = (
    ('free', {'pool': base.B4}), ('free', {'dst_type': 'lvm1'}),
    ('used', {'pool': base.B4}), ('used', {'dst_type': 'lvm1'}))


def _limit(cloud):
    """Leave little of the quota of a volume type."""
    path = f'/os-quota-sets/{cloud.project_id}'
    used = cloud.call('GET', 'cinder', f'{path}?usage=true')['quota_set']
    cloud.call('PUT', 'cinder', path, {'quota_set': {
        'gigabytes_lvm2': used['gigabytes_lvm2']['in_use'] + QUOTA_GB}})


def _set_last_host(cloud, status):
    """Enable or disable it."""
    found = cloud.call(
        'GET', 'nova', f'/os-services?binary=nova-compute&host={HOSTS[-1]}')
    cloud.call('PUT', 'nova', f'/os-services/{found["services"][0]["id"]}',
               {'status': status})


def _stored_gb(cloud, pool):
    """What volumes and snapshots take of a pool."""
    files = cloud.layout.volumes(pool).iterdir()
    return sum(file.stat().st_size for file in files) / 1024 ** 3


def wait_for_figures(cloud):
    """Until Cinder tells of each pool what is in it now.

    It asks the backends now and then only, and an audit sees what it tells.
    """
    def are_there():
        told = seen.of_pools(cloud)
        return all(
            abs(POOL_GB - _stored_gb(cloud, pool)
                - told[layouts.pool_host(pool)]) < 0.1
            for pool in layouts.POOLS)

    cloud.wait(are_there, what='the figures of the pools')


def _fill_a_pool(cloud):
    """Leave little room in it; what does so is not asked for."""
    used = _stored_gb(cloud, 'b3')
    cloud.create_volume(
        'filler', pool='b3', size=POOL_GB - math.ceil(used) - LEFT_GB)


#: Word -> what it does to the cloud.  Seeds that follow each other have each.
CONDITIONS = {
    'quiet': lambda cloud: None,
    'full': _fill_a_pool,
    'quota': _limit,
    'disabled': lambda cloud: _set_last_host(cloud, 'disabled'),
}


def end_conditions(cloud):
    """Take back what any of them may have done."""
    cloud.call('DELETE', 'cinder', f'/os-quota-sets/{cloud.project_id}')
    _set_last_host(cloud, 'enabled')


def _choose(chance, table):
    words = list(table)
    return chance.choices(words, [table[word][0] for word in words])[0]


class RandomCloud:
    """A cloud that is left to chance, and what an audit wants of it.

    :param cloud: the sandbox's, empty, with the types that volumes may have.
    :param seed: it decides all.
    :param count: how many servers and volumes there are.
    """

    def __init__(self, cloud, seed, count):
        self._cloud, self._chance = cloud, random.Random(seed)
        self.move_locked = self._chance.random() < 0.3
        self.servers = [self._server(n) for n in range(count // 2)]
        self.volumes = [
            self._volume(n) for n in range(count - len(self.servers))]
        self._make()
        for thing in self.things:
            thing.item = thing.item or self._wish(thing)
        self.condition = list(CONDITIONS)[seed % len(CONDITIONS)]
        CONDITIONS[self.condition](cloud)
        wait_for_figures(cloud)

    @property
    def things(self):
        return self.servers + self.volumes

    @property
    def params(self):
        """``{'vm': {id: item}, 'volume': {id: item}}``"""
        return {
            kind: {t.id: t.item for t in self.things if t.kind == kind}
            for kind in ('vm', 'volume')}

    # -- what there is to be

    def _server(self, number):
        chance = self._chance
        state, trait = _choose(chance, STATES), _choose(chance, TRAITS)
        sure = number < len(SURE_SERVERS)
        if sure:
            state, trait = SURE_SERVERS[number], 'plain'
        if state == 'resized':  # which takes another host that may have it
            trait = 'plain'
        _, status, then = STATES[state]
        server = Thing('vm', f'server{number}', chance.choice(HOSTS[:2]),
                       status, then=list(then))
        for word in (state, trait):
            server.is_also(word)
        TRAITS[trait][1](server, chance)
        if server.body.get('root') and state == 'rescued':
            del server.body['root']  # Nova rescues it from an image only
        if sure:
            server.place = HOSTS[0]
            server.item = {'status': status, 'dst_hostname': HOSTS[1]}
        return server

    def _sure_volume(self, number):
        trait, destination = SURE_VOLUMES[number]
        attached = VOLUME_TRAITS[trait][1]
        item = base.in_use if attached else base.available
        return Thing(
            'volume', f'volume{number}-{trait}-lvm2', 'b2',
            item()['status'], body={'volume_type': 'lvm2', 'size': 1},
            servers=self.servers[:attached], item=item(**destination))

    def _volume(self, number):
        if number < len(SURE_VOLUMES):
            return self._sure_volume(number)
        chance = self._chance
        trait = _choose(chance, VOLUME_TRAITS)
        _, attached, then = VOLUME_TRAITS[trait]
        type_ = 'shared' if attached > 1 else _choose(chance, TYPES)
        size = 1 if type_ == 'at-most-1' else chance.randint(1, 3)
        volume = Thing(
            'volume', f'volume{number}', chance.choice(TYPES[type_][1]),
            'in-use' if attached or trait == 'hosted' else 'available',
            body={'volume_type': type_, 'size': size}, then=list(then))
        for word in (trait, type_):
            volume.is_also(word)
        if trait == 'grouped':
            volume.group = type_
        # A volume that stays would keep a server that is to move.
        servers = self.servers[len(SURE_SERVERS):]
        run = [s for s in servers if s.name.split('-')[1] in SWAPPED]
        if len(run) >= attached and chance.random() < 0.7:
            servers = run
        volume.servers = chance.sample(servers, attached)
        return volume

    def _wish(self, thing):
        """Where it is to go; sometimes the audit is wrong about it."""
        chance = self._chance
        wrong = chance.random() < 0.08
        if thing.kind == 'vm':
            items = [base.active, base.shutoff]
            item = items[(thing.status == 'shutoff') ^ wrong]
            away = [host for host in HOSTS if host != thing.place]
            host = chance.choice([None, *away, *away, thing.place])
            if item is base.active and host and chance.random() < 0.1:
                return item(host, force=True)
            if chance.random() < 0.05:
                return item(host, src_hostname=HOSTS[0])
            return item(host)
        items = [base.available, base.in_use]
        item = items[(thing.status == 'in-use') ^ wrong]
        if item is base.in_use and chance.random() < 0.2:
            return item()
        if chance.random() < 0.5:
            others = [pool for pool in TYPES[thing.body['volume_type']][1]
                      if pool != thing.place]
            pool = chance.choice([*layouts.POOLS, *others * 4])
            return item(layouts.pool_host(pool))
        # Cinder itself writes what it encrypts with cryptsetup, which the
        # sandbox has not.
        return item(dst_type=chance.choice(
            [name for name, (weight, *_) in TYPES.items()
             for _ in range(1 + weight)
             if name != 'secret' or item is base.in_use]))

    # -- how it is made

    def _make(self):
        _all(self._make_volume, self.volumes)
        groups = {}
        for server in self.servers:
            if server.group and server.group not in groups:
                groups[server.group] = self._cloud.call(
                    'POST', 'nova', '/os-server-groups', {'server_group': {
                        'name': server.group, 'policy': server.group}},
                )['server_group']['id']
            if server.group:
                server.hints['group'] = groups[server.group]
        # One after another where a group decides about the next.
        for server in self.servers:
            if server.group:
                self._make_server(server)
        _all(self._make_server, [s for s in self.servers if not s.group])
        for volume in self.volumes:
            for server in volume.servers:
                self._attach(server, volume)
        _all(self._finish, self.things)

    def _make_server(self, server):
        """Where it was to be, or where there is a place for it."""
        cloud, body = self._cloud, dict(server.body)
        root = body.pop('root', None)
        request = {'server': {
            'name': server.name, 'flavorRef': 'tiny', 'networks': 'none',
            **body}}
        if server.hints:
            request['os:scheduler_hints'] = server.hints
        if root:
            volume = cloud.create_volume(
                f'{server.name}-root', root, image='tiny')
            request['server']['block_device_mapping_v2'] = [{
                'source_type': 'volume', 'destination_type': 'volume',
                'uuid': volume, 'boot_index': 0,
                'delete_on_termination': True}]
        else:
            request['server']['imageRef'] = cloud.image_id('tiny')
        for host in (server.place, *HOSTS, None):
            if host is None:  # its group has as many as it takes
                host = server.place
                del request['os:scheduler_hints']
            request['server']['host'] = host
            server.id = cloud.call(
                'POST', 'nova', '/servers', request)['server']['id']
            if self._is_built(server.id):
                server.place = host
                return
            cloud.call('DELETE', 'nova', f'/servers/{server.id}')
        raise AssertionError(f'no host takes {server.name}')

    def _is_built(self, server):
        return self._cloud.wait(
            lambda: {'ACTIVE': 'yes', 'ERROR': 'no'}.get(
                self._cloud.server(server)['status']),
            what=f'server {server}') == 'yes'

    def _make_volume(self, volume):
        cloud = self._cloud
        request = {'volume': {'name': volume.name, **volume.body}}
        if volume.group:  # Cinder has chosen its pool
            request['volume']['group_id'] = self._make_group(volume.group)
        else:
            pool = layouts.pool_host(volume.place)
            request['OS-SCH-HNT:scheduler_hints'] = {
                'query': json.dumps(['=', '$backend_id', pool])}
        volume.id = cloud.call(
            'POST', 'cinder', '/volumes', request)['volume']['id']
        status = cloud.wait(
            lambda: {'available': 'available', 'error': 'error'}.get(
                cloud.volume(volume.id)['status']),
            what=f'volume {volume.name}')
        if status == 'error':
            raise AssertionError(f'no pool takes {volume.name}')

    def _make_group(self, volume_type):
        """The id of a new group for volumes of a type."""
        cloud = self._cloud
        types = {t['name']: t['id'] for t in cloud.call(
            'GET', 'cinder', '/types?is_public=none')['volume_types']}
        kind = cloud.call('GET', 'cinder', '/group_types')['group_types']
        group = cloud.call('POST', 'cinder', '/groups', {'group': {
            'group_type': next(k['id'] for k in kind if k['name'] == 'plain'),
            'volume_types': [types[volume_type]]}})['group']['id']
        cloud.wait(
            lambda: cloud.call('GET', 'cinder', f'/groups/{group}')
            ['group']['status'] == 'available', what=f'group {group}')
        return group

    def _attach(self, server, volume):
        cloud = self._cloud
        cloud.call(
            'POST', 'nova', f'/servers/{server.id}/os-volume_attachments',
            {'volumeAttachment': {'volumeId': volume.id}})
        cloud.wait(
            lambda: cloud.volume(volume.id)['status'] == 'in-use' and any(
                a['server_id'] == server.id
                for a in cloud.volume(volume.id)['attachments']),
            what=f'the attachment of {volume.name}')

    def _finish(self, thing):
        for step in thing.then:
            step(self._cloud, thing.id)


def _all(function, things):
    with concurrent.futures.ThreadPoolExecutor(clouds.AT_ONCE) as pool:
        list(pool.map(function, things))
