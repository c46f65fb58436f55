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

from zone_migration.logic.audit import params
from zone_migration.logic.plan import efficacy
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.preflight import already_there
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import results

THERE = already_there.already_on('server', 'c2')
ELSEWHERE = already_there.elsewhere('server', 'c3', 'c1')


def server(decision=decisions.START):
    return results.Result(params.ServerItem('s', 'active'), decision)


def volume(decision=decisions.START):
    return results.Result(params.VolumeItem('v', 'in-use'), decision)


def action(action_type, skip_reason=''):
    return planned_actions.PlannedAction(action_type, 'id', {}, skip_reason)


class IndicatorsTest(testtools.TestCase):
    def test_empty_plan(self):
        self.assertEqual(
            {0},
            set(efficacy.indicators(results.Report(), [], 0, {}).values()),
        )

    def test_each_resource_is_counted_once(self):
        report = results.Report(
            [
                server(),
                server(decisions.adopt('in flight')),
                server(decisions.skip(THERE)),
                server(decisions.refuse('locked')),
                volume(),
                volume(decisions.refuse('snapshots')),
            ],
            left_out=7,
        )
        actions = [
            action('change_nova_service_state'),
            action('live_migration'),
            action('cold_migration'),
            action('live_migration', 'locked'),
            action('volume_update'),
            action('volume_update', 'snapshots'),
        ]
        self.assertEqual(
            {
                'servers_wanted': 4,
                'volumes_wanted': 2,
                'live_migration': 1,
                'cold_migration': 1,
                'shelve_offload': 0,
                'confirm_resize': 0,
                'volume_migration': 0,
                'volume_retype': 0,
                'volume_update': 1,
                'with_downtime': 0,
                'already_there': 1,
                'skipped': 2,
                'left_out': 7,
                'estimated_makespan': 3,
            },
            efficacy.indicators(report, actions, 121.0, {}),
        )

    def test_what_is_there_already_may_be_in_the_plan_or_not(self):
        report = results.Report([server(decisions.skip(THERE))])
        for actions in ([], [action('live_migration', THERE)]):
            found = efficacy.indicators(report, actions, 0, {})
            self.assertEqual(
                (1, 0), (found['already_there'], found['skipped'])
            )

    def test_what_is_somewhere_else_cannot_be_moved(self):
        report = results.Report([server(decisions.skip(ELSEWHERE))])
        found = efficacy.indicators(
            report, [action('live_migration', ELSEWHERE)], 0, {}
        )
        self.assertEqual((0, 1), (found['already_there'], found['skipped']))

    def test_minutes_are_rounded_up(self):
        self.assertEqual(
            [0, 1, 1, 2],
            [
                efficacy.indicators(results.Report(), [], seconds, {})[
                    'estimated_makespan'
                ]
                for seconds in (0.0, 0.5, 60.0, 60.5)
            ],
        )
