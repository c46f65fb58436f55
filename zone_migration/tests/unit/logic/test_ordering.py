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

from zone_migration.logic import ordering


def action(action_type, **parameters):
    return {'action_type': action_type, 'input_parameters': parameters}


class OrderTest(testtools.TestCase):
    def test_higher_weight_starts_first(self):
        actions = [action('live_migration'), action('volume_migration')]
        self.assertEqual(
            [1, 0], ordering.order(actions, {'volume_migration': 1})
        )

    def test_type_without_a_weight_has_weight_zero(self):
        actions = [action('nop'), action('sleep'), action('my_message')]
        self.assertEqual(
            [2, 1, 0], ordering.order(actions, {'my_message': 1, 'nop': -1})
        )

    def test_largest_server_starts_first(self):
        actions = [
            action('live_migration', memory_mb=512),
            action('live_migration', memory_mb=4096),
        ]
        self.assertEqual([1, 0], ordering.order(actions, {}))

    def test_gigabytes_of_a_volume_count_as_megabytes_of_a_server(self):
        actions = [
            action('live_migration', memory_mb=2000),
            action('volume_migration', size_gb=2),
            action('live_migration', memory_mb=4000),
        ]
        self.assertEqual([2, 1, 0], ordering.order(actions, {}))

    def test_weight_comes_before_size(self):
        actions = [
            action('live_migration', memory_mb=4096),
            action('volume_migration', size_gb=1),
        ]
        self.assertEqual(
            [1, 0], ordering.order(actions, {'volume_migration': 1})
        )

    def test_equal_actions_keep_their_order(self):
        actions = [action('nop') for _ in range(5)]
        self.assertEqual([0, 1, 2, 3, 4], ordering.order(actions, {}))


class ParentsTest(testtools.TestCase):
    def test_server_waits_for_its_volumes(self):
        actions = [
            action('live_migration', resource_id='s'),
            action('volume_update', resource_id='v1', server_id='s'),
            action('volume_update', resource_id='v2', server_id='s'),
        ]
        self.assertEqual([[1, 2], [], []], ordering.parents(actions))

    def test_server_does_not_wait_for_volumes_of_another(self):
        actions = [
            action('live_migration', resource_id='s'),
            action('volume_update', resource_id='v', server_id='other'),
        ]
        self.assertEqual([[], []], ordering.parents(actions))

    def test_detached_volumes_wait_for_nothing(self):
        actions = [
            action('volume_migration', resource_id='v1'),
            action('volume_retype', resource_id='v2'),
        ]
        self.assertEqual([[], []], ordering.parents(actions))

    def test_actions_without_a_resource_wait_for_nothing(self):
        self.assertEqual([[]], ordering.parents([action('nop')]))
