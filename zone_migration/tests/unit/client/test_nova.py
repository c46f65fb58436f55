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

import datetime

from zone_migration.client import exception
from zone_migration.tests.unit.client import cases


class ReadTest(cases.NovaTest):
    def test_missing_server_is_none(self):
        self.http.answers['GET', '/servers/s'] = 404
        self.assertIsNone(self.nova.server('s'))

    def test_server_that_may_not_be_seen_is_an_error(self):
        self.http.answers['GET', '/servers/s'] = 403
        self.assertRaises(exception.RequestRefused, self.nova.server, 's')

    def test_nova_with_an_error_of_its_own_is_unavailable(self):
        self.http.answers['GET', '/servers/s'] = 503
        self.assertRaises(exception.CloudUnavailable, self.nova.server, 's')

    def test_all_servers_are_listed(self):
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [cases.SERVER]},
            {'servers': []},
        ]
        self.assertEqual({'s'}, set(self.nova.servers()))

    def test_servers_are_read_page_by_page(self):
        # A page can be as short as [api] max_limit says.
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [cases.SERVER]},
            {'servers': [{**cases.SERVER, 'id': 't'}]},
            {'servers': []},
        ]
        self.assertEqual(['s', 't'], list(self.nova.servers()))
        self.assertEqual(['True'], self.query()['all_tenants'])
        self.assertEqual(['t'], self.query()['marker'])

    def test_servers_in_soft_deleted_are_there_where_they_are_wanted(self):
        shown = {**cases.SERVER, 'status': 'SOFT_DELETED'}
        for wanted, status in ((False, None), (True, 'SOFT_DELETED')):
            self.http.answers['GET', '/servers/detail'] = [
                {'servers': [shown]},
                {'servers': []},
            ]
            found = self.nova.servers(soft_deleted=wanted)['s']
            self.assertEqual(status, found and found.status)
            self.assertEqual(
                ['True'] if wanted else None, self.query().get('soft_deleted')
            )

    def test_servers_of_a_host_are_asked_for_page_by_page(self):
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [cases.SERVER]},
            {'servers': []},
        ]
        self.assertEqual({'s'}, set(self.nova.servers(host='c#1')))
        self.assertEqual(
            [(['c#1'], None), (['c#1'], ['s'])],
            [
                (query['host'], query.get('marker'))
                for _, _, query, *_ in self.http.requests
            ],
        )

    def test_deleted_servers_are_none(self):
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [{**cases.SERVER, 'status': 'DELETED'}]},
            {'servers': []},
        ]
        since = datetime.datetime.now(datetime.timezone.utc)
        self.assertEqual({'s': None}, self.nova.servers(since))

    def test_servers_of_a_host_are_asked_for_by_its_name(self):
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [cases.SERVER]},
            {'servers': []},
        ]
        self.assertEqual(['s'], [s.id for s in self.nova.servers_on('c1')])
        for name, value in (
            ('host', 'c1'),
            ('all_tenants', 'True'),
            # Those are left out otherwise.
            ('soft_deleted', 'True'),
        ):
            self.assertEqual([value], self.query()[name])


class RequestTest(cases.NovaTest):
    def setUp(self):
        super().setUp()
        self.http.answers['POST', '/servers/s/action'] = 202

    def test_live_migration_to_the_choice_of_the_scheduler(self):
        self.nova.live_migrate('s', None)
        sent = self.body()['os-migrateLive']
        self.assertEqual(
            (None, 'auto'), (sent['host'], sent['block_migration'])
        )
        self.assertFalse(sent.get('force'))

    def test_live_migration_to_a_host(self):
        self.nova.live_migrate('s', 'c2')
        self.assertEqual('c2', self.body()['os-migrateLive']['host'])

    def test_forced_live_migration_asks_for_a_version_that_knows_it(self):
        self.nova.live_migrate('s', 'c2', force=True)
        self.assertTrue(self.body()['os-migrateLive']['force'])
        self.assertEqual('compute 2.67', self.version())

    def test_cold_migration_to_the_choice_of_the_scheduler(self):
        self.nova.migrate('s', None)
        self.assertFalse(self.body()['migrate'])

    def test_cold_migration_to_a_host_is_understood_by_nova(self):
        # With 2.55 it would ignore the host silently.
        self.nova.migrate('s', 'c2')
        self.assertEqual({'migrate': {'host': 'c2'}}, self.body())
        self.assertEqual('compute 2.56', self.version())

    def test_confirmation(self):
        self.nova.confirm('s')
        self.assertEqual({'confirmResize': None}, self.body())

    def test_offload(self):
        self.nova.offload('s')
        self.assertEqual({'shelveOffload': None}, self.body())

    def test_reversion(self):
        self.nova.revert('s')
        self.assertEqual({'revertResize': None}, self.body())

    def test_abort_is_understood_for_a_queued_migration(self):
        self.http.answers['DELETE', '/servers/s/migrations/7'] = 202
        self.nova.abort('s', 7)
        self.assertEqual('compute 2.65', self.version())

    def test_completion_by_force(self):
        path = '/servers/s/migrations/7/action'
        self.http.answers['POST', path] = 202
        self.nova.force_complete('s', 7)
        self.assertEqual({'force_complete': None}, self.body())

    def test_hypervisor_is_asked_whether_the_guest_runs(self):
        path = '/servers/s/diagnostics'
        for state, runs in (('running', True), ('shutdown', False)):
            self.http.answers['GET', path] = {'state': state}
            self.assertEqual(runs, self.nova.runs('s'), state)
        self.assertEqual('compute 2.48', self.version())

    def test_guest_that_the_hypervisor_does_not_have_does_not_run(self):
        for status in (404, 409):
            self.http.answers['GET', '/servers/s/diagnostics'] = status
            self.assertFalse(self.nova.runs('s'), status)

    def test_hypervisor_that_cannot_be_asked_is_no_answer(self):
        self.http.answers['GET', '/servers/s/diagnostics'] = 503
        self.assertRaises(exception.CloudUnavailable, self.nova.runs, 's')

    def test_state_is_reset_to_active(self):
        self.http.answers['POST', '/servers/s/action'] = 202
        self.nova.reset_to_active('s')
        self.assertEqual({'os-resetState': {'state': 'active'}}, self.body())

    def test_refusal_keeps_its_status(self):
        self.http.answers['POST', '/servers/s/action'] = 409
        error = self.assertRaises(
            exception.RequestRefused, self.nova.live_migrate, 's', None
        )
        self.assertEqual(409, error.status)
