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

from keystoneauth1 import access
from keystoneauth1 import fixture
from keystoneauth1.identity import base as identity

from zone_migration.client import exception
from zone_migration.client import nova
from zone_migration.client import retries
from zone_migration.client import shares
from zone_migration.tests.unit import base
from zone_migration.tests.unit.client import http

SHARE = {'share_id': 'f', 'status': 'active', 'tag': 'f'}


class Catalogue(identity.BaseIdentityPlugin):
    """Keystone's catalogue, with Nova and a service of another type."""

    def __init__(self, type_, region='one', interface='public') -> None:
        super().__init__(auth_url='http://keystone')
        token = fixture.V3Token()
        for name, where, kind in (
            ('compute', 'one', 'public'),
            (type_, region, interface),
        ):
            token.add_service(name).add_endpoint(
                kind, 'http://cloud', region=where
            )
        self._access = access.create(body=token, auth_token='token')  # nosec

    def get_auth_ref(self, session, **_options):
        """What keystone says."""
        return self._access

    def get_cache_id_elements(self):
        """Nothing is cached."""
        return {}


class SharesTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.session, self.http = http.make_session()
        self.http.answers['GET', '/'] = {
            'version': {'id': 'v2.1', 'version': '2.97'}
        }

    def shares(self, *catalogue, **options):
        """The border, to a cloud with such a service."""
        self.session.auth = Catalogue(*catalogue)
        session = retries.Session(self.session, 'Nova', 0)
        options = {'interface': 'public', **options}
        return shares.Shares(session, options, nova.Nova(session, options))

    def answer(self, **answers):
        for id_, found in answers.items():
            self.http.answers['GET', f'/servers/{id_}/shares'] = (
                found if isinstance(found, int) else {'shares': found}
            )

    def asked(self):
        """The paths that are asked for, without that of the version."""
        paths = [path for _, path, *_ in self.http.requests]
        return sorted(path for path in paths if path != '/')

    def test_servers_with_shares_are_told(self):
        self.answer(s=[SHARE], t=[], u=[{**SHARE, 'status': 'error'}])
        self.assertEqual(
            {'s', 'u'}, self.shares('shared-file-system').servers('stu')
        )
        self.assertEqual(
            'compute 2.97',
            self.http.requests[-1][4]['OpenStack-API-Version'],
        )

    def test_manila_is_found_by_each_type_that_it_has_had(self):
        for name in ('shared-file-system', 'sharev2', 'share'):
            self.answer(s=[SHARE])
            self.assertEqual({'s'}, self.shares(name).servers('s'), name)

    def test_manila_is_found_at_each_interface(self):
        self.answer(s=[SHARE])
        found = self.shares('share', 'one', 'internal').servers('s')
        self.assertEqual({'s'}, found)

    def test_nobody_is_asked_without_manila(self):
        self.assertEqual(set(), self.shares('volumev3').servers('stu'))
        self.assertEqual([], self.asked())

    def test_manila_of_another_region_does_not_matter(self):
        made = self.shares('share', 'two', region_name='one')
        self.assertEqual(set(), made.servers('stu'))
        self.assertEqual([], self.asked())

    def test_older_nova_is_not_asked(self):
        self.http.answers['GET', '/'] = {
            'version': {'id': 'v2.1', 'version': '2.96'}
        }
        self.assertEqual(set(), self.shares('share').servers('stu'))
        self.assertEqual([], self.asked())

    def test_nobody_is_asked_about_no_server(self):
        self.assertEqual(set(), self.shares('share').servers([]))
        self.assertEqual([], self.http.requests)

    def test_server_that_is_gone_has_none(self):
        self.answer(s=404, t=[SHARE])
        self.assertEqual({'t'}, self.shares('share').servers('st'))

    def test_each_server_is_asked_for_once(self):
        ids = [f's{n}' for n in range(100)]
        self.answer(**dict.fromkeys(ids, [SHARE]))
        self.assertEqual(set(ids), self.shares('share').servers(ids))
        self.assertEqual(
            sorted(f'/servers/{id_}/shares' for id_ in ids), self.asked()
        )

    def test_refusal_is_an_error(self):
        self.answer(s=403)
        error = self.assertRaises(
            exception.RequestRefused, self.shares('share').servers, 's'
        )
        self.assertEqual(403, error.status)

    def test_nothing_is_asked_in_vain_after_a_refusal(self):
        ids = [f's{n}' for n in range(1000)]
        self.answer(**dict.fromkeys(ids, 403))
        self.assertRaises(
            exception.RequestRefused, self.shares('share').servers, ids
        )
        self.assertLess(len(self.asked()), len(ids))
