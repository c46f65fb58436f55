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

"""What is found at the start of an action: done, gone, wrong or busy."""

from zone_migration.tests.functional import base

TO_2 = base.active('compute2')


class ConditionsTest(base.FunctionalTest):
    """Each has a defined outcome and says its reason; the others go on.

    What changes between the audit and the start is found by the action; an
    audit made afterwards says the same before anything moves.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.ids = {
            **cloud.create_servers(
                ('good', 'stopped', 'elsewhere', 'deleted-later',
                 'swap-holder', 'stopped-holder', 'second-holder',
                 'shelved-holder', 'disabled-goal'),
                host='compute1'),
            **cloud.create_servers(
                ('running', 'resized'), host='compute1', stopped=True),
            **cloud.create_servers(('there',), host='compute2'),
            **cloud.create_volumes(
                ('attached', 'on-stopped', 'detached', 'with-snapshot',
                 'in-pool', 'stale-error', 'vanishing'),
                pool='b1'),
            **cloud.create_volumes(('there-already',), pool='b3'),
        }
        cloud.attach('stopped-holder', 'on-stopped')
        cloud.attach('swap-holder', 'detached')
        cls.create_type('shared', volume_backend_name='lvm1',
                        multiattach='<is> True')
        for name in ('twice', 'half-shelved'):
            cls.ids[name] = cloud.create_volume(name, type='shared')
            cloud.attach('swap-holder', name)
        cls.leave_stale_error('stale-error')
        cls.group = cls.create_group()
        cls.ids['grouped'] = cls.create_volume_near('grouped', cls.group)
        in_use, to_b3 = base.in_use(), base.available(base.B3)
        vm = {
            'good': TO_2,
            'running': base.shutoff(),
            'stopped': base.active(),
            'there': TO_2,
            'elsewhere': base.active('compute2', src_hostname='compute3'),
            'deleted-later': TO_2,
            'disabled-goal': base.active('compute3'),
            'resized': base.shutoff(),
        }
        volume = {
            'attached': to_b3,
            'on-stopped': in_use,
            'detached': in_use,
            'with-snapshot': to_b3,
            'in-pool': base.available(base.B2),
            'there-already': to_b3,
            'stale-error': to_b3,
            'twice': in_use,
            'half-shelved': in_use,
            'grouped': base.available((
                {base.B1, base.B3}
                - {cloud.volume('grouped')['os-vol-host-attr:host']}).pop()),
            'vanishing': to_b3,
        }
        params = {
            'vm': {cls.ids[n]: w for n, w in vm.items()},
            'volume': {cls.ids[n]: w for n, w in volume.items()},
        }
        params['vm'][base.NOBODY] = base.active()
        cls.plan = base.plan_of(params)
        cls.planned = cls.plan.actions()
        cls.change()
        cls.state = cls.plan.run()
        cls.actions = cls.plan.actions()
        cls.planned_again = base.plan_of(params).actions()

    @classmethod
    def change(cls):
        """What happens to the cloud between the audit and the start."""
        cloud, ids = cls.cloud, cls.ids
        cloud.act('running', 'os-start')
        cloud.act('stopped', 'os-stop')
        cloud.act('stopped-holder', 'os-stop')
        cloud.act('resized', 'resize', {'flavorRef': 'small'})
        cloud.call('DELETE', 'nova', f'/servers/{ids["deleted-later"]}')
        cloud.call('DELETE', 'cinder', f'/volumes/{ids["vanishing"]}')
        cloud.call(
            'DELETE', 'nova', f'/servers/{ids["swap-holder"]}'
            f'/os-volume_attachments/{ids["detached"]}')
        cloud.attach('second-holder', 'attached')
        for server, volume in (
            ('second-holder', 'twice'), ('shelved-holder', 'half-shelved'),
        ):
            cloud.call(
                'POST', 'nova',
                f'/servers/{ids[server]}/os-volume_attachments',
                {'volumeAttachment': {'volumeId': ids[volume]}})
        cloud.call('POST', 'cinder', '/snapshots', {'snapshot': {
            'volume_id': ids['with-snapshot'], 'name': 'snapshot'}})
        cls.set_group('grouped', cls.group, 'add_volumes')
        cls.set_service('compute3', status='disabled')
        cls.addClassCleanup(cls.set_service, 'compute3', status='enabled')
        for server, status in (
            ('running', 'ACTIVE'), ('stopped', 'SHUTOFF'),
            ('stopped-holder', 'SHUTOFF'), ('resized', 'VERIFY_RESIZE'),
        ):
            cloud.wait(lambda server=server, status=status: cloud.server(
                server)['status'] == status)
        cloud.wait(lambda: 'deleted-later' not in {
            s['name'] for s in cloud.servers()})
        cloud.wait(lambda: 'vanishing' not in {
            v['name'] for v in cloud.volumes()})
        cloud.wait(lambda: cloud.volume('detached')['status'] == 'available')
        for volume in ('twice', 'half-shelved'):
            cloud.wait(lambda volume=volume: len(
                cloud.volume(volume)['attachments']) == 2)
        # A volume does not show the attachment of a server that is shelved.
        cloud.act('shelved-holder', 'shelve')
        cloud.wait(lambda: cloud.server(
            'shelved-holder')['status'] == 'SHELVED_OFFLOADED')
        cloud.wait(lambda: len(
            cloud.volume('half-shelved')['attachments']) == 1)

    @classmethod
    def create_group(cls):
        """A generic volume group, whose volumes Cinder never migrates."""
        cloud = cls.cloud
        group_type = cloud.call('POST', 'cinder', '/group_types', {
            'group_type': {'name': 'plain', 'is_public': True}
        })['group_type']['id']
        cls.addClassCleanup(
            cloud.call, 'DELETE', 'cinder', f'/group_types/{group_type}')
        types = {t['name']: t['id'] for t in cloud.call(
            'GET', 'cinder', '/types')['volume_types']}
        group = cloud.call('POST', 'cinder', '/groups', {'group': {
            'name': 'group', 'group_type': group_type,
            'volume_types': [types['lvm1']]}})['group']['id']
        cls.addClassCleanup(cls.delete_group, group)
        cls.wait_for_group(group)
        return group

    @classmethod
    def wait_for_group(cls, group):
        cls.cloud.wait(lambda: cls.cloud.call(
            'GET', 'cinder', f'/groups/{group}',
        )['group']['status'] == 'available')

    @classmethod
    def create_volume_near(cls, name, group):
        """A volume that the group can take: it is where the group is."""
        cloud = cls.cloud
        volume = cloud.call('POST', 'cinder', '/volumes', {'volume': {
            'name': name, 'size': 1, 'volume_type': 'lvm1',
            'group_id': group}})['volume']['id']
        cloud.wait(lambda: cloud.volume(volume)['status'] == 'available')
        cls.set_group(volume, group, 'remove_volumes')
        return volume

    @classmethod
    def set_group(cls, volume, group, how):
        """Put a volume into the group, or take it out of it."""
        cls.cloud.call('PUT', 'cinder', f'/groups/{group}', {'group': {
            how: cls.cloud.volume_id(volume)}})
        cls.wait_for_group(group)

    @classmethod
    def delete_group(cls, group):
        cls.cloud.call('POST', 'cinder', f'/groups/{group}/action',
                       {'delete': {'delete-volumes': True}})
        cls.cloud.wait(lambda: cls.cloud.request(
            'GET', 'cinder', f'/groups/{group}')[0] == 404)

    @classmethod
    def leave_stale_error(cls, name):
        """Let a migration fail, so that its error stays in the volume."""
        cloud = cls.cloud
        cloud.behave(name, copy_result='fail')
        cloud.call(
            'POST', 'cinder', f'/volumes/{cls.ids[name]}/action',
            {'os-migrate_volume': {'host': base.B3}})
        cloud.wait(
            lambda: cloud.volume(name)['migration_status'] == 'error')
        cloud.behave(name, copy_result=None)

    def assert_action(self, name, state, *words):
        id_ = self.ids.get(name, name)
        self.assert_state(self.actions[id_], state, *words)

    def assert_planned(self, name, *words):
        """An audit says it before anything moves."""
        id_ = self.ids.get(name, name)
        self.assert_state(self.planned_again[id_], 'SKIPPED', *words)

    def assert_refused(self, name, *words):
        """The action finds it; the audit made afterwards says the same."""
        self.assertEqual('PENDING', self.planned[self.ids[name]].state)
        self.assert_action(name, 'FAILED', *words)
        self.assert_planned(name, *words)

    def test_others_go_on(self):
        self.assert_action('good', 'SUCCEEDED')
        self.assert_server('good', 'compute2', 'ACTIVE')

    def test_running_server_that_should_be_off_is_refused(self):
        self.assert_refused('running', 'ACTIVE', 'not SHUTOFF')
        self.assert_server('running', 'compute1', 'ACTIVE')

    def test_stopped_server_that_should_run_is_refused(self):
        self.assert_refused('stopped', 'SHUTOFF', 'not ACTIVE')
        self.assert_server('stopped', 'compute1', 'SHUTOFF')

    def test_server_at_its_destination_is_skipped(self):
        self.assert_action('there', 'SKIPPED', 'already on compute2')

    def test_server_that_is_not_at_its_source_is_skipped(self):
        self.assert_action(
            'elsewhere', 'SKIPPED', 'on compute1, not on compute3')

    def test_server_unknown_at_the_audit_is_skipped_in_the_plan(self):
        self.assertEqual('SKIPPED', self.planned[base.NOBODY].state)
        self.assert_action(base.NOBODY, 'SKIPPED', 'not found')

    def test_server_deleted_after_the_audit_is_skipped(self):
        self.assertEqual(
            'PENDING', self.planned[self.ids['deleted-later']].state)
        self.assert_action('deleted-later', 'SKIPPED', 'not found')

    def test_volume_deleted_after_the_audit_is_skipped(self):
        self.assert_action('vanishing', 'SKIPPED', 'not found')

    def test_disabled_destination_is_refused(self):
        self.assert_refused('disabled-goal', 'compute3 is disabled')
        self.assert_server('disabled-goal', 'compute1', 'ACTIVE')

    def test_resize_of_the_owner_is_not_confirmed(self):
        self.assert_refused('resized', 'VERIFY_RESIZE', 'owner')
        self.assertEqual(
            'VERIFY_RESIZE', self.cloud.server('resized')['status'])

    def test_attached_volume_that_should_be_free_is_refused(self):
        self.assert_refused(
            'attached', 'Invalid state for cold migration', 'in-use')

    def test_volume_with_snapshots_is_refused(self):
        self.assert_refused(
            'with-snapshot', 'Invalid state for cold migration', 'snapshots')

    def test_volume_in_a_group_is_refused(self):
        self.assert_refused(
            'grouped', 'Invalid state for cold migration', 'group')

    def test_pool_of_another_type_is_refused(self):
        self.assert_planned(
            'in-pool', 'Volume type must be same for migrating')
        self.assert_action(
            'in-pool', 'SKIPPED', 'Volume type must be same for migrating')

    def test_volume_in_its_pool_is_skipped(self):
        self.assert_action('there-already', 'SKIPPED', 'already')

    def test_volume_of_a_stopped_server_is_refused(self):
        self.assert_refused(
            'on-stopped', 'Invalid state for swapping volume', 'SHUTOFF')

    def test_free_volume_that_should_be_attached_is_refused(self):
        self.assert_refused(
            'detached', 'Invalid state for swapping volume', 'available')

    def test_volume_that_a_shelved_server_has_too_is_refused(self):
        self.assert_refused(
            'half-shelved', 'Invalid state for swapping volume', '2 servers')

    def test_volume_attached_twice_is_refused(self):
        self.assert_refused(
            'twice', 'Invalid state for swapping volume', '2 servers')

    def test_error_of_an_earlier_migration_does_not_count(self):
        self.assert_action('stale-error', 'SUCCEEDED')
        self.assert_volume('stale-error', base.B3, 'lvm1', 'available')


class InFlightTest(base.FunctionalTest):
    """What somebody else has started is adopted, or refused."""

    def test_live_migrations_in_flight(self):
        cloud = self.cloud
        ids = cloud.create_servers(
            ('other-way', 'adopted', 'adopted-anywhere'), host='compute1')
        cloud.behave('*', live_result='hang')
        plan = base.plan_of({'vm': {
            ids['other-way']: base.active('compute3'),
            ids['adopted']: TO_2,
            ids['adopted-anywhere']: base.active(),
        }})
        for server in ids.values():
            cloud.act(server, 'os-migrateLive', {
                'host': 'compute2', 'block_migration': 'auto'})
            cloud.wait(lambda s=server: any(
                m['dest_compute'] for m in cloud.migrations(s)))
        plan.start()
        cloud.wait(
            lambda: plan.actions()[ids['other-way']].state == 'FAILED')
        cloud.wait(lambda: all(
            plan.actions()[ids[name]].state == 'ONGOING'
            for name in ('adopted', 'adopted-anywhere')))
        cloud.forget_behaviour()
        plan.wait()
        actions = plan.actions()
        self.assert_state(
            actions[ids['other-way']], 'FAILED', 'to compute2 is in flight')
        for name in ('adopted', 'adopted-anywhere'):
            self.assert_state(actions[ids[name]], 'SUCCEEDED')
            self.assert_server(name, 'compute2', 'ACTIVE')
            self.assertEqual(1, len(cloud.migrations(name)))

    def test_unconfirmed_cold_migration_is_confirmed(self):
        cloud = self.cloud
        server = cloud.create_server(
            'unconfirmed', host='compute1', stopped=True)
        plan = base.plan_of({'vm': {server: base.shutoff('compute2')}})
        cloud.act(server, 'migrate', {'host': 'compute2'})
        cloud.wait(lambda: cloud.server(server)['status'] == 'VERIFY_RESIZE')
        self.assertEqual('SUCCEEDED', plan.run())
        self.assert_server(server, 'compute2', 'SHUTOFF')

    def test_server_whose_volume_is_being_swapped_is_refused(self):
        cloud = self.cloud
        server = cloud.create_server('swapping', host='compute1')
        volume = cloud.create_volume('swapped', pool='b1')
        cloud.attach(server, volume)
        plan = base.plan_of({'vm': {server: TO_2}})
        cloud.behave('swapping', swap_result='hang')
        cloud.call(
            'POST', 'cinder', f'/volumes/{volume}/action',
            {'os-migrate_volume': {'host': base.B3}})
        self.assertEqual('FAILED', plan.run())
        self.assert_state(plan.actions()[server], 'FAILED', volume)
        self.assert_server(server, 'compute1', 'ACTIVE')
        cloud.forget_behaviour()
        cloud.wait(
            lambda: cloud.volume(volume)['migration_status'] == 'success')
        self.assert_volume(volume, base.B3, 'lvm1', 'in-use')

    def test_volume_migrations_in_flight(self):
        cloud = self.cloud
        ids = cloud.create_volumes(('adopted', 'other-way'), pool='b1')
        cloud.behave('*', copy_result='hang')
        plan = base.plan_of({'volume': {
            ids['adopted']: base.available(base.B3),
            ids['other-way']: base.available(dst_type='lvm2'),
        }})
        for volume in ids.values():
            cloud.call(
                'POST', 'cinder', f'/volumes/{volume}/action',
                {'os-migrate_volume': {'host': base.B3, 'lock_volume': True}})
        plan.start()
        cloud.wait(lambda: all(
            a.state == 'ONGOING' for a in plan.actions().values()))
        cloud.forget_behaviour()
        plan.wait()
        actions = plan.actions()
        self.assert_state(actions[ids['adopted']], 'SUCCEEDED')
        self.assert_state(actions[ids['other-way']], 'FAILED')
        for name in ids:
            self.assert_volume(name, base.B3, 'lvm1', 'available')
