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

import testtools

from zone_migration.logic.schedule import host_changes

OURS = 'watcher_zone_migration audit-1'


class DisabledByTest(testtools.TestCase):
    def action(self, **parameters):
        return {
            'action_type': 'change_nova_service_state',
            'input_parameters': {
                'resource_id': 'c1',
                'resource_name': 'c1',
                'state': 'disabled',
                'disabled_reason': OURS,
                **parameters,
            },
        }

    def test_action_of_ours(self):
        self.assertEqual('c1', host_changes.disabled_by(self.action()))

    def test_action_that_enables(self):
        self.assertEqual(
            '', host_changes.disabled_by(self.action(state='enabled'))
        )

    def test_action_of_another_strategy(self):
        self.assertEqual(
            '',
            host_changes.disabled_by(
                self.action(disabled_reason='watcher_disabled')
            ),
        )

    def test_action_that_gives_no_reason(self):
        action = self.action()
        del action['input_parameters']['disabled_reason']
        self.assertEqual('', host_changes.disabled_by(action))

    def test_action_of_another_type(self):
        self.assertEqual(
            '',
            host_changes.disabled_by({**self.action(), 'action_type': 'nop'}),
        )
