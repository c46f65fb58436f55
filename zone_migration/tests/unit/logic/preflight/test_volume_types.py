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

import dataclasses

import testtools

from zone_migration.logic import resources
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import volume_types
from zone_migration.tests.unit.logic import builders

REFUSE = decisions.Kind.REFUSE


def volume(status='available', **more):
    return builders.volume('v', status=status, **more)


class RetypeTest(testtools.TestCase):
    """Whether a type suits a volume."""

    OWN = (resources.Pool('h@a#a', 100.0),)
    OTHER = (resources.Pool('h@b#b', 50.0),)

    def decide(
        self, seen, snapshots=0, pools=OTHER, old='', encryption='', **new
    ):
        decision = volume_types.retype(
            decisions.VolumeMove('v', dst_type='silver'),
            seen,
            snapshots,
            iter(pools),
            builders.volume_type('gold', old),
            builders.volume_type('silver', encryption, **new),
        )
        return decision and (decision.kind, decision.text)

    def test_copy_and_retype_in_place_are_possible(self):
        self.assertIsNone(self.decide(volume()))
        self.assertIsNone(self.decide(volume(), pools=self.OWN))

    def test_encrypted_volume_stays_encrypted(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid volume type silver: the volume is encrypted and '
                'would not be any more: name an encrypted type',
            ),
            self.decide(volume(encrypted=True)),
        )
        self.assertIsNone(
            self.decide(volume(encrypted=True), encryption='luks2')
        )

    def test_encryption_that_nobody_has_looked_at_is_no_hindrance(self):
        self.assertIsNone(self.decide(volume(encrypted=True), encryption=None))

    def test_volume_may_become_encrypted(self):
        self.assertIsNone(self.decide(volume(), encryption='luks'))

    def test_type_that_no_pool_serves_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid volume type silver: no pool serves it: name another '
                'type',
            ),
            self.decide(volume(), pools=()),
        )

    def test_size_beyond_those_of_the_type_is_refused(self):
        message = 'Invalid volume type silver: it takes volumes of '
        for sizes, text in (
            ({'min_gb': 11}, 'at least 11 GB, this one has 10'),
            ({'max_gb': 9}, 'at most 9 GB, this one has 10'),
        ):
            self.assertEqual(
                (REFUSE, f'{message}{text}: name another type'),
                self.decide(volume(), **sizes),
            )
        self.assertIsNone(self.decide(volume(), min_gb=10, max_gb=10))

    def test_multiattach_does_not_change_in_use(self):
        for before, after, text in (
            (True, False, 'the volume is multiattach, the type is not'),
            (False, True, 'it is a multiattach type, the volume is not'),
        ):
            self.assertEqual(
                (
                    REFUSE,
                    f'Invalid volume type silver: {text}: detach the volume, '
                    'and ask for it as available',
                ),
                self.decide(
                    volume('in-use', multiattach=before), multiattach=after
                ),
            )
            self.assertIsNone(
                self.decide(volume(multiattach=before), multiattach=after)
            )
        for same in (True, None):
            self.assertIsNone(
                self.decide(
                    volume('in-use', multiattach=True), multiattach=same
                )
            )

    def test_front_end_qos_does_not_change_in_use(self):
        front = {'qos_id': 'q', 'front_end_qos': True}
        back = {'qos_id': 'r'}
        for before, after, status, taken in (
            ({}, front, 'in-use', False),
            (front, {}, 'in-use', False),
            (front, back, 'in-use', False),
            (front, front, 'in-use', True),
            ({}, back, 'in-use', True),
            ({}, front, 'available', True),
        ):
            found = volume_types.retype(
                decisions.VolumeMove('v', dst_type='silver'),
                volume(status),
                0,
                self.OTHER,
                builders.volume_type('gold', **before),
                builders.volume_type('silver', **after),
            )
            self.assertEqual(taken, found is None, (before, after, status))

    def test_words_about_front_end_qos(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid volume type silver: the front-end QoS specs would '
                'change, which needs a detached volume: detach the volume, '
                'and ask for it as available',
            ),
            self.decide(volume('in-use'), qos_id='q', front_end_qos=True),
        )

    def test_zone_of_the_volume_binds_it(self):
        pools = [dataclasses.replace(p, zone='z2') for p in self.OTHER]
        self.assertEqual(
            (
                REFUSE,
                'Invalid volume type silver: no pool serves it in z1, the '
                'availability zone of the volume: name another type',
            ),
            self.decide(volume(zone='z1'), pools=pools),
        )
        for zone in ('z2', ''):
            self.assertIsNone(self.decide(volume(zone=zone), pools=pools))

    def test_zones_of_the_type_bind_it_instead(self):
        pools = [dataclasses.replace(p, zone='z2') for p in self.OTHER]
        self.assertEqual(
            (
                REFUSE,
                'Invalid volume type silver: no pool serves it in z1 or z3, '
                'the availability zone of the type: name another type',
            ),
            self.decide(volume(zone='z2'), pools=pools, zones=('z1', 'z3')),
        )
        for zones in (('z1', 'z2'), ()):
            self.assertIsNone(
                self.decide(volume(zone='z1'), pools=pools, zones=zones)
            )

    def test_own_pool_in_another_zone_is_no_place(self):
        pools = [
            dataclasses.replace(self.OWN[0], zone='z1'),
            dataclasses.replace(self.OTHER[0], zone='z2'),
        ]
        self.assertIn(
            'it takes a copy, as h@a#a',
            self.decide(
                volume(zone='z1'), snapshots=1, pools=pools, zones=('z2',)
            )[1],
        )

    def test_pool_whose_zone_is_not_known_is_no_hindrance(self):
        self.assertIsNone(self.decide(volume(zone='z1')))

    def test_volume_with_snapshots_is_not_copied(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid volume type silver: it takes a copy, as h@a#a does '
                'not serve it: the volume has snapshots (1), Cinder does not '
                'migrate it: delete them first',
            ),
            self.decide(volume(), snapshots=1),
        )

    def test_volume_with_snapshots_may_be_retyped_in_place(self):
        self.assertIsNone(
            self.decide(volume(), snapshots=1, pools=self.OWN + self.OTHER)
        )

    def test_volume_that_tells_its_backend_only_may_be_in_each_pool(self):
        self.assertIsNone(
            self.decide(volume(host='h@a'), snapshots=1, pools=self.OWN)
        )
        self.assertIsNotNone(
            self.decide(volume(host='h@a'), snapshots=1, pools=self.OTHER)
        )

    def test_encryption_takes_a_copy(self):
        # The difference of two types has a word of it if one of them has any.
        for before, after, taken in (
            ('', '', True),
            (None, None, True),
            ('', 'luks', False),
            ('luks', 'luks2', False),
            ('luks', 'luks', False),
            (None, 'luks', False),
            ('luks', None, False),
        ):
            found = self.decide(
                volume(),
                snapshots=1,
                pools=self.OWN,
                old=before,
                encryption=after,
            )
            self.assertEqual(taken, found is None, (before, after))
        self.assertIn(
            'it takes a copy, as Cinder retypes nothing in place that has '
            'encryption: the volume has snapshots',
            self.decide(
                volume(), snapshots=1, pools=self.OWN, encryption='luks'
            )[1],
        )

    def test_replicated_volume_is_not_copied(self):
        self.assertEqual(REFUSE, self.decide(volume(replicated=True))[0])

    def test_replicated_volume_may_be_retyped_in_place(self):
        self.assertIsNone(self.decide(volume(replicated=True), pools=self.OWN))


class SwapTest(testtools.TestCase):
    """Whether Nova swaps an attached volume for its copy."""

    ATTACHED = volume('in-use', server_ids=('s',))
    ENCRYPTED = volume('in-use', server_ids=('s',), encrypted=True)
    PROVIDERS = {
        'luks': False,
        'LuksEncryptor': False,
        'nova.volume.encryptors.luks.LuksEncryptor': False,
        'os_brick.encryptors.luks.LuksEncryptor': False,
        'luks2': True,
        'plain': True,
        'os_brick.encryptors.cryptsetup.CryptsetupEncryptor': True,
        '': True,
        None: True,
    }

    def test_luks_of_the_volume_is_refused(self):
        for provider, swapped in self.PROVIDERS.items():
            found = volume_types.swap(
                self.ENCRYPTED, resources.VolumeType('gold', provider)
            )
            self.assertEqual(swapped, found is None, provider)

    def test_luks_of_the_copy_is_refused(self):
        for provider, swapped in self.PROVIDERS.items():
            found = volume_types.swap(
                self.ATTACHED,
                resources.VolumeType('gold', ''),
                resources.VolumeType('silver', provider),
            )
            self.assertEqual(swapped, found is None, provider)

    def test_remedy_is_told(self):
        self.assertEqual(
            decisions.refuse(
                'Nova does not swap volumes with the encryption provider '
                'luks, which type gold has: detach the volume, and ask for '
                'it as available'
            ),
            volume_types.swap(
                self.ENCRYPTED, resources.VolumeType('gold', 'luks')
            ),
        )

    def test_volume_that_is_older_than_the_encryption_is_swapped(self):
        self.assertIsNone(
            volume_types.swap(
                self.ATTACHED, resources.VolumeType('gold', 'luks')
            )
        )

    def test_detached_volume_is_not_swapped(self):
        self.assertIsNone(
            volume_types.swap(
                volume(encrypted=True), resources.VolumeType('gold', 'luks')
            )
        )

    def test_volume_without_a_type_is_swapped(self):
        self.assertIsNone(volume_types.swap(self.ENCRYPTED, None))
