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

import logging
import types

from keystoneauth1 import exceptions as keystone_exceptions
import testtools

from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


class RequestTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.http = types.SimpleNamespace(
            conflict_max_retries=5, session=types.SimpleNamespace(timeout=None)
        )
        self.watcher = watcher_api.Watcher(
            types.SimpleNamespace(http_client=self.http)
        )

    def test_an_answer_is_waited_for_a_minute(self):
        self.watcher.limit_waiting()
        self.assertEqual(60, self.http.session.timeout)

    def test_a_request_is_tried_once_and_not_logged(self):
        log = logging.getLogger('watcherclient.common.httpclient')
        with self.watcher.asked_repeatedly():
            self.assertEqual(0, self.http.conflict_max_retries)
            self.assertFalse(log.isEnabledFor(logging.ERROR))
        self.assertTrue(log.isEnabledFor(logging.ERROR))

    def test_all_is_as_before_afterwards(self):
        try:
            with self.watcher.asked_repeatedly():
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass
        self.assertEqual(5, self.http.conflict_max_retries)

    def test_a_limit_of_the_user_is_kept(self):
        self.http.session.timeout = 5
        self.watcher.limit_waiting()
        self.assertEqual(5, self.http.session.timeout)


class ErrorsTest(testtools.TestCase):
    def test_a_broken_connection_may_be_mended(self):
        for error in (
            keystone_exceptions.ConnectFailure('no route'),
            keystone_exceptions.ConnectTimeout('no answer'),
            keystone_exceptions.UnknownConnectionError('half', None),
            keystone_exceptions.ServiceUnavailable('later'),
        ):

            def get(uuid, error=error):
                raise error

            watcher = watcher_api.Watcher(
                types.SimpleNamespace(
                    action_plan=types.SimpleNamespace(get=get)
                )
            )
            self.assertRaises(
                watcher_errors.Unavailable, watcher.plan, 'some uuid'
            )


class NameOfTest(testtools.TestCase):
    def name_of(self, *audits, **values):
        watcher = fakes.FakeWatcher()
        watcher.audits = audits
        return watcher.name_of(fakes.plan(**values))

    def test_a_plan_is_called_by_the_name_of_its_audit(self):
        self.assertEqual('rack 7', self.name_of(fakes.audit(name='rack 7')))

    def test_a_plan_whose_audit_is_gone_is_called_by_its_uuid(self):
        self.assertEqual(fakes.PLAN, self.name_of())

    def test_a_plan_without_audit_asks_for_none(self):
        # Watcher would list all audits.
        every = fakes.audit(uuid='', name='every')
        self.assertEqual(fakes.PLAN, self.name_of(every, audit_uuid=''))


class SkipTest(testtools.TestCase):
    def patched(self, reason):
        patches = {}
        client = types.SimpleNamespace(
            action=types.SimpleNamespace(update=patches.__setitem__)
        )
        action = fakes.action(uuid='a')
        watcher_api.Watcher(client).skip(action, reason)
        return [(one['path'], one['value']) for one in patches['a']]

    def test_the_reason_is_sent(self):
        self.assertEqual(
            [('/state', 'SKIPPED'), ('/status_message', 'later')],
            self.patched('later'),
        )

    def test_no_reason_is_not_sent(self):
        self.assertEqual([('/state', 'SKIPPED')], self.patched(''))


class AuditTest(testtools.TestCase):
    def audit(self, asked, answer):
        client = types.SimpleNamespace(
            audit=types.SimpleNamespace(get=lambda name: answer)
        )
        return watcher_api.Watcher(client).audit(asked)

    def answer(self):
        return types.SimpleNamespace(
            uuid=fakes.AUDIT,
            name='rack',
            state='SUCCEEDED',
            status_message='',
            parameters={},
            strategy_name='',
            created_at='',
        )

    def test_the_one_of_that_name_or_uuid_is_returned(self):
        for asked in ('rack', fakes.AUDIT):
            found = self.audit(asked, self.answer())
            self.assertEqual('rack', found.name, asked)

    def test_another_one_is_not_taken_for_it(self):
        for asked in ('rack.json', 'Rack'):
            self.assertRaises(
                watcher_errors.NotFound, self.audit, asked, self.answer()
            )

    def test_what_would_change_the_path_is_not_asked_for(self):
        for asked in ('.', '..'):
            self.assertRaises(watcher_errors.NotFound, self.audit, asked, None)


class FindPlanTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        moving = fakes.plan(uuid='moving', audit_uuid='a')
        self.watcher = fakes.FakeWatcher(moving)
        self.watcher.audits = [fakes.audit(uuid='a', name='rack 7')]

    def test_the_newest_plan_of_this_plugin_is_meant(self):
        self.watcher.plans_.insert(0, fakes.plan(uuid='x', strategy='other'))
        self.assertEqual('moving', self.watcher.find_plan(None).uuid)

    def test_a_plan_that_only_enables_hosts_is_not_meant(self):
        self.watcher.audits.append(
            fakes.audit(
                uuid='b', parameters={'enable_compute_nodes': ['compute1']}
            )
        )
        enabling = fakes.plan(uuid='enabling', audit_uuid='b')
        self.watcher.plans_.insert(0, enabling)
        self.assertEqual('moving', self.watcher.find_plan(None).uuid)
        self.assertEqual('enabling', self.watcher.find_plan('enabling').uuid)

    def test_a_plan_without_audit_is_meant(self):
        self.watcher.audits = [
            fakes.audit(uuid='', parameters={'enable_compute_nodes': []})
        ]
        self.watcher.plans_ = [fakes.plan(uuid='moving', audit_uuid='')]
        self.assertEqual('moving', self.watcher.find_plan(None).uuid)

    def test_a_plan_that_is_only_read_is_not_meant(self):
        self.watcher.audits.append(
            fakes.audit(uuid='b', name='list for c1 2026-11-28 03:14:05')
        )
        read = fakes.plan(
            uuid='read', audit_uuid='b', indicators={'servers_wanted': 1}
        )
        self.watcher.plans_.insert(0, read)
        self.assertEqual('moving', self.watcher.find_plan(None).uuid)
        self.assertEqual('read', self.watcher.find_plan('read').uuid)

    def test_a_plan_whose_audit_was_deleted_is_meant(self):
        self.watcher.audits.clear()
        self.assertEqual('moving', self.watcher.find_plan(None).uuid)

    def test_the_name_of_its_audit_is_taken(self):
        self.assertEqual('moving', self.watcher.find_plan('rack 7').uuid)

    def test_nothing_of_that_name_is_told(self):
        self.assertRaisesRegex(
            watcher_errors.NotFound,
            'neither an audit nor a plan rack 8',
            self.watcher.find_plan,
            'rack 8',
        )

    def test_no_plan_at_all_is_told(self):
        self.watcher.plans_.clear()
        self.assertRaisesRegex(
            watcher_errors.NotFound,
            'no plan of this plugin yet',
            self.watcher.find_plan,
            None,
        )

    def test_one_in_a_preferred_state_is_meant_first(self):
        self.watcher.plans_ = [
            fakes.plan(uuid='new', state='RECOMMENDED'),
            fakes.plan(uuid='running', state='ONGOING'),
        ]
        for preferred, meant in (
            ((), 'new'),
            (('ONGOING',), 'running'),
            (('FAILED',), 'new'),
        ):
            found = self.watcher.find_plan(None, preferred)
            self.assertEqual(meant, found.uuid, preferred)
