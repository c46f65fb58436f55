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

from zone_migration.logic.schedule import limits

DEFAULTS = {
    'parallel_total': 100,
    'parallel_per_node': 2,
    'parallel_per_pool': 2,
}


class OfPlanTest(testtools.TestCase):
    def test_limits_are_told_from_other_parameters(self):
        self.assertEqual(
            {'parallel_total': 0, 'parallel_per_pool': 3},
            limits.of_plan(
                limits.STRATEGY,
                {'parallel_total': 0, 'parallel_per_pool': 3, 'params': {}},
            ),
        )

    def test_same_names_of_another_strategy_are_no_limits(self):
        self.assertEqual(
            {}, limits.of_plan('zone_migration', {'parallel_total': 6})
        )


class EffectiveTest(testtools.TestCase):
    def test_defaults_hold_for_what_is_not_asked_for(self):
        self.assertEqual(
            {'total': 100, 'node': 2, 'pool': 5},
            limits.effective({'parallel_per_pool': 5}, DEFAULTS, {}),
        )

    def test_zero_is_no_limit(self):
        self.assertEqual(
            0, limits.effective({'parallel_total': 0}, DEFAULTS, {})['total']
        )

    def test_ceiling_holds_for_all(self):
        ceilings = dict.fromkeys(limits.KINDS, 1)
        for asked in ({}, dict.fromkeys(limits.KINDS, 0)):
            self.assertEqual(
                {'total': 1, 'node': 1, 'pool': 1},
                limits.effective(asked, DEFAULTS, ceilings),
            )


class ExcessTest(testtools.TestCase):
    def test_what_is_asked_for_within_the_ceiling_is_no_excess(self):
        self.assertEqual(
            {},
            limits.excess({'parallel_total': 10}, {'parallel_total': 10}),
        )

    def test_no_limit_exceeds_every_ceiling_but_none(self):
        self.assertEqual(
            ['parallel_total'],
            list(
                limits.excess(
                    {'parallel_total': 0, 'parallel_per_node': 0},
                    {'parallel_total': 10, 'parallel_per_node': 0},
                )
            ),
        )
