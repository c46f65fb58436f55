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

import types

from keystoneauth1 import exceptions as keystone_exceptions
import testtools
from watcherclient.common.apiclient import exceptions as api_exceptions

from zone_migration.osc import clock
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


class ErrorsTest(testtools.TestCase):
    def watcher(self, **requests):
        """Watcher with these requests about plans, asked at once again."""
        return watcher_api.Watcher(
            types.SimpleNamespace(
                action_plan=types.SimpleNamespace(**requests)
            ),
            clock.Clock(wait=lambda seconds: None),
        )

    def test_a_broken_connection_may_be_mended(self):
        for error in (
            keystone_exceptions.ConnectFailure('no route'),
            keystone_exceptions.ConnectTimeout('no answer'),
            keystone_exceptions.UnknownConnectionError('half', None),
            keystone_exceptions.ServiceUnavailable('later'),
            api_exceptions.HTTPClientError('slower', http_status=429),
            keystone_exceptions.HttpError('slower', http_status=429),
        ):

            def get(uuid, error=error):
                raise error

            self.assertRaises(
                watcher_errors.Unavailable,
                self.watcher(get=get).plan,
                'some uuid',
            )

    def test_keystone_is_told_from_watcher(self):
        def get(uuid):
            raise keystone_exceptions.ConnectFailure(
                'Unable to establish connection to '
                'http://c1:5000/v3/auth/tokens: [Errno 111] Refused'
            )

        watcher = self.watcher(get=get)
        with watcher.asked_repeatedly():
            self.assertRaisesRegex(
                watcher_errors.Unavailable,
                '^Keystone does not answer: ',
                watcher.plan,
                'some uuid',
            )

    def test_what_is_no_answer_of_watcher_may_be_mended(self):
        # As watcherclient gives a page, JSON that is cut, and other JSON.
        for found in (None, b'{"uuid": "20', types.SimpleNamespace(id=1)):
            self.assertRaisesRegex(
                watcher_errors.Unavailable,
                'another service does in its place',
                self.watcher(get=lambda uuid, found=found: found).plan,
                'some uuid',
            )

    def test_a_list_that_is_cut_may_be_mended(self):
        def listed(**options):
            return b'{"action_plans": [{'['action_plans']

        self.assertRaises(
            watcher_errors.Unavailable,
            self.watcher(list=listed).plan_of,
            'some uuid',
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

    def test_one_that_its_audit_has_a_newer_plan_than_by_its_uuid(self):
        watcher = fakes.FakeWatcher()
        watcher.plans_ = [fakes.plan(uuid='newer'), fakes.plan()]
        self.assertEqual(fakes.PLAN, watcher.name_of(watcher.plans_[1]))

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
