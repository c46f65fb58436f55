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

from concurrent import futures
import threading

import fixtures
import testtools

from zone_migration.client import at_once


class AtOnceTest(testtools.TestCase):
    def test_answers_are_in_the_order_of_what_was_asked(self):
        both = threading.Barrier(2, timeout=60)

        def ask(number):
            if number < 2:
                both.wait()  # one waits for the other
            return -number

        self.assertEqual(
            [-n for n in range(100)], at_once.each(ask, range(100))
        )

    def test_first_error_ends_it(self):
        asked = []
        ended = threading.Event()

        class Pool(futures.ThreadPoolExecutor):
            def shutdown(self, *arguments, **options):
                ended.set()
                super().shutdown(*arguments, **options)

        def ask(number):
            asked.append(number)
            if number:
                ended.wait(60)  # answers only after the error is seen
            raise ValueError(number)

        self.useFixture(
            fixtures.MockPatchObject(futures, 'ThreadPoolExecutor', Pool)
        )
        error = self.assertRaises(ValueError, at_once.each, ask, range(1000))
        self.assertEqual((0,), error.args)
        # One thread has asked for two.
        self.assertLessEqual(len(asked), at_once._AT_ONCE + 1)
