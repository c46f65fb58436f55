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

from zone_migration.logic.outcome import emptiness_reader


class ReadTest(testtools.TestCase):
    def test_each_text_tells_how_much_is_there(self):
        failed = 'Action failed in execute: '
        for message, number in (
            ('found empty in 0.3 s', 0),
            (f'{failed}not empty: 3 servers: a (new, ACTIVE)', 3),
            (f'{failed}not empty: 3 servers, 1 migration: a (new, ...)', 4),
            (f'{failed}not empty: 1 migration: 9 (new, resize ...)', 1),
            ('found empty but for 7 volumes that stay as planned: 7 ...', 7),
        ):
            self.assertEqual(
                number, emptiness_reader.remaining(message), message
            )

    def test_what_could_not_look_tells_nothing(self):
        self.assertIsNone(
            emptiness_reader.remaining(
                'Action failed in execute: Nova is unavailable: HTTP 503'
            )
        )

    def test_empty_is_told_from_empty_but_for_something(self):
        text = 'found empty but for 1 server that stays as planned: 1 new'
        self.assertEqual(
            [(True, False), (False, True)],
            [
                (
                    emptiness_reader.is_empty(one),
                    emptiness_reader.is_as_planned(one),
                )
                for one in ('found empty in 0.3 s', text)
            ],
        )
