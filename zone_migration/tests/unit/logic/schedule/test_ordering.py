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

from zone_migration.logic.schedule import ordering


def action(action_type, **parameters):
    return {'action_type': action_type, 'input_parameters': parameters}


def disabling(host, reason='watcher_zone_migration audit'):
    return action(
        'change_nova_service_state',
        resource_id=host,
        resource_name=host,
        state='disabled',
        disabled_reason=reason,
    )


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

    def test_lower_rank_starts_first(self):
        actions = [action('nop', rank=2), action('nop', rank=1)]
        self.assertEqual([1, 0], ordering.order(actions, {}))

    def test_action_without_a_rank_has_rank_zero(self):
        actions = [
            action('nop', rank=1),
            action('nop'),
            action('nop', rank=-1),
        ]
        self.assertEqual([2, 1, 0], ordering.order(actions, {}))

    def test_rank_comes_before_size(self):
        actions = [
            action('live_migration', memory_mb=4096, rank=2),
            action('live_migration', memory_mb=1, rank=1),
        ]
        self.assertEqual([1, 0], ordering.order(actions, {}))

    def test_weight_comes_before_rank(self):
        actions = [action('a', rank=1), action('b', rank=2)]
        self.assertEqual([1, 0], ordering.order(actions, {'b': 1}))

    def test_host_is_disabled_before_anything_whatever_the_weights(self):
        actions = [
            action('live_migration', source='c1', rank=-1),
            disabling('c1'),
        ]
        self.assertEqual(
            [1, 0],
            ordering.order(
                actions,
                {'live_migration': 5, 'change_nova_service_state': -5},
            ),
        )

    def test_host_that_another_strategy_disables_has_its_weight(self):
        actions = [action('nop'), disabling('c1', 'watcher_disabled')]
        self.assertEqual([0, 1], ordering.order(actions, {}))

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

    def test_server_leaves_a_host_after_that_was_disabled(self):
        actions = [
            action('live_migration', resource_id='s1', source='c1'),
            action('cold_migration', resource_id='s2', source='c2'),
            action('cold_migration', resource_id='s3', source='c3'),
            disabling('c2'),
            disabling('c1'),
        ]
        self.assertEqual([[4], [3], [], [], []], ordering.parents(actions))

    def test_server_waits_for_its_host_and_for_its_volumes(self):
        actions = [
            disabling('c1'),
            action('volume_update', resource_id='v', server_id='s'),
            action('live_migration', resource_id='s', source='c1'),
        ]
        self.assertEqual([[], [], [0, 1]], ordering.parents(actions))

    def test_nothing_waits_for_a_host_to_be_enabled(self):
        enabling = disabling('c1')
        enabling['input_parameters']['state'] = 'enabled'
        actions = [
            enabling,
            action('live_migration', resource_id='s', source='c1'),
        ]
        self.assertEqual([[], []], ordering.parents(actions))

    def test_actions_without_a_resource_wait_for_nothing(self):
        self.assertEqual([[]], ordering.parents([action('nop')]))


class GroupsTest(testtools.TestCase):
    def groups(self, types, weights):
        return ordering.groups([action(one) for one in types], weights)

    def test_without_weights_all_are_one_group(self):
        self.assertEqual(1, len(set(self.groups(['a', 'b', 'a'], {}))))

    def test_higher_weight_is_a_lower_group(self):
        first, same, last = self.groups(['a', 'a', 'b'], {'a': 5, 'b': 2})
        self.assertEqual(first, same)
        self.assertLess(first, last)

    def test_types_of_one_weight_are_one_group(self):
        self.assertEqual(
            1, len(set(self.groups(['a', 'b', 'a'], {'a': 1, 'b': 1})))
        )

    def test_order_that_contradicts_the_weights_is_the_only_priority(self):
        groups = self.groups(['b', 'a', 'a'], {'a': 5})
        self.assertEqual(sorted(set(groups)), groups)
        self.assertEqual(3, len(groups))

    def test_order_of_our_planner_agrees_with_its_weights(self):
        weights = {'a': 1, 'b': -1, 'c': 7}
        actions = [action(one) for one in 'abcdabcd']
        planned = [actions[i] for i in ordering.order(actions, weights)]
        self.assertEqual(4, len(set(ordering.groups(planned, weights))))

    def test_each_rank_is_a_group_inside_its_weight(self):
        actions = [
            action('a', rank=1),
            action('a', rank=2),
            action('a', rank=2),
            action('b', rank=1),
        ]
        self.assertEqual([0, 1, 1, 2], ordering.groups(actions, {'a': 1}))

    def test_order_that_contradicts_the_ranks_is_the_only_priority(self):
        actions = [action('a', rank=rank) for rank in (2, 1, 1)]
        self.assertEqual([0, 1, 2], ordering.groups(actions, {}))

    def test_disabling_a_host_is_the_first_group(self):
        actions = [disabling('c1'), disabling('c2'), action('a', rank=-9)]
        self.assertEqual([0, 0, 1], ordering.groups(actions, {'a': 9}))

    def test_no_actions_have_no_groups(self):
        self.assertEqual([], ordering.groups([], {'a': 1}))


class ExpectedTest(testtools.TestCase):
    def test_memory_is_expected_beside_the_overhead(self):
        self.assertEqual(
            ordering.OVERHEAD_MB + 2048, ordering.expected({'memory_mb': 2048})
        )

    def test_gigabytes_are_expected_as_megabytes(self):
        self.assertEqual(
            ordering.expected({'memory_mb': 3072}),
            ordering.expected({'size_gb': 3}),
        )

    def test_action_that_copies_nothing_is_expected_to_take_something(self):
        self.assertLess(0, ordering.expected({}))
