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

from zone_migration.client import exception
from zone_migration.client import keystone
from zone_migration.tests.unit import base
from zone_migration.tests.unit.client import http


class KeystoneTest(base.TestCase):
    def setUp(self):
        super().setUp()
        session, self.http = http.make_session()
        self.keystone = keystone.Keystone(session, {'interface': 'public'})

    def test_projects_have_names(self):
        self.http.answers['GET', '/projects'] = {
            'projects': [{'id': 'p', 'name': 'web', 'domain_id': 'default'}]
        }
        self.assertEqual({'p': 'web'}, self.keystone.projects())

    def test_name_of_a_project_is_one_line(self):
        self.http.answers['GET', '/projects'] = {
            'projects': [{'id': 'p', 'name': 'we\nb'}]
        }
        self.assertEqual({'p': r'we\nb'}, self.keystone.projects())

    def test_project_that_cannot_be_read_hides_no_other(self):
        self.http.answers['GET', '/projects'] = {
            'projects': [{'id': 'odd'}, {'id': 'p', 'name': 'web'}]
        }
        self.assertEqual({'p': 'web'}, self.keystone.projects())

    def test_refusal_is_an_error(self):
        self.http.answers['GET', '/projects'] = 403
        self.assertRaises(exception.RequestRefused, self.keystone.projects)
