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

"""Every row of the table of moves, in one plan, on real services."""

from zone_migration.tests.functional import base


class MovesTest(base.FunctionalTest):
    """Each item ends at its destination, in the status that it had."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.servers = {
            **cloud.create_servers(
                ('live-to', 'live-empty', 'live-none', 'live-forced',
                 'live-locked', 'holder', 'mover'),
                host='compute1',
            ),
            **cloud.create_servers(
                ('cold-to', 'cold-free'), host='compute1', stopped=True
            ),
            **cloud.create_servers(
                ('live-paused', 'paused-holder'), host='compute1',
                paused=True,
            ),
        }
        cls.servers.update(cls.create_group_that_is_gone())
        cls.volumes = cloud.create_volumes(
            ('to-pool', 'to-backend', 'to-type', 'in-place', 'used-to-type',
             'used-to-pool', 'used-anywhere', 'used-paused'),
            pool='b1',
        )
        for volume in cls.volumes:
            cloud.fill_volume(volume)
        for volume in ('used-to-type', 'used-to-pool'):
            cloud.attach('holder', volume)
        cloud.attach('mover', 'used-anywhere')
        cloud.attach('paused-holder', 'used-paused')
        cloud.act('live-locked', 'lock')
        cloud.behave('in-place', retype_in_place='yes')
        cls.create_type('lvm1-twin', volume_backend_name='lvm1')
        cls.files = {v: cloud.volume_file(v) for v in cls.volumes}
        cls.sums = {v: cloud.volume_checksum(v) for v in cls.volumes}
        to_2, b3 = base.active('compute2'), base.B3
        wanted_servers = {
            'live-to': to_2,
            'live-empty': base.active(''),
            'live-none': base.active(),
            'live-forced': base.active('compute3', force=True),
            'live-locked': to_2,
            'live-paused': to_2,
            'mover': base.active(src_hostname='compute1'),
            'cold-to': base.shutoff('compute3'),
            'cold-free': base.shutoff(),
            'live-group': to_2,
            'cold-group': base.shutoff('compute3'),
        }
        wanted_volumes = {
            'to-pool': base.available(b3),
            'to-backend': base.available(b3.partition('#')[0]),
            'to-type': base.available(dst_type='lvm2'),
            'in-place': base.available(dst_type='lvm1-twin'),
            'used-to-type': base.in_use(dst_type='lvm2'),
            'used-to-pool': base.in_use(b3),
            'used-anywhere': base.in_use(),
            'used-paused': base.in_use(b3),
        }
        cls.plan = base.plan_of({
            'vm': {cls.servers[n]: w for n, w in wanted_servers.items()},
            'volume': {cls.volumes[n]: w for n, w in wanted_volumes.items()},
        }, move_locked=True)
        cls.planned = cls.plan.actions()
        cls.state = cls.plan.run()
        cls.actions = cls.plan.actions()

    @classmethod
    def create_group_that_is_gone(cls):
        """``{name: id}`` of servers whose group was deleted.

        It would have kept them on one host.
        """
        cloud = cls.cloud
        group = cloud.call('POST', 'nova', '/os-server-groups', {
            'server_group': {'name': 'gone', 'policy': 'affinity'}
        })['server_group']['id']
        try:
            return {
                'live-group': cloud.create_server(
                    'live-group', host='compute1', group=group),
                'cold-group': cloud.create_server(
                    'cold-group', host='compute1', stopped=True, group=group),
            }
        finally:
            cloud.call('DELETE', 'nova', f'/os-server-groups/{group}')

    def assert_moved(self, name, action_type, state='SUCCEEDED'):
        action = self.actions[{**self.servers, **self.volumes}[name]]
        self.assertEqual(action_type, action.type)
        self.assert_state(action, state)

    def test_plan_succeeds(self):
        messages = {a.message for a in self.actions.values()
                    if a.state != 'SUCCEEDED'}
        self.assertEqual(('SUCCEEDED', set()), (self.state, messages))

    def test_active_server_goes_live_to_its_destination(self):
        self.assert_moved('live-to', 'live_migration')
        self.assert_server('live-to', 'compute2', 'ACTIVE')

    def test_active_server_without_destination_leaves_its_host(self):
        for name in ('live-empty', 'live-none', 'mover'):
            self.assert_moved(name, 'live_migration')
            self.assertNotEqual('compute1', self.host_of(name))

    def test_forced_server_goes_to_its_destination(self):
        self.assert_moved('live-forced', 'live_migration')
        self.assert_server('live-forced', 'compute3', 'ACTIVE')

    def test_locked_server_moves_and_stays_locked(self):
        self.assert_moved('live-locked', 'live_migration')
        self.assert_server('live-locked', 'compute2', 'ACTIVE')
        self.assertTrue(self.cloud.server('live-locked')['locked'])

    def test_server_whose_group_was_deleted_moves(self):
        self.assert_moved('live-group', 'live_migration')
        self.assert_server('live-group', 'compute2', 'ACTIVE')
        self.assert_moved('cold-group', 'cold_migration')
        self.assert_server('cold-group', 'compute3', 'SHUTOFF')

    def test_paused_server_moves_and_stays_paused(self):
        self.assert_moved('live-paused', 'live_migration')
        self.assert_server('live-paused', 'compute2', 'PAUSED')

    def test_stopped_server_goes_cold_to_its_destination(self):
        self.assert_moved('cold-to', 'cold_migration')
        self.assert_server('cold-to', 'compute3', 'SHUTOFF')

    def test_stopped_server_without_destination_leaves_its_host(self):
        self.assert_moved('cold-free', 'cold_migration')
        self.assertNotEqual('compute1', self.host_of('cold-free'))
        self.assertEqual('SHUTOFF', self.cloud.server('cold-free')['status'])

    def test_cold_migration_is_confirmed(self):
        statuses = [m['status'] for m in self.cloud.migrations('cold-to')]
        self.assertEqual(['confirmed'], statuses)

    def test_detached_volume_goes_to_its_pool(self):
        self.assert_moved('to-pool', 'volume_migration')
        self.assert_volume(
            'to-pool', base.B3, 'lvm1', 'available')

    def test_backend_without_pool_is_a_destination(self):
        self.assert_moved('to-backend', 'volume_migration')
        self.assert_volume(
            'to-backend', base.B3, 'lvm1', 'available')

    def test_detached_volume_goes_to_its_type(self):
        self.assert_moved('to-type', 'volume_retype')
        shown = self.cloud.volume('to-type')
        self.assertEqual('lvm2', shown['volume_type'])
        self.assertIn(shown['os-vol-host-attr:host'],
                      (base.B2, base.B4))

    def test_retype_inside_its_backend_counts(self):
        self.assert_moved('in-place', 'volume_retype')
        self.assert_volume(
            'in-place', base.B1, 'lvm1-twin', 'available')

    def test_attached_volume_goes_to_its_type(self):
        self.assert_moved('used-to-type', 'volume_update')
        self.assertEqual(
            'lvm2', self.cloud.volume('used-to-type')['volume_type'])

    def test_attached_volume_goes_to_its_pool(self):
        for name in ('used-to-pool', 'used-paused'):
            self.assert_moved(name, 'volume_update')
            self.assert_volume(name, base.B3, 'lvm1', 'in-use')

    def test_attached_volume_without_destination_leaves_its_pool(self):
        self.assert_moved('used-anywhere', 'volume_update')
        self.assert_volume(
            'used-anywhere', base.B3, 'lvm1', 'in-use')

    def test_attached_volume_stays_attached_to_its_running_server(self):
        for volume, server in (('used-to-type', 'holder'),
                               ('used-to-pool', 'holder'),
                               ('used-anywhere', 'mover')):
            shown = self.cloud.volume(volume)
            self.assertEqual(
                [self.servers[server]],
                [a['server_id'] for a in shown['attachments']])
            self.assertEqual('ACTIVE', self.cloud.server(server)['status'])

    def test_volume_of_a_moved_server_is_attached_to_its_new_host(self):
        attachments = self.cloud.volume('used-anywhere')['attachments']
        self.assertEqual(
            [self.host_of('mover')], [a['host_name'] for a in attachments])

    def test_data_are_the_same(self):
        self.assertEqual(
            self.sums,
            {v: self.cloud.volume_checksum(v) for v in self.volumes})

    def test_source_copies_are_gone(self):
        def left():
            return {name for name, path in self.files.items()
                    if name != 'in-place' and path.exists()}

        self.cloud.wait(lambda: not left(), what='the end of the old data')
        self.assertEqual(set(), left())

    def test_server_waits_for_its_volumes_only(self):
        volume = self.planned[self.volumes['used-anywhere']]
        self.assertEqual(
            [volume.uuid], self.planned[self.servers['mover']].parents)
        self.assertEqual(
            [], self.planned[self.servers['live-to']].parents)

    def test_operations_on_one_server_do_not_overlap(self):
        events = self.cloud.call(
            'GET', 'nova',
            f'/servers/{self.servers["mover"]}/os-instance-actions',
        )['instanceActions']
        kinds = [e['action'] for e in reversed(events)]
        self.assertLess(
            kinds.index('swap_volume'), kinds.index('live-migration'))
        swaps = [
            e for e in self.cloud.call(
                'GET', 'nova',
                f'/servers/{self.servers["holder"]}/os-instance-actions',
            )['instanceActions'] if e['action'] == 'swap_volume'
        ]
        self.assertEqual(2, len(swaps))
        first, second = sorted(swaps, key=lambda e: e['start_time'])
        self.assertLessEqual(first['updated_at'], second['start_time'])

    def test_parameters_are_flat_and_name_the_resource(self):
        for action in self.planned.values():
            self.assertTrue(action.parameters['resource_name'])
            for value in action.parameters.values():
                self.assertIsInstance(value, (str, int, bool))
