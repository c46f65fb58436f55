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

import itertools
import unittest

from stestr import scheduler

from tools import results
from tools import run_parts


class WorkersTest(unittest.TestCase):
    def test_each_functional_test_has_one_worker(self):
        tests = results.tests_in(run_parts.TESTS['functional'])
        self.assertIn(
            'zone_migration.tests.functional.test_moves.MovesTest'
            '.test_plan_succeeds', tests)
        workers = scheduler.generate_worker_partitions(
            sorted(tests), run_parts.ROOT / 'tools' / 'workers.yaml')
        self.assertEqual(
            sorted(tests), sorted(itertools.chain.from_iterable(workers)))
