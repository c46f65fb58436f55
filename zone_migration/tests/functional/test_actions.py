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

"""What no audit asks for, run with the actions themselves.

They are made by Watcher's own loader with the configuration of the sandbox's
Watcher, and speak to its Nova and Cinder.
"""

import threading

from oslo_config import cfg
from watcher.applier.loading import default as loading
from watcher.common import clients
from watcher.common import exception as watcher_exception
from watcher.common import service

from zone_migration import exception
from zone_migration.tests.functional import base


class ActionsTest(base.FunctionalTest):
    """Single actions against the real services."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        service.prepare_service([
            'functional-test',
            '--config-file',
            str(cls.cloud.layout.etc('watcher', 'watcher.conf')),
            '--log-file', str(cls.cloud.layout.log('functional-test')),
        ], cfg.CONF)
        cls.osc = clients.OpenStackClients()

    def action(self, action_type, **parameters):
        made = loading.DefaultActionLoader().load(action_type, osc=self.osc)
        made.input_parameters = parameters
        made.validate_parameters()
        return made

    def run_action(self, action_type, **parameters):
        action = self.action(action_type, **parameters)
        action.pre_condition()
        self.assertIs(True, action.execute())
        action.post_condition()
        return action

    def test_cold_migration_of_an_active_server_leaves_it_active(self):
        server = self.cloud.create_server('on', host='compute1')
        self.run_action(
            'cold_migration', resource_id=server, dst_hostname='compute2')
        self.assert_server(server, 'compute2', 'ACTIVE')

    def test_reverts_move_everything_back(self):
        live = self.cloud.create_server('live', host='compute1')
        cold = self.cloud.create_server('cold', host='compute1', stopped=True)
        volumes = self.cloud.create_volumes(
            ('moved', 'retyped', 'attached'), pool='b1')
        self.cloud.attach(live, volumes['attached'])
        done = [
            self.run_action(
                'volume_update', resource_id=volumes['attached']),
            self.run_action(
                'live_migration', resource_id=live, dst_hostname='compute2'),
            self.run_action('cold_migration', resource_id=cold),
            self.run_action(
                'volume_migration', resource_id=volumes['moved'],
                dst_hostname=base.B3),
            self.run_action(
                'volume_retype', resource_id=volumes['retyped'],
                dst_type='lvm2'),
        ]
        for action in reversed(done):
            action.revert()
        self.assert_server(live, 'compute1', 'ACTIVE')
        self.assert_server(cold, 'compute1', 'SHUTOFF')
        for name in ('moved', 'retyped'):
            self.assert_volume(name, base.B1, 'lvm1', 'available')
        self.assert_volume('attached', base.B1, 'lvm1', 'in-use')

    def test_revert_of_an_unconfirmed_cold_migration(self):
        server = self.cloud.create_server(
            'unconfirmed', host='compute1', stopped=True)
        self.cloud.act(server, 'migrate', {'host': 'compute2'})
        self.cloud.wait(
            lambda: self.cloud.server(server)['status'] == 'VERIFY_RESIZE')
        action = self.action(
            'cold_migration', resource_id=server, source='compute1',
            dst_hostname='compute2')
        action.revert()
        self.assert_server(server, 'compute1', 'SHUTOFF')

    def test_aborted_live_migration_is_cancelled(self):
        server = self.cloud.create_server('aborted', host='compute1')
        self.cloud.behave('aborted', live_result='hang')
        action = self.action(
            'live_migration', resource_id=server, dst_hostname='compute2')
        action.pre_condition()
        raised = []

        def execute():
            try:
                action.execute()
            except watcher_exception.WatcherException as error:
                raised.append(error)

        thread = threading.Thread(target=execute)
        thread.start()
        # At once, while Nova has not even made its record.
        self.assertTrue(action.abort())
        thread.join(300)
        self.assertIsInstance(raised[0], exception.MoveCancelled)
        self.assert_server(server, 'compute1', 'ACTIVE')

    def test_attach_in_mid_copy_is_kept_out(self):
        volume = self.cloud.create_volume('locked', pool='b1')
        server = self.cloud.create_server('attacher', host='compute1')
        self.cloud.behave('locked', copy_result='hang')
        action = self.action(
            'volume_migration', resource_id=volume, dst_hostname=base.B3)
        action.pre_condition()
        thread = threading.Thread(target=action.execute)
        thread.start()
        self.cloud.wait(
            lambda: self.cloud.volume(volume)['migration_status'] ==
            'migrating')
        status, body = self.cloud.request(
            'POST', 'nova', f'/servers/{server}/os-volume_attachments',
            {'volumeAttachment': {'volumeId': volume}})
        self.assertEqual(400, status, body)
        self.cloud.forget_behaviour()
        thread.join(300)
        self.assert_volume(volume, base.B3, 'lvm1', 'available')

    def test_migration_of_a_deleted_server_is_failed(self):
        server = self.cloud.create_server('deleted', host='compute1')
        self.cloud.behave('deleted', live_result='hang')
        action = self.action(
            'live_migration', resource_id=server, dst_hostname='compute2')
        action.pre_condition()
        deleter = threading.Thread(
            target=self.delete_while_migrating, args=(server,))
        deleter.start()
        with self.assertRaisesRegex(exception.MoveFailed, 'deleted'):
            action.execute()
        deleter.join(300)

    def delete_while_migrating(self, server):
        self.cloud.wait(
            lambda: any(m['status'] == 'running'
                        for m in self.cloud.migrations(server)))
        self.cloud.call('DELETE', 'nova', f'/servers/{server}')

    def test_host_that_is_down_is_refused(self):
        server = self.cloud.create_server('stays', host='compute1')
        self.set_service('compute3', forced_down=True)
        self.addCleanup(self.set_service, 'compute3', forced_down=False)
        action = self.action(
            'live_migration', resource_id=server, dst_hostname='compute3')
        with self.assertRaisesRegex(
                exception.MoveRefused, 'destination compute3 is down'):
            action.pre_condition()
