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

from zone_migration.logic.plan import estimate
from zone_migration.logic.plan import planned_actions

#: So that a GB is ten seconds, whatever it is a GB of.
BANDWIDTH = estimate.Bandwidth(memory=102.4, volume=102.4)


def action(action_type, state=None, **parameters):
    made = {'action_type': action_type, 'input_parameters': parameters}
    if state:
        made['state'] = state
    return made


def live(id_='s', **parameters):
    return action('live_migration', resource_id=id_, **parameters)


def volume(id_='v', **parameters):
    return action('volume_update', resource_id=id_, **parameters)


class SecondsTest(testtools.TestCase):
    def seconds(self, *actions, **limits):
        return round(estimate.seconds(actions, limits, BANDWIDTH), 6)

    def test_nothing_takes_no_time(self):
        self.assertEqual(0, self.seconds())

    def test_memory_is_copied_beside_the_overhead(self):
        self.assertEqual(30, self.seconds(live(memory_mb=2048)))

    def test_volume_is_copied_beside_the_overhead(self):
        self.assertEqual(60, self.seconds(volume(size_gb=5)))

    def test_bandwidths_are_those_of_memory_and_of_volumes(self):
        bandwidth = estimate.Bandwidth(memory=1024, volume=256)
        self.assertEqual(
            [11, 14],
            [
                estimate.seconds([one], {}, bandwidth)
                for one in (live(memory_mb=1024), volume(size_gb=1))
            ],
        )

    def test_memory_of_a_stopped_server_is_not_copied(self):
        self.assertEqual(
            10, self.seconds(action('cold_migration', memory_mb=2048))
        )

    def test_what_runs_at_once_takes_as_long_as_the_longest(self):
        self.assertEqual(
            30, self.seconds(live('s1', memory_mb=2048), live('s2'))
        )

    def test_limits_make_them_wait(self):
        actions = [live(str(i), source='c1', memory_mb=1024) for i in range(6)]
        self.assertEqual(60, self.seconds(*actions, node=2))
        self.assertEqual(120, self.seconds(*actions, node=2, total=1))

    def test_server_waits_for_its_volumes(self):
        self.assertEqual(
            35,
            self.seconds(
                volume(server_id='s', size_gb=1), live('s', memory_mb=512)
            ),
        )

    def test_what_is_skipped_takes_no_time(self):
        self.assertEqual(
            20,
            self.seconds(
                action(
                    'volume_update',
                    'SKIPPED',
                    resource_id='v',
                    server_id='s',
                    size_gb=50,
                ),
                live('s', memory_mb=1024),
            ),
        )

    def test_changing_the_state_of_a_host_takes_no_time(self):
        self.assertEqual(0, self.seconds(action('change_nova_service_state')))


class WithDurationsTest(testtools.TestCase):
    def expected(self, action_type, **parameters):
        (found,) = estimate.with_durations(
            [planned_actions.PlannedAction(action_type, 'id', parameters)],
            BANDWIDTH,
        )
        self.assertEqual(
            parameters,
            {
                name: value
                for name, value in found.parameters.items()
                if name != 'expected_duration'
            },
        )
        return found.parameters.get('expected_duration')

    def test_each_move_has_its_own(self):
        for seconds, action_type, size in (
            (30, 'live_migration', {'memory_mb': 2048}),
            (10, 'cold_migration', {'memory_mb': 2048}),
            (30, 'volume_migration', {'size_gb': 2}),
            (30, 'volume_retype', {'size_gb': 2}),
            (30, 'volume_update', {'size_gb': 2}),
        ):
            self.assertEqual(
                seconds, self.expected(action_type, **size), action_type
            )

    def test_seconds_are_whole(self):
        self.assertEqual(15, self.expected('live_migration', memory_mb=500))

    def test_what_is_not_known_has_none(self):
        self.assertIsNone(self.expected('live_migration', status='active'))
