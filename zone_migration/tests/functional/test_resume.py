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

"""An applier dies with migrations in flight; the next audit ends them."""

from zone_migration.tests.functional import base

B3 = 'block1@b3#b3'


class ResumeTest(base.FunctionalTest):
    """The same audit again finishes what was begun, and starts nothing twice.

    The destinations are named: without, the second audit could not know that
    a server has left.
    """

    def test_killed_applier(self):
        cloud = self.cloud
        ids = {
            # Not on one host: Nova would queue one behind the other.
            'live': cloud.create_server('live', host='compute1'),
            'done': cloud.create_server('done', host='compute3'),
            'cold': cloud.create_server(
                'cold', host='compute2', stopped=True),
            **cloud.create_volumes(('copied',), pool='b1'),
        }
        params = {
            'vm': {
                ids['live']: {
                    'status': 'active', 'dst_hostname': 'compute2'},
                ids['done']: {
                    'status': 'active', 'dst_hostname': 'compute1'},
                ids['cold']: {
                    'status': 'shutoff', 'dst_hostname': 'compute3'},
            },
            'volume': {ids['copied']: {
                'status': 'available', 'dst_hostname': B3}},
        }
        cloud.behave('live', live_result='hang')
        cloud.behave('cold', cold_result='hang')
        cloud.behave('copied', copy_result='hang')
        first = base.plan_of(params).start()
        cloud.wait(lambda: (
            self.host_of('done') == 'compute1'
            and cloud.server('done')['status'] == 'ACTIVE'
            and cloud.server('live')['status'] == 'MIGRATING'
            and cloud.server('cold')['status'] == 'RESIZE'
            and cloud.volume('copied')['migration_status'] == 'migrating'))
        cloud.kill('watcher-applier')
        cloud.start('watcher-applier')
        self.assertEqual('CANCELLED', first.wait())
        second = base.plan_of(params).start()
        cloud.wait(lambda: all(
            second.actions()[ids[name]].state == 'ONGOING'
            for name in ('live', 'copied')))
        cloud.forget_behaviour()
        second.wait()
        actions = second.actions()
        for name in ('live', 'cold', 'copied'):
            self.assert_state(actions[ids[name]], 'SUCCEEDED')
        self.assert_state(actions[ids['done']], 'SKIPPED', 'already')
        self.assert_server('live', 'compute2', 'ACTIVE')
        self.assert_server('cold', 'compute3', 'SHUTOFF')
        self.assert_volume('copied', B3, 'lvm1', 'available')
        for name in ('live', 'done', 'cold'):
            self.assertEqual(1, len(cloud.migrations(name)), name)
