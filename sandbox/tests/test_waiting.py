# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import unittest

from sandbox import errors
from sandbox import waiting


class TestUntil(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds

    def until(self, condition, seconds=10, what='it'):
        return waiting.until(condition, seconds, what, interval=1,
                             clock=lambda: self.now, sleep=self.sleep)

    def test_gives_the_first_true_value(self):
        self.assertEqual(3.0, self.until(
            lambda: self.now if self.now == 3 else None))

    def test_asks_once_more_at_the_end(self):
        self.assertEqual('late', self.until(
            lambda: 'late' if self.now >= 10 else None))

    def test_asks_once_even_without_time(self):
        self.assertTrue(self.until(lambda: True, seconds=0))

    def test_tells_what_and_how_long(self):
        with self.assertRaisesRegex(errors.TimedOut, 'it.*10 seconds'):
            self.until(lambda: False)

    def test_what_is_asked_when_the_time_is_over(self):
        with self.assertRaisesRegex(errors.TimedOut, 'at 10'):
            self.until(lambda: False, what=lambda: f'at {self.now:g}')
