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

from cinderclient import exceptions as cinder_exceptions
from keystoneauth1 import exceptions as ks_exceptions
from novaclient import exceptions as nova_exceptions
from oslo_config import cfg

from zone_migration.client import exception
from zone_migration.client import service
from zone_migration.tests.unit import base


class ErrorsTest(base.TestCase):
    def translate(self, error):
        with service.errors_of('Nova'):
            raise error

    def assert_refused(self, status, error):
        refused = self.assertRaises(
            exception.RequestRefused, self.translate, error
        )
        self.assertEqual(status, refused.status)

    def assert_unavailable(self, error):
        self.assertRaises(
            exception.CloudUnavailable, self.translate, error
        )

    def test_refusal_keeps_its_status_and_words(self):
        error = self.assertRaises(
            exception.RequestRefused,
            self.translate,
            nova_exceptions.Conflict(409, 'Cannot migrate'),
        )
        self.assertEqual(
            'Nova refuses: Cannot migrate (HTTP 409)', str(error)
        )

    def test_each_client_says_no_in_its_own_way(self):
        self.assert_refused(400, nova_exceptions.BadRequest(400, 'no'))
        self.assert_refused(404, nova_exceptions.NotFound(404, 'no'))
        self.assert_refused(400, cinder_exceptions.BadRequest(400, 'no'))
        self.assert_refused(403, ks_exceptions.Forbidden('no'))

    def test_error_of_a_service_is_unavailable(self):
        self.assert_unavailable(nova_exceptions.ClientException(503, 'x'))
        self.assert_unavailable(cinder_exceptions.ClientException(500, 'x'))
        self.assert_unavailable(ks_exceptions.ServiceUnavailable('x'))

    def test_too_many_requests_are_unavailable(self):
        self.assert_unavailable(nova_exceptions.ClientException(429, 'x'))

    def test_no_answer_is_unavailable(self):
        self.assert_unavailable(ks_exceptions.ConnectFailure('x'))
        self.assert_unavailable(ks_exceptions.ConnectTimeout('x'))
        self.assert_unavailable(ks_exceptions.EndpointNotFound('x'))

    def test_service_that_is_not_in_the_catalogue_is_not_found(self):
        self.assertRaises(
            exception.ServiceNotFound,
            self.translate,
            ks_exceptions.EndpointNotFound('x'),
        )

    def test_microversion_that_nobody_knows_is_unavailable(self):
        self.assert_unavailable(nova_exceptions.UnsupportedVersion('x'))

    def test_errors_of_ours_are_let_through(self):
        self.assertRaises(KeyError, self.translate, KeyError('x'))

    def test_what_is_missing_is_none(self):
        def find():
            with service.none_if_missing(), service.errors_of('Nova'):
                raise nova_exceptions.NotFound(404, 'no')
            return None

        self.assertIsNone(find())

    def test_other_refusals_are_not_swallowed(self):
        def find():
            with service.none_if_missing(), service.errors_of('Nova'):
                raise nova_exceptions.Forbidden(403, 'no')

        self.assertRaises(exception.RequestRefused, find)


class EndpointOptionsTest(base.TestCase):
    def options_of(self, service_name='nova', **groups):
        conf = cfg.ConfigOpts()
        for group, values in groups.items():
            for name, value in values.items():
                kind = cfg.ListOpt if isinstance(value, list) else cfg.StrOpt
                conf.register_opt(kind(name, default=value), group=group)
        conf([], default_config_files=[])
        return service.endpoint_options(conf, service_name)

    def test_without_any_option_it_is_the_public_one(self):
        self.assertEqual({'interface': 'public'}, self.options_of())

    def test_interfaces_of_the_new_section_are_taken(self):
        self.assertEqual(
            {'interface': ['internal', 'public']},
            self.options_of(nova={'valid_interfaces': ['internal', 'public']}),
        )

    def test_endpoint_type_of_the_old_section_is_taken(self):
        self.assertEqual(
            {'interface': 'internal'},
            self.options_of(nova_client={'endpoint_type': 'internalURL'}),
        )

    def test_new_section_comes_before_the_old_one(self):
        self.assertEqual(
            {'interface': ['admin'], 'region_name': 'new'},
            self.options_of(
                nova={'valid_interfaces': ['admin'], 'region_name': 'new'},
                nova_client={
                    'endpoint_type': 'internalURL',
                    'region_name': 'old',
                },
            ),
        )

    def test_region_of_the_old_section_is_taken(self):
        self.assertEqual(
            {'interface': 'public', 'region_name': 'old'},
            self.options_of(
                nova={'region_name': None},
                nova_client={'region_name': 'old'},
            ),
        )

    def test_endpoint_can_be_overridden(self):
        self.assertEqual(
            {'interface': 'public', 'endpoint_override': 'http://n'},
            self.options_of(nova={'endpoint_override': 'http://n'}),
        )

    def test_interface_of_the_old_section_is_taken(self):
        self.assertEqual(
            {'interface': 'internal'},
            self.options_of(
                'placement', placement_client={'interface': 'internal'}
            ),
        )

    def test_neutron_is_reached_as_its_own_section_says(self):
        self.assertEqual(
            {'interface': 'admin', 'region_name': 'one'},
            self.options_of(
                'neutron',
                neutron_client={
                    'endpoint_type': 'adminURL',
                    'region_name': 'one',
                },
                nova={'valid_interfaces': ['internal']},
            ),
        )

    def test_neutron_without_a_section_is_reached_as_nova(self):
        self.assertEqual(
            {'interface': ['internal'], 'region_name': 'one'},
            self.options_of(
                'neutron',
                nova={
                    'valid_interfaces': ['internal'],
                    'region_name': 'one',
                    'endpoint_override': 'http://n',
                },
            ),
        )

    def test_options_of_this_watcher_are_understood(self):
        for name in ('nova', 'cinder', 'keystone', 'neutron', 'placement'):
            self.assertIn(
                'interface', service.endpoint_options(base.CONF, name), name
            )
