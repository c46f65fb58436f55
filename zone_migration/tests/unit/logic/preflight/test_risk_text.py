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

from zone_migration.logic.preflight import risk_text


class RiskTest(testtools.TestCase):
    def test_risk_of_none_is_no_risk(self):
        self.assertEqual([], risk_text.risk(0, 'server', '{}'))

    def test_several_are_told_in_the_plural(self):
        self.assertEqual(
            ['1 server', '2 servers'],
            [risk_text.count(number, 'server') for number in (1, 2)],
        )
