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

from zone_migration.osc import json_lines

TEXT = """{
  "vm": {
    "A": {"status": "x, {y}: \\"z\\""},

    "b": {
      "status": [1, -2.5e3,
                 {"c": null}]}
  },
  "empty": {}, "none": [], "": true
}"""


class LinesTest(testtools.TestCase):
    def test_each_member_is_on_the_line_of_its_key(self):
        self.assertEqual(
            {
                '': 10 - 1,
                'vm': 2,
                'vm.a': 3,
                'vm.a.status': 3,
                'vm.b': 5,
                'vm.b.status': 6,
                'vm.b.status.0': 6,
                'vm.b.status.1': 6,
                'vm.b.status.2': 7,
                'vm.b.status.2.c': 7,
                'empty': 9,
                'none': 9,
            },
            json_lines.read(TEXT).lines,
        )

    def test_what_is_missing_is_where_it_should_be(self):
        lines = json_lines.read(TEXT)
        self.assertEqual(5, lines.of('vm.b.dst_hostname'))
        self.assertEqual(3, lines.of('vm.A.status'))

    def test_what_is_nowhere_is_in_the_first_line(self):
        self.assertEqual(1, json_lines.read('[]').of('parameters'))

    def test_a_key_that_is_given_again_is_told(self):
        lines = json_lines.read('{"a": {"b": 1},\n"c": 2,\n"a": {}}')
        self.assertEqual([('a', 3, 1)], lines.repeated)
        self.assertEqual(3, lines.of('a.b'))

    def test_one_of_the_values_of_a_key_can_be_chosen(self):
        text = '{"a": {"b": 1},\n"a": 2,\n"a": 3, "c": 4}'
        for counts, line, value in ((0, 1, {'b': 1}), (1, 2, 2), (5, 3, 3)):
            lines = json_lines.read(text, counts)
            self.assertEqual([line, 3], [lines.of('a'), lines.of('c')], counts)
            self.assertEqual(
                {'a': value, 'c': 4}, json_lines.value(text, counts), counts
            )
        self.assertEqual(3, json_lines.read(text).most)

    def test_keys_in_two_cases_have_their_own_lines(self):
        lines = json_lines.read('{"ab": {"c": 1},\n"AB": {"c": 2}}')
        self.assertEqual([1, 2], [lines.of('ab.c'), lines.of('AB.c')], lines)

    def test_a_value_can_stand_alone(self):
        for text in ('1', '"a"', '\n null', '[]'):
            self.assertEqual([''], [*json_lines.read(text).lines], text)
