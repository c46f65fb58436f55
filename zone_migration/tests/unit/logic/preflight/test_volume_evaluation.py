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

import testtools

from zone_migration.logic import resources
from zone_migration.logic.preflight import decisions
from zone_migration.tests.unit.logic.builders import attached
from zone_migration.tests.unit.logic.builders import available
from zone_migration.tests.unit.logic.builders import in_use
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server
from zone_migration.tests.unit.logic.builders import volume

ADOPT = decisions.Kind.ADOPT
SKIP = decisions.Kind.SKIP
REFUSE = decisions.Kind.REFUSE


class VolumeTest(testtools.TestCase):
    def result(self, item, seen=None, servers=(), **more):
        volumes = [seen] if seen else []
        return results([item], inventory(servers, volumes, **more))['v']

    def test_volume_that_can_be_moved_will_be(self):
        self.assertEqual(
            'h@b#b', self.result(available('v', 'h@b#b'), volume('v'))
        )
        self.assertEqual(
            'h@b#b',
            self.result(
                in_use('v', 'h@b#b'), attached('v', 's'), [server('s')]
            ),
        )

    def test_unknown_id_is_refused(self):
        self.assertEqual(
            (REFUSE, 'volume v not found: deleted?'),
            self.result(available('v', 'h@b#b')),
        )

    def test_what_keeps_cinder_from_migrating_it_is_refused(self):
        for seen, more, reason in (
            (volume('v', status='error'), {}, 'the volume is error'),
            (volume('v'), {'snapshots': {'v': 2}}, 'has snapshots (2)'),
            (volume('v', group_id='g'), {}, 'is in group g'),
            (volume('v', replicated=True), {}, 'is replicated'),
            (attached('v', 's'), {}, 'ask for it as in-use'),
        ):
            kind, text = self.result(available('v', 'h@b#b'), seen, **more)
            self.assertEqual(REFUSE, kind)
            self.assertIn(reason, text)

    def test_what_keeps_nova_from_swapping_it_is_refused(self):
        for seen, status, reason in (
            (attached('v', 's', 't'), 'ACTIVE', 'is attached to 2 servers'),
            (attached('v', 's'), 'SHUTOFF', 'server s is SHUTOFF'),
            (attached('v', 's'), 'MIGRATING', 'server s is MIGRATING'),
            (volume('v'), 'ACTIVE', 'ask for it as available'),
        ):
            kind, text = self.result(
                in_use('v', 'h@b#b'), seen, [server('s', status=status)]
            )
            self.assertEqual(REFUSE, kind)
            self.assertIn(reason, text)

    def test_multiattach_volume_of_one_server_is_moved(self):
        self.assertEqual(
            'h@b#b',
            self.result(
                in_use('v', 'h@b#b'),
                attached('v', 's', multiattach=True),
                [server('s')],
            ),
        )

    def test_luks_of_an_attached_volume_is_refused(self):
        luks = [
            resources.VolumeType('gold', 'luks'),
            resources.VolumeType('silver', ''),
        ]
        self.assertIn(
            'encryption provider luks, which type gold has',
            self.result(
                in_use('v', 'h@b#b'),
                attached('v', 's', encrypted=True),
                [server('s')],
                volume_types=luks,
            )[1],
        )
        self.assertEqual(
            'h@b#b',
            self.result(
                available('v', 'h@b#b'),
                volume('v', encrypted=True),
                volume_types=luks,
            ),
        )
        self.assertIn(
            'encryption provider luks, which type gold has',
            self.result(
                in_use('v', dst_type='gold'),
                attached('v', 's', type='silver'),
                [server('s')],
                volume_types=luks,
            )[1],
        )

    def test_server_that_nobody_looked_at_is_no_hindrance(self):
        self.assertEqual(
            'h@b#b', self.result(in_use('v', 'h@b#b'), attached('v', 's'))
        )

    def test_volume_in_its_pool_is_there(self):
        self.assertEqual(
            (SKIP, 'the volume is already on h@a#a'),
            self.result(available('v', 'h@a#a'), volume('v')),
        )

    def test_volume_of_its_type_is_there(self):
        self.assertEqual(
            SKIP, self.result(available('v', dst_type='gold'), volume('v'))[0]
        )

    def test_volume_that_cinder_moves_is_adopted(self):
        self.assertEqual(
            (ADOPT, 'Cinder is moving the volume already'),
            self.result(
                available('v', 'h@b#b'),
                volume('v', migration_status='migrating'),
            ),
        )

    def test_type_that_does_not_suit_a_volume_on_its_way_is_refused(self):
        moving = volume('v', migration_status='migrating', encrypted=True)
        found = self.result(available('v', dst_type='silver'), moving)
        self.assertEqual(REFUSE, found[0])
        self.assertIn('would not be any more', found[1])
