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

import math

import fixtures

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.tests.unit.client import cases


class TypesTest(cases.CinderTest):
    def test_encryption_of_types_is_asked_for_one_by_one(self):
        self.http.answers['GET', '/types'] = {
            'volume_types': [
                {'id': '1', 'name': 'gold'},
                {'id': '2', 'name': 'luks'},
                {'id': '3', 'name': 'other'},
            ]
        }
        self.http.answers['GET', '/types/1/encryption'] = {}
        self.http.answers['GET', '/types/2/encryption'] = {
            'volume_type_id': '2',
            'encryption_id': 'e',
            'provider': 'luks',
        }
        self.assertEqual(
            {'gold': '', 'luks': 'luks'},
            self.cinder.encryption({'gold', 'luks'}),
        )

    def test_quota_that_cannot_be_read_hides_no_other(self):
        self.http.answers['GET', '/os-quota-sets/p'] = {
            'quota_set': {
                'id': 'p',
                'volumes_odd': {'limit': None},
                'volumes_gold': {'limit': 3, 'in_use': 1, 'reserved': 0},
            }
        }
        self.assertEqual(
            {'gold': cloud_inventory.Quota(2, math.inf)},
            self.cinder.quotas('p', ['odd', 'gold']),
        )

    def test_quotas_are_what_is_left_of_a_type(self):
        self.http.answers['GET', '/os-quota-sets/p'] = {
            'quota_set': {
                'id': 'p',
                'volumes': {'limit': 1, 'in_use': 1, 'reserved': 0},
                'gigabytes': {'limit': 1, 'in_use': 1, 'reserved': 0},
                'volumes_gold': {'limit': 9, 'in_use': 4, 'reserved': 2},
                'gigabytes_gold': {'limit': -1, 'in_use': 4, 'reserved': 0},
                'volumes_full': {'limit': 1, 'in_use': 2, 'reserved': 0},
                'gigabytes_full': {'limit': 9, 'in_use': 9, 'reserved': 0},
            }
        }
        self.assertEqual(
            {
                'gold': cloud_inventory.Quota(3, math.inf),
                'full': cloud_inventory.Quota(-1, 0),
                'unknown': cloud_inventory.Quota(),
            },
            self.cinder.quotas('p', ['gold', 'full', 'unknown']),
        )
        self.assertEqual(['True'], self.query()['usage'])

    def types(self, *extra_specs, **more):
        """The volume types with these extra specs, in their order."""
        self.http.answers['GET', '/types'] = {
            'volume_types': [
                {'id': '1', 'name': 'gold', 'extra_specs': each, **more}
                for each in extra_specs
            ]
        }
        (found,) = self.cinder.volume_types().values()
        return found

    def test_type_says_what_binds_its_volumes(self):
        self.assertEqual(
            resources.VolumeType(
                'gold',
                multiattach=True,
                zones=('z1', 'z2'),
                min_gb=2,
                max_gb=10,
                qos_id='q',
            ),
            self.types(
                {
                    'multiattach': '<is> True',
                    'RESKEY:availability_zones': 'z1, z2,',
                    'provisioning:min_vol_size': '2',
                    'provisioning:max_vol_size': '10',
                },
                qos_specs_id='q',
            ),
        )

    def test_type_without_extra_specs_binds_nothing(self):
        self.assertEqual(
            resources.VolumeType('gold', multiattach=False),
            self.types({}, qos_specs_id=None),
        )

    def test_odd_extra_specs_of_a_type_bind_nothing(self):
        self.assertEqual(
            resources.VolumeType('gold', multiattach=False, zones=()),
            self.types(
                {
                    'multiattach': 'True',
                    'RESKEY:availability_zones': '',
                    'provisioning:min_vol_size': 'some',
                    'provisioning:max_vol_size': '',
                }
            ),
        )

    def test_type_that_cannot_be_read_hides_no_other(self):
        self.http.answers['GET', '/types'] = {
            'volume_types': [
                {
                    'id': '1',
                    'name': 'odd',
                    'extra_specs': {'RESKEY:availability_zones': ['z1']},
                },
                {'id': '2', 'name': 'gold', 'extra_specs': {}},
            ]
        }
        self.assertEqual(
            {
                'odd': resources.VolumeType('odd'),
                'gold': resources.VolumeType('gold', multiattach=False),
            },
            self.cinder.volume_types(),
        )

    def test_zero_is_a_size(self):
        self.assertEqual(
            0, self.types({'provisioning:max_vol_size': '0'}).max_gb
        )

    def test_nothing_is_known_of_extra_specs_that_are_not_shown(self):
        self.assertEqual(resources.VolumeType('gold'), self.types(None))

    def test_qos_specs_of_hypervisors_are_told(self):
        self.http.answers['GET', '/qos-specs'] = {
            'qos_specs': [
                {'id': n, 'name': n, 'consumer': n, 'specs': {}}
                for n in ('front-end', 'back-end', 'both')
            ]
        }
        self.assertEqual({'front-end', 'both'}, self.cinder.front_end_qos())

    def test_zones_are_those_of_backends_and_clusters(self):
        self.http.answers['GET', '/os-services'] = {
            'services': [
                {'host': 'h@a', 'zone': 'z1'},
                {'host': 'h@b', 'zone': 'z2', 'cluster': 'c@b'},
            ]
        }
        self.assertEqual(
            {'h@a': 'z1', 'h@b': 'z2', 'c@b': 'z2'}, self.cinder.zones()
        )
        self.assertEqual(['cinder-volume'], self.query()['binary'])

    def test_volume_types_are_named_private_ones_too(self):
        self.http.answers['GET', '/types'] = {
            'volume_types': [{'id': '1', 'name': 'gold'}]
        }
        self.assertEqual(['gold'], list(self.cinder.volume_types()))
        self.assertEqual(['None'], self.query()['is_public'])

    def test_page_of_types_can_be_as_short_as_cinder_likes(self):
        # cinderclient does not know this name of the links.
        self.http.answers['GET', '/types'] = [
            {
                'volume_types': [{'id': '1', 'name': 'gold'}],
                'volume_type_links': [{'rel': 'next', 'href': '...'}],
            },
            {'volume_types': [{'id': '2', 'name': 'silver'}]},
        ]
        self.assertEqual(['gold', 'silver'], list(self.cinder.volume_types()))
        self.assertEqual(['1'], self.query()['marker'])


class PoolsTest(cases.CinderTest):
    def setUp(self):
        super().setUp()
        self.http.answers['GET', '/scheduler-stats/get_pools'] = {
            'pools': [
                {
                    'name': 'h@a#a',
                    'capabilities': {
                        'total_capacity_gb': 100,
                        'free_capacity_gb': 12.5,
                        'volume_backend_name': 'a',
                    },
                },
                {
                    'name': 'h@b#b',
                    'capabilities': {
                        'free_capacity_gb': 'infinite',
                        'multiattach': True,
                        'volume_backend_name': 'b',
                    },
                },
            ]
        }
        self.http.answers['GET', '/types'] = {
            'volume_types': [
                {
                    'id': '1',
                    'name': 'gold',
                    'extra_specs': {'volume_backend_name': 'b'},
                },
                {'id': '2', 'name': 'any', 'extra_specs': {}},
                {
                    'id': '3',
                    'name': 'driver',
                    'extra_specs': {'vendor:tier': 'fast'},
                },
                {
                    'id': '4',
                    'name': 'scoped',
                    'extra_specs': {'capabilities:volume_backend_name': 'a'},
                },
                {
                    'id': '5',
                    'name': 'none',
                    'extra_specs': {'replication_enabled': '<is> True'},
                },
                {
                    'id': '6',
                    'name': 'shared',
                    'extra_specs': {'multiattach': '<is> True'},
                },
            ]
        }

    def names(self, volume_type):
        return [
            pool.name
            for pool in self.cinder.pools()
            if pool.serves(volume_type)
        ]

    def test_pools_leave_as_ours(self):
        self.assertEqual(
            [
                resources.Pool(
                    'h@a#a',
                    12.5,
                    frozenset(('any', 'driver', 'scoped')),
                    12.5,
                ),
                resources.Pool(
                    'h@b#b',
                    math.inf,
                    frozenset(('any', 'driver', 'gold', 'shared')),
                    math.inf,
                ),
            ],
            self.cinder.pools(),
        )

    def test_types_whose_specs_policy_hides_are_served_by_all(self):
        self.http.answers['GET', '/types'] = {
            'volume_types': [{'id': '1', 'name': 'gold'}]
        }
        self.assertEqual(
            [{'gold'}, {'gold'}], [p.types for p in self.cinder.pools()]
        )

    def test_pools_that_serve_a_type_are_chosen_by_its_specs(self):
        self.assertEqual(['h@b#b'], self.names('gold'))

    def test_type_without_specs_is_served_by_all(self):
        self.assertEqual(['h@a#a', 'h@b#b'], self.names('any'))

    def test_specs_for_drivers_are_not_looked_at(self):
        self.assertEqual(['h@a#a', 'h@b#b'], self.names('driver'))

    def test_specs_may_say_that_they_are_capabilities(self):
        self.assertEqual(['h@a#a'], self.names('scoped'))

    def test_capability_may_have_to_be_true(self):
        self.assertEqual(['h@b#b'], self.names('shared'))

    def test_capability_that_is_not_told_is_not_there(self):
        self.assertEqual([], self.names('none'))

    def test_type_with_a_spec_that_is_no_text_is_served_by_none(self):
        self.http.answers['GET', '/types']['volume_types'] += [
            {'id': '7', 'name': 'odd', 'extra_specs': {'multiattach': 5}}
        ]
        self.assertEqual([], self.names('odd'))
        self.assertEqual(['h@b#b'], self.names('gold'))

    def test_type_that_cannot_be_evaluated_is_served_by_none(self):
        log = self.useFixture(fixtures.FakeLogger())
        self.http.answers['GET', '/types']['volume_types'] += [
            {
                'id': '7',
                'name': 'odd',
                'extra_specs': {'multiattach': '<in> x'},
            }
        ]
        self.assertEqual([], self.names('odd'))
        self.assertEqual(['h@b#b'], self.names('gold'))
        self.assertEqual(
            'No pool serves volume type odd: its extra spec '
            'multiattach=<in> x cannot be compared with True. Correct the '
            'spec.\n',
            log.output,
        )

    def left(self, **told):
        """What Cinder still places in a pool that tells this."""
        self.http.answers['GET', '/scheduler-stats/get_pools'] = {
            'pools': [{'name': 'h@a#a', 'capabilities': told}]
        }
        (pool,) = self.cinder.pools()
        return pool.free_gb

    def test_thin_pool_may_be_promised_several_times(self):
        self.assertEqual(
            18800.0,
            self.left(
                total_capacity_gb=1000,
                free_capacity_gb=50,
                provisioned_capacity_gb=1200,
                max_over_subscription_ratio='20.0',
                thin_provisioning_support=True,
            ),
        )

    def test_thin_pool_that_has_been_promised_is_full(self):
        self.assertEqual(
            10.0,
            self.left(
                total_capacity_gb=1000,
                free_capacity_gb=900,
                provisioned_capacity_gb=1990,
                max_over_subscription_ratio=2.0,
                thin_provisioning_support=True,
            ),
        )

    def test_reserved_share_is_not_there(self):
        self.assertEqual(
            5.0,
            self.left(
                total_capacity_gb=100,
                free_capacity_gb=25,
                allocated_capacity_gb=75,
                reserved_percentage=20,
            ),
        )

    def test_thick_volumes_have_what_is_free(self):
        self.http.answers['GET', '/scheduler-stats/get_pools'] = {
            'pools': [
                {
                    'name': 'h@a#a',
                    'capabilities': {
                        'total_capacity_gb': 100,
                        'free_capacity_gb': 60,
                        'provisioned_capacity_gb': 50,
                        'thin_provisioning_support': True,
                    },
                }
            ]
        }
        self.http.answers['GET', '/types'] = {
            'volume_types': [
                {
                    'id': '1',
                    'name': 'thick',
                    'extra_specs': {'provisioning:type': 'thick'},
                },
                {
                    'id': '2',
                    'name': 'thin',
                    'extra_specs': {'provisioning:type': 'thin'},
                },
            ]
        }
        (pool,) = self.cinder.pools()
        self.assertEqual(
            (50.0, 1950.0, 1950.0),
            (pool.left_gb('thick'), pool.left_gb('thin'), pool.left_gb(None)),
        )
