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

from zone_migration.logic.audit import parameters


class ParametersTest(testtools.TestCase):
    def test_descriptions_show_in_horizon_as_they_are(self):
        for name, shown in parameters.PARAMETERS.items():
            self.assertTrue(shown['description'].isascii(), name)
            self.assertEqual(
                set(), set(shown['description']) & set('<>&\n'), name
            )
            self.assertEqual(['description', 'type'], list(shown)[:2], name)

    def test_descriptions_need_no_quotes_in_yaml(self):
        for name, shown in parameters.PARAMETERS.items():
            self.assertNotIn(': ', shown['description'], name)
            self.assertEqual(
                set(), set(shown['description']) & set('\'"'), name
            )

    def test_first_sentences_of_descriptions_fit_in_a_line(self):
        for name, shown in parameters.PARAMETERS.items():
            first = shown['description'].partition('. ')[0]
            self.assertLessEqual(len(first), 60, name)
