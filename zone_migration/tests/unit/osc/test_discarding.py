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

import io
import signal

import testtools

from zone_migration.osc import discarding
from zone_migration.osc import signals
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


class DiscardingTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher()
        self.stderr = io.StringIO()
        self.arguments = (self.watcher, self.watcher.audits[0], self.stderr)

    def test_the_plan_is_deleted_before_its_audit(self):
        discarding.discard(*self.arguments)
        self.assertEqual(
            [('delete_plan', fakes.PLAN), ('delete_audit', fakes.AUDIT)],
            self.watcher.calls,
        )
        self.assertEqual('', self.stderr.getvalue())

    def test_an_audit_without_a_plan_is_deleted(self):
        self.watcher.plans_ = []
        discarding.discard(*self.arguments)
        self.assertEqual([('delete_audit', fakes.AUDIT)], self.watcher.calls)

    def test_what_is_gone_already_is_discarded(self):
        # The answer to the first try may have been lost.
        for method in ('delete_plan', 'delete_audit'):
            self.watcher.errors[method] = watcher_errors.NotFound('gone')
        discarding.discard(*self.arguments)
        self.assertEqual(2, len(self.watcher.calls))
        self.assertEqual('', self.stderr.getvalue())

    def test_what_is_left_is_told(self):
        self.watcher.errors['delete_audit'] = watcher_errors.WatcherError('no')
        discarding.discard(*self.arguments)
        self.assertIn('is left, do not start it: no', self.stderr.getvalue())

    def test_what_is_done_is_kept(self):
        with discarding.unless_done(*self.arguments):
            pass
        self.assertEqual([], self.watcher.calls)

    def test_what_is_not_done_on_sigterm_is_discarded(self):
        calls = self.watcher.calls
        before = signal.signal(
            signal.SIGTERM, lambda number, frame: calls.append('ended')
        )
        self.addCleanup(signal.signal, signal.SIGTERM, before)

        def end():
            with discarding.unless_done(*self.arguments):
                signal.raise_signal(signal.SIGTERM)

        self.assertRaises(signals.Received, end)
        self.assertEqual(
            ['delete_plan', 'delete_audit', 'ended'],
            [call if call == 'ended' else call[0] for call in calls],
        )

    def test_what_is_not_done_is_discarded(self):
        for error in (KeyboardInterrupt, watcher_errors.NotFound):
            self.watcher.calls.clear()
            try:
                with discarding.unless_done(*self.arguments):
                    raise error
            except error:
                pass
            self.assertEqual(2, len(self.watcher.calls), error)
