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

"""Unit tests of the rule by which a plan is told to be without applier."""

import testtools

from zone_migration.osc import no_news
from zone_migration.tests.unit.osc import fakes


class NoteTest(testtools.TestCase):
    def test_a_plan_may_be_silent_for_a_while(self):
        for state, seconds, begin in (
            ('PENDING', 9.9, ''),
            ('PENDING', 10.0, 'No applier has taken it yet'),
            ('ONGOING', 39.9, ''),
            ('ONGOING', 40.0, 'There is no news of this plan'),
            ('CANCELLING', 40.0, 'There is no news of this plan'),
        ):
            told = no_news.note(fakes.plan(state=state), seconds)
            self.assertEqual(begin, told.split(';')[0], (state, seconds))

    def test_one_that_waits_for_another_is_not_alone(self):
        self.assertEqual(
            'This plan waits for another: rack 7.',
            no_news.note(fakes.plan(state='PENDING'), 60.0, ['rack 7']),
        )
