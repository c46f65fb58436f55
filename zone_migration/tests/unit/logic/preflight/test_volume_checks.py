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
from zone_migration.logic.preflight import volume_checks

START = decisions.Kind.START
ADOPT = decisions.Kind.ADOPT
SKIP = decisions.Kind.SKIP
REFUSE = decisions.Kind.REFUSE

C2 = resources.ComputeHost('c2', enabled=True, up=True)
DISABLED = resources.ComputeHost('c2', enabled=False, up=True)
DOWN = resources.ComputeHost('c2', enabled=True, up=False)


def pool(name, free_gb, types=('gold',), **more):
    return resources.Pool(name, free_gb, frozenset(types), **more)


POOLS = (pool('h@a#a', 100.0), pool('h@b#b', 50.0))


def server(status='ACTIVE', host='c1', task_state=None, **more):
    return resources.Server('s', 'name', status, host, task_state, **more)


def record(status, dest='c2', id_=7, kind='live-migration'):
    return resources.Migration(id_, 's', kind, status, 'c1', dest)


def volume(status='available', host='h@a#a', **more):
    more.setdefault('type', 'gold')
    return resources.Volume('v', 'data', status, host, size_gb=10, **more)


class VolumeMigrationTest(testtools.TestCase):
    def decide(self, seen, snapshots=0, pools=POOLS, **wanted):
        wanted.setdefault('dst_hostname', 'h@b#b')
        decision = volume_checks.volume_migration(
            decisions.VolumeMove('v', **wanted), seen, snapshots, iter(pools)
        )
        return decision.kind, decision.text

    def test_available_volume_is_started(self):
        self.assertEqual((START, ''), self.decide(volume()))

    def test_backend_without_a_pool_is_started(self):
        self.assertEqual(
            (START, ''), self.decide(volume(), dst_hostname='h@b')
        )

    def test_deleted_volume_is_skipped(self):
        self.assertEqual(
            (SKIP, 'volume v not found: deleted?'), self.decide(None)
        )

    def test_volume_in_its_pool_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the volume is already on h@b#b'),
            self.decide(volume(host='h@b#b')),
        )

    def test_volume_that_cannot_be_read_has_not_left(self):
        unknown = volume('unknown', host=None)
        for asked in ({'src_hostname': 'h@c#c'}, {'source': 'h@c#c'}):
            self.assertEqual(REFUSE, self.decide(unknown, **asked)[0])

    def test_volume_elsewhere_than_it_should_be_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the volume is on h@a#a, not on h@c#c'),
            self.decide(volume(), src_hostname='h@c#c'),
        )

    def test_volume_where_it_should_be_is_started(self):
        self.assertEqual(
            (START, ''), self.decide(volume(), src_hostname='h@a')
        )

    def test_volume_that_cinder_moves_is_adopted(self):
        for status in ('starting', 'migrating', 'completing'):
            self.assertEqual(
                (ADOPT, 'Cinder is moving the volume already'),
                self.decide(volume('maintenance', migration_status=status)),
            )

    def test_adopted_volume_needs_no_destination(self):
        self.assertEqual(
            ADOPT,
            self.decide(volume(migration_status='migrating'), dst_hostname='')[
                0
            ],
        )

    def test_volume_that_its_adopted_move_has_left_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the move that was in flight has ended, and the volume is '
                'still on h@a#a: repeat the audit',
            ),
            self.decide(volume(), dst_hostname='', source='h@a#a'),
        )

    def test_volume_that_its_adopted_move_has_moved_is_skipped(self):
        self.assertEqual(
            SKIP,
            self.decide(volume(), dst_hostname='', source='h@b#b')[0],
        )

    def test_volume_in_use_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume is in-use by '
                's: ask for it as in-use, or detach it',
            ),
            self.decide(volume('in-use', server_ids=('s',))),
        )

    def test_available_volume_with_an_attachment_is_refused(self):
        self.assertEqual(REFUSE, self.decide(volume(server_ids=('s',)))[0])

    def test_volume_in_error_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume is error: '
                'find out why, then repair it or reset its state',
            ),
            self.decide(volume('error')),
        )

    def test_busy_volume_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume is backing-up: '
                'repeat it when that has ended',
            ),
            self.decide(volume('backing-up')),
        )

    def test_replicated_volume_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume is replicated, '
                'Cinder does not migrate it: disable its replication first',
            ),
            self.decide(volume(replicated=True)),
        )

    def test_volume_with_snapshots_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume has snapshots '
                '(2), Cinder does not migrate it: delete them first',
            ),
            self.decide(volume(), snapshots=2),
        )

    def test_volume_in_a_group_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume is in group '
                'g, Cinder does not migrate it: take it out of the group',
            ),
            self.decide(volume(group_id='g')),
        )

    def test_pool_that_does_not_serve_the_type_is_refused(self):
        other = pool('h@b#b', 50.0, types=('silver',))
        self.assertEqual(
            (
                REFUSE,
                'Volume type must be same for migrating: pool h@b#b does '
                'not serve type gold: name one that does, or a type',
            ),
            self.decide(volume(), pools=(POOLS[0], other)),
        )

    def test_pool_that_does_not_exist_is_refused(self):
        self.assertEqual(
            (REFUSE, 'destination h@b#b not found: no such storage pool'),
            self.decide(volume(), pools=POOLS[:1]),
        )

    def test_any_pool_takes_a_volume_without_a_type(self):
        others = [pool('h@b#b', 50.0, types=())]
        self.assertEqual(
            (START, ''), self.decide(volume(type=None), pools=others)
        )


class VolumeRetypeTest(testtools.TestCase):
    def decide(self, seen, types=('gold', 'silver'), **wanted):
        wanted.setdefault('dst_type', 'silver')
        decision = volume_checks.volume_retype(
            decisions.VolumeMove('v', **wanted), seen, iter(types)
        )
        return decision.kind, decision.text

    def test_available_volume_is_started(self):
        self.assertEqual((START, ''), self.decide(volume()))

    def test_deleted_volume_is_skipped(self):
        self.assertEqual(SKIP, self.decide(None)[0])

    def test_volume_of_the_type_is_skipped(self):
        self.assertEqual(
            (
                SKIP,
                'Volume type must be different for retyping: the volume has '
                'type silver already',
            ),
            self.decide(volume(type='silver')),
        )

    def test_volume_that_is_retyping_is_adopted(self):
        self.assertEqual(
            (ADOPT, 'Cinder is moving the volume already'),
            self.decide(volume('retyping')),
        )

    def test_volume_in_use_is_refused(self):
        self.assertEqual(
            REFUSE, self.decide(volume('in-use', server_ids=('s',)))[0]
        )

    def test_volume_in_a_group_is_refused(self):
        self.assertEqual(REFUSE, self.decide(volume(group_id='g'))[0])

    def test_unknown_type_is_refused(self):
        self.assertEqual(
            (REFUSE, 'volume type lead not found: name one that exists'),
            self.decide(volume(), dst_type='lead'),
        )


class VolumeUpdateTest(testtools.TestCase):
    ATTACHED = volume('in-use', server_ids=('s',))
    NO_SERVER = object()

    def decide(
        self, seen, attached_to=None, snapshots=0, pools=POOLS, **wanted
    ):
        if attached_to is None:
            attached_to = server()
        decision = volume_checks.volume_update(
            decisions.VolumeMove('v', **wanted),
            seen,
            None if attached_to is self.NO_SERVER else attached_to,
            snapshots,
            iter(pools),
            iter(('gold', 'silver')),
        )
        return decision.kind, decision.text, decision.pool

    def test_without_a_destination_the_other_pool_is_chosen(self):
        self.assertEqual((START, '', 'h@b#b'), self.decide(self.ATTACHED))

    def test_other_pool_with_most_left_is_chosen(self):
        pools = (
            pool('h@a#a', 1000.0),
            pool('h@b#b', 50.0),
            pool('h@c#c', 70.0),
            pool('h@d#d', 60.0),
        )
        self.assertEqual(
            (START, '', 'h@c#c'), self.decide(self.ATTACHED, pools=pools)
        )

    def test_pool_that_does_not_tell_its_capacity_has_enough(self):
        pools = (
            pool('h@b#b', 50.0),
            pool('h@c#c', float('inf')),
        )
        self.assertEqual(
            (START, '', 'h@c#c'), self.decide(self.ATTACHED, pools=pools)
        )

    def test_thick_volume_is_sent_where_most_is_free(self):
        thick = frozenset({'gold'})
        pools = (
            resources.Pool('h@b#b', 500.0, thick, 5.0, thick),
            resources.Pool('h@c#c', 50.0, thick, 20.0, thick),
            resources.Pool('h@d#d', 900.0, thick, 10.0, thick),
        )
        self.assertEqual(
            (START, '', 'h@c#c'), self.decide(self.ATTACHED, pools=pools)
        )

    def test_pool_with_just_enough_capacity_is_chosen(self):
        self.assertEqual(
            (START, '', 'h@b#b'),
            self.decide(self.ATTACHED, pools=[pool('h@b#b', 10.0)]),
        )

    def test_no_other_pool_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'no other pool with 10 GB free serves type gold: make room, '
                'or name a type',
                '',
            ),
            self.decide(self.ATTACHED, pools=POOLS[:1]),
        )

    def test_each_pool_of_its_backend_may_be_its_own(self):
        self.assertEqual(
            REFUSE,
            self.decide(
                dataclasses.replace(self.ATTACHED, host='h@a'),
                pools=POOLS[:1],
            )[0],
        )

    def test_no_other_pool_with_capacity_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'no other pool with 10 GB free serves type gold, 1 without '
                'room: make room, or name a type',
                '',
            ),
            self.decide(self.ATTACHED, pools=[pool('h@b#b', 9.0)]),
        )

    def test_pool_that_is_asked_for_is_started(self):
        self.assertEqual(
            (START, '', 'h@b#b'),
            self.decide(self.ATTACHED, dst_hostname='h@b#b'),
        )

    def test_unknown_pool_is_refused(self):
        self.assertEqual(
            REFUSE, self.decide(self.ATTACHED, dst_hostname='h@z#z')[0]
        )

    def test_type_that_is_asked_for_is_started(self):
        self.assertEqual(
            (START, '', ''), self.decide(self.ATTACHED, dst_type='silver')
        )

    def test_unknown_type_is_refused(self):
        self.assertEqual(
            REFUSE, self.decide(self.ATTACHED, dst_type='lead')[0]
        )

    def test_deleted_volume_is_skipped(self):
        self.assertEqual(SKIP, self.decide(None)[0])

    def test_volume_that_has_left_since_the_plan_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the volume has left h@b#b already, it is on h@a#a', ''),
            self.decide(self.ATTACHED, source='h@b#b'),
        )

    def test_volume_that_cinder_moves_is_adopted(self):
        self.assertEqual(
            ADOPT,
            self.decide(
                volume(
                    'in-use', server_ids=('s',), migration_status='migrating'
                )
            )[0],
        )

    def test_volume_of_two_servers_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for swapping volume: the volume is attached '
                'to 2 servers, Nova swaps those of one only: detach the '
                'others',
                '',
            ),
            self.decide(volume('in-use', server_ids=('s', 't'))),
        )

    def test_volume_of_a_host_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for swapping volume: the volume is in-use by '
                'host glance1: detach it there first',
            ),
            self.decide(
                volume('in-use', host_names=('glance1',)), self.NO_SERVER
            )[:2],
        )

    def test_volume_of_a_server_and_a_host_is_refused(self):
        seen = volume('in-use', server_ids=('s',), host_names=('glance1',))
        self.assertEqual(REFUSE, self.decide(seen)[0])

    def test_detached_volume_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for swapping volume: the volume is '
                'available: ask for it as available',
                '',
            ),
            self.decide(volume(), attached_to=self.NO_SERVER),
        )

    def test_volume_whose_server_is_gone_is_refused(self):
        self.assertEqual(
            REFUSE,
            self.decide(self.ATTACHED, attached_to=self.NO_SERVER)[0],
        )

    def test_volume_with_snapshots_is_not_migrated(self):
        self.assertEqual(REFUSE, self.decide(self.ATTACHED, snapshots=1)[0])

    def test_volume_with_snapshots_may_be_retyped(self):
        self.assertEqual(
            START,
            self.decide(self.ATTACHED, snapshots=1, dst_type='silver')[0],
        )

    def test_servers_under_which_nova_swaps_are_started(self):
        for status in ('ACTIVE', 'PAUSED', 'VERIFY_RESIZE'):
            self.assertEqual(
                START,
                self.decide(self.ATTACHED, attached_to=server(status))[0],
            )

    def test_stopped_server_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for swapping volume: server s is SHUTOFF, '
                'not ACTIVE, PAUSED or VERIFY_RESIZE: start it, or detach '
                'the volume',
                '',
            ),
            self.decide(self.ATTACHED, attached_to=server('SHUTOFF')),
        )

    def test_server_on_the_move_is_refused(self):
        for status in ('MIGRATING', 'RESIZE'):
            self.assertEqual(
                REFUSE,
                self.decide(self.ATTACHED, attached_to=server(status))[0],
            )

    def test_busy_server_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for swapping volume: server s is busy, '
                'migrating: repeat it when that has ended',
                '',
            ),
            self.decide(
                self.ATTACHED, attached_to=server(task_state='migrating')
            ),
        )

    def test_replicated_volume_is_not_migrated_but_may_be_retyped(self):
        seen = volume('in-use', server_ids=('s',), replicated=True)
        self.assertEqual(REFUSE, self.decide(seen)[0])
        self.assertEqual(START, self.decide(seen, dst_type='silver')[0])
