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

"""Tests of several requests at once."""

import threading

import testtools

from zone_migration.client import at_once


class AtOnceTest(testtools.TestCase):
    def test_answers_are_in_the_order_of_what_was_asked(self):
        both = threading.Barrier(2, timeout=10)

        def ask(number):
            if number < 2:
                both.wait()  # one waits for the other
            return -number

        self.assertEqual(
            [-n for n in range(100)], at_once.each(ask, range(100))
        )

    def test_first_error_ends_it(self):
        asked = []

        def ask(number):
            asked.append(number)
            raise ValueError(number)

        error = self.assertRaises(ValueError, at_once.each, ask, range(1000))
        self.assertEqual((0,), error.args)
        self.assertLess(len(asked), 1000)
