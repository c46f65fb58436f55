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

"""What the real services show, as the border gives it."""

from keystoneauth1 import session
from keystoneauth1.identity import v3
from oslo_config import cfg

from sandbox import layout as layouts
from zone_migration import client
from zone_migration import inventory
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources as clouds
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.tests.functional import base


def authentication(layout):
    """That of Watcher's user."""
    return v3.Password(
        auth_url=layout.auth_url,
        username='watcher',
        password=layouts.PASSWORD,
        project_name=layouts.USERS['watcher'],
        user_domain_name='Default',
        project_domain_name='Default',
    )


def border(layout):
    """What Watcher's user sees, by options that are left at their defaults."""
    return client.Cloud(
        session.Session(authentication(layout)), cfg.ConfigOpts(),
        poll_interval=1, request_retries=2)


class InventoryTest(base.FunctionalTest):
    """Servers in a group, a volume with a snapshot, and what they need."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.border = border(cloud.layout)
        cls.group = cloud.call('POST', 'nova', '/os-server-groups', {
            'server_group': {
                'name': 'border-group', 'policy': 'anti-affinity',
                'rules': {'max_server_per_host': 2}}})['server_group']['id']
        cls.addClassCleanup(
            cloud.request, 'DELETE', 'nova', f'/os-server-groups/{cls.group}')
        cls.create_type('border-luks', volume_backend_name='lvm1')
        cls.member = cloud.create_server('border-member', host='compute1')
        cls.locked = cls.create_grouped_server('border-locked')
        cloud.act('border-locked', 'lock')
        cls.volume = cloud.create_volume('border-volume', pool='b1')
        cls.attached = cloud.create_volume('border-attached', pool='b2')
        cloud.attach('border-locked', 'border-attached')
        cloud.call('POST', 'cinder', '/snapshots', {'snapshot': {
            'volume_id': cls.volume, 'name': 'border-snapshot'}})

    @classmethod
    def create_grouped_server(cls, name):
        """One in the server group, pinned to the default zone."""
        image = cls.cloud.call(
            'GET', 'nova', f'/servers/{cls.member}')['server']['image']['id']
        server = cls.cloud.call('POST', 'nova', '/servers', {
            'server': {
                'name': name, 'flavorRef': 'tiny', 'imageRef': image,
                'networks': 'none', 'availability_zone': 'nova'},
            'os:scheduler_hints': {'group': cls.group}})['server']['id']
        cls.cloud.wait(
            lambda: cls.cloud.server(server)['status'] == 'ACTIVE',
            what=f'server {name}')
        return server

    def take(self, *items, **more):
        servers = [i for i in items if isinstance(i, params.ServerItem)]
        volumes = [i for i in items if isinstance(i, params.VolumeItem)]
        return inventory.collect(
            self.border, params.Request(tuple(servers), tuple(volumes), **more)
        )

    def look(self, *items):
        servers = [i for i in items if isinstance(i, params.ServerItem)]
        volumes = [i for i in items if isinstance(i, params.VolumeItem)]
        return inventory.examine(
            self.border,
            self.take(*items),
            selection.Selection(tuple(servers), tuple(volumes)),
        )

    def test_locked_server_shows_what_the_preflight_looks_at(self):
        found = self.look(params.ServerItem(self.locked, 'active'))
        server = found.servers[self.locked]
        shown = self.cloud.server(self.locked)
        self.assertEqual(
            (True, 'nova', 1, 64, 1, (self.attached,), shown['created']),
            (
                server.locked, server.pinned_zone, server.vcpus,
                server.memory_mb, server.disk_gb, server.volume_ids,
                server.created_at,
            ),
        )
        self.assertEqual(shown['tenant_id'], server.project_id)
        self.assertEqual(
            [self.group], [group.id for group in found.groups])
        self.assertEqual(
            clouds.ServerGroup(
                self.group, 'border-group', 'anti-affinity', (self.locked,),
                max_server_per_host=2),
            found.groups[0],
        )
        self.assertEqual('in-use', found.volumes[self.attached].status)
        self.assertEqual(
            ('nova', True),
            (found.hosts['compute1'].zone, found.hosts['compute1'].up))
        self.assertEqual({}, found.devices)

    def test_server_without_a_group_or_zone_has_none(self):
        found = self.look(params.ServerItem(self.member, 'active'))
        self.assertEqual('', found.servers[self.member].pinned_zone)
        self.assertEqual((), found.groups)

    def test_many_servers_are_the_same_as_each(self):
        each = self.take(params.ServerItem(self.locked, 'active'))
        every = self.take(compute=(
            params.ComputeSelector('0', params.SourceKind.HOST, '*'),))
        self.assertEqual(
            each.servers[self.locked], every.servers[self.locked])
        self.assertIn(self.member, every.servers)

    def test_hosts_of_an_aggregate_are_told(self):
        made = self.cloud.call('POST', 'nova', '/os-aggregates', {
            'aggregate': {'name': 'border-rack'}})['aggregate']['id']
        path = f'/os-aggregates/{made}'
        self.addCleanup(self.cloud.call, 'DELETE', 'nova', path)
        self.change_hosts(path, 'add_host')
        self.addCleanup(self.change_hosts, path, 'remove_host')
        found = self.take(compute=(
            params.ComputeSelector(
                '0', params.SourceKind.AGGREGATE, 'border-rack'),))
        self.assertEqual(
            clouds.Aggregate('border-rack', frozenset(['compute2'])),
            found.aggregates['border-rack'])

    def change_hosts(self, path, action):
        self.cloud.call(
            'POST', 'nova', f'{path}/action', {action: {'host': 'compute2'}})

    def test_room_of_a_destination_shrinks_when_a_server_is_made(self):
        wanted = params.ServerItem(self.member, 'active', 'compute3')
        before = self.look(wanted).capacities['compute3']
        self.cloud.create_server('border-guest', host='compute3')
        after = self.look(wanted).capacities['compute3']
        self.assertEqual(
            (1, 64, 1),
            (
                before.vcpus - after.vcpus,
                before.memory_mb - after.memory_mb,
                before.disk_gb - after.disk_gb,
            ),
        )

    def test_volumes_show_what_the_preflight_looks_at(self):
        found = self.look(
            params.VolumeItem(self.volume, 'available', dst_type='lvm2'),
            params.VolumeItem(self.attached, 'in-use', dst_type='lvm1'),
        )
        shown = self.cloud.volume(self.volume)
        volume = found.volumes[self.volume]
        self.assertEqual(
            (
                shown['os-vol-tenant-attr:tenant_id'], shown['created_at'],
                False, False, False,
            ),
            (
                volume.project_id, volume.created_at, volume.multiattach,
                volume.encrypted, volume.replicated,
            ),
        )
        self.assertEqual(
            {self.volume: 1, self.attached: 0}, found.snapshots)
        types = found.pools['block1@b1#b1'].types
        self.assertLessEqual({'border-luks', 'lvm1'}, types)
        self.assertNotIn('lvm2', types)
        self.assertIn(self.locked, found.servers)

    def test_snapshots_of_all_volumes_are_counted(self):
        self.assertEqual(
            1, self.border.cinder.snapshot_counts()[self.volume])

    def test_type_shows_its_encryption_and_its_quota(self):
        types = self.cloud.call('GET', 'cinder', '/types')['volume_types']
        made = next(t['id'] for t in types if t['name'] == 'border-luks')
        self.cloud.call('POST', 'cinder', f'/types/{made}/encryption', {
            'encryption': {
                'provider': 'luks', 'control_location': 'front-end'}})
        project = self.cloud.volume(self.volume)[
            'os-vol-tenant-attr:tenant_id']
        self.set_quota(project, 3)
        self.addCleanup(self.set_quota, project, -1)
        found = self.look(params.VolumeItem(
            self.volume, 'available', dst_type='border-luks'))
        self.assertEqual(
            'luks', found.volume_types['border-luks'].encryption
        )
        self.assertEqual('', found.volume_types['lvm1'].encryption)
        self.assertEqual(
            {(project, 'border-luks'): cloud_inventory.Quota(volumes=3)},
            found.quotas,
        )

    def set_quota(self, project, volumes):
        self.cloud.call('PUT', 'cinder', f'/os-quota-sets/{project}', {
            'quota_set': {'volumes_border-luks': volumes}})

    def test_migrations_that_wait_to_be_confirmed_are_told(self):
        self.cloud.act(self.member, 'migrate', {'host': 'compute2'})
        self.cloud.wait(
            lambda: self.cloud.server(self.member)['status']
            == 'VERIFY_RESIZE')
        self.addCleanup(self.confirm)
        found = self.look(params.ServerItem(self.member, 'active'))
        newest = found.migrations[self.member][0]
        self.assertEqual(
            ('migration', 'finished'), (newest.type, newest.status))
        self.assertIn(newest, self.border.nova.unfinished_migrations())

    def confirm(self):
        self.cloud.act(self.member, 'confirmResize')
        self.cloud.wait(
            lambda: self.cloud.server(self.member)['status'] == 'ACTIVE')

    def test_projects_have_names(self):
        found = self.take(
            compute=(
                params.ComputeSelector('0', params.SourceKind.HOST, '*'),
            ),
            exclude=params.Exclusions(projects=frozenset(['admin'])),
        )
        project = found.servers[self.member].project_id
        self.assertEqual('admin', found.projects[project])

    def test_ports_of_servers_are_told_by_their_kind(self):
        network = self.cloud.call('POST', 'neutron', '/networks', {
            'network': {
                'name': 'border-network',
                'provider:network_type': 'flat',
                'provider:physical_network': 'border'}})['network']['id']
        self.addCleanup(
            self.cloud.call, 'DELETE', 'neutron', f'/networks/{network}')
        port = self.cloud.call('POST', 'neutron', '/ports', {'port': {
            'network_id': network, 'device_id': self.member,
            'binding:vnic_type': 'accelerator-direct'}})['port']['id']
        self.addCleanup(
            self.cloud.call, 'DELETE', 'neutron', f'/ports/{port}')
        found = self.look(params.ServerItem(self.member, 'active'))
        self.assertEqual({self.member}, set(found.accelerators))
        self.assertEqual(
            {'accelerator-direct'},
            self.border.neutron.vnic_types()[self.member],
        )
