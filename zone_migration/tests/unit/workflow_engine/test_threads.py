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

import sys
import threading
from unittest import mock

import fixtures
import futurist
import testtools
from watcher.common import executor

from zone_migration import exception
from zone_migration.workflow_engine import threads


class PoolTest(testtools.TestCase):
    def test_watcher_decides_about_the_kind_of_threads(self):
        pool = self.useFixture(
            fixtures.MockPatchObject(executor, 'get_futurist_pool_executor')
        ).mock
        with threads.pool(3) as made:
            self.assertIs(pool.return_value, made)
        pool.assert_called_once_with(3)

    def test_threads_are_native_where_watcher_knows_no_eventlet(self):
        # Both are imported already, and attributes of their packages.
        for name in ('watcher.eventlet', 'watcher.common.executor'):
            self.useFixture(
                fixtures.MonkeyPatch(name, fixtures.MonkeyPatch.delete)
            )
        with mock.patch.dict(sys.modules, {'watcher.eventlet': None}):
            del sys.modules['watcher.common.executor']
            with threads.pool(3) as pool:
                self.assertEqual(42, pool.submit(lambda: 42).result(30))
        self.assertIsInstance(pool, futurist.ThreadPoolExecutor)
        self.assertEqual(3, pool._max_workers)

    def test_what_runs_is_waited_for(self):
        ended = []
        released = threading.Event()

        def run():
            released.wait(30)
            ended.append('run')

        with threads.pool(1) as pool:
            pool.submit(run)
            released.set()
        self.assertEqual(['run'], ended)

    def test_what_runs_of_a_lost_plan_is_not_waited_for(self):
        released = threading.Event()
        self.addCleanup(released.set)

        def run():
            with threads.pool(1) as pool:
                pool.submit(released.wait, 30)
                raise exception.PlanIsLost('a')

        self.assertRaises(exception.PlanIsLost, run)
        self.assertFalse(released.is_set())


class StartTest(testtools.TestCase):
    def test_thread_of_a_lost_plan_ends_quietly(self):
        unhandled = self.useFixture(
            fixtures.MockPatchObject(threading, 'excepthook')
        ).mock

        def lose():
            raise exception.PlanIsLost('a')

        threads.start('test', lose).join(30)
        unhandled.assert_not_called()
