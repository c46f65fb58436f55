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

import multiprocessing
from unittest import mock

import fixtures
from oslo_db import api as db_api
from oslo_db import exception as db_exception
from oslo_messaging import conffixture
from watcher.common import exception as watcher_exception
from watcher.common import rpc

from zone_migration.tests.unit import base
from zone_migration.watcher_db import notifier


class NotifierTest(base.TestCase):
    def setUp(self):
        super().setUp()
        # As Watcher's services have it once their notifier is made.
        self.useFixture(conffixture.ConfFixture(base.CONF))
        self.options('oslo_messaging_notifications', driver=['log'])
        self.options(None, notification_level='info')

    def emitted(self, priority, level, drivers=('messagingv2',)):
        self.options(None, notification_level=level)
        self.options('oslo_messaging_notifications', driver=list(drivers))
        return notifier.emitted(priority)

    def test_notification_of_the_level_is_emitted(self):
        self.assertTrue(self.emitted('info', 'info'))

    def test_notification_above_the_level_is_emitted(self):
        self.assertTrue(self.emitted('error', 'info'))

    def test_notification_below_the_level_is_not(self):
        self.assertFalse(self.emitted('info', 'warning'))

    def test_empty_level_means_none(self):
        self.assertFalse(self.emitted('critical', ''))

    def test_no_driver_means_nobody_listens(self):
        self.assertFalse(self.emitted('info', 'info', ()))

    def test_driver_that_drops_all_means_nobody_listens(self):
        self.assertFalse(self.emitted('info', 'info', ['noop']))

    def test_one_driver_that_sends_is_enough(self):
        self.assertTrue(self.emitted('info', 'info', ['noop', 'log']))

    def test_before_watcher_made_its_notifier_watcher_decides(self):
        conf = mock.Mock(spec_set=['notification_level'])
        conf.notification_level = 'info'
        with mock.patch.object(notifier, 'CONF', conf):
            self.assertTrue(notifier.emitted('info'))

    def test_what_nobody_gets_is_not_made(self):
        self.options(None, notification_level='error')
        function = mock.Mock(__name__='send_update')
        notifier.send(function, 'context', 'action')
        function.assert_not_called()

    def test_what_somebody_gets_is_made_by_watcher(self):
        function = mock.Mock(__name__='send_update')
        notifier.send(function, 'context', 'action', old_state='PENDING')
        function.assert_called_once_with(
            'context', 'action', old_state='PENDING'
        )

    def test_priority_is_passed_on(self):
        function = mock.Mock(__name__='send_execution_notification')
        notifier.send(function, 'context', priority='error')
        function.assert_called_once_with('context', priority='error')

    def test_what_it_reads_is_read_again_after_a_lost_connection(self):
        function = mock.Mock(
            __name__='send_update',
            side_effect=[db_exception.DBConnectionError(), None],
        )
        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))
        notifier.send(function)
        self.assertEqual(2, function.call_count)

    def test_what_watcher_cannot_make_is_logged_and_stops_nothing(self):
        def send_update(context, action):
            raise watcher_exception.EagerlyLoadedActionRequired(action='a')

        with self.assertLogs(notifier.__name__, 'WARNING') as logs:
            notifier.send(send_update, 'context', 'action')
        self.assertIn('(send_update)', logs.output[0])
        self.assertIn('EagerlyLoadedActionRequired', logs.output[0])

    def test_forked_process_connects_anew_and_the_first_one_does_not(self):
        self.useFixture(
            fixtures.MockPatchObject(rpc, 'initialized', return_value=True)
        )
        init = self.useFixture(fixtures.MockPatchObject(rpc, 'init')).mock
        notifier.connect_anew_after_fork()
        fork = multiprocessing.get_context('fork')
        receiver, sender = fork.Pipe(duplex=False)
        process = fork.Process(target=lambda: sender.send(init.call_count))
        process.start()
        self.addCleanup(process.join)
        # So that a child that dies is an error, and not waited for.
        sender.close()
        self.assertEqual(1, receiver.recv())
        init.assert_not_called()
