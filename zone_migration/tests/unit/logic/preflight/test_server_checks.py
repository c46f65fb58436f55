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
from zone_migration.logic.preflight import server_checks

START = decisions.Kind.START
ADOPT = decisions.Kind.ADOPT
SKIP = decisions.Kind.SKIP
REFUSE = decisions.Kind.REFUSE

C2 = resources.ComputeHost('c2', enabled=True, up=True)
DISABLED = resources.ComputeHost('c2', enabled=False, up=True)
DOWN = resources.ComputeHost('c2', enabled=True, up=False)

POOLS = (resources.Pool('h@a#a', 100.0), resources.Pool('h@b#b', 50.0))


def server(status='ACTIVE', host='c1', task_state=None, **more):
    return resources.Server('s', 'name', status, host, task_state, **more)


def record(status, dest='c2', id_=7, kind='live-migration'):
    return resources.Migration(id_, 's', kind, status, 'c1', dest)


def volume(status='available', host='h@a#a', **more):
    more.setdefault('type', 'gold')
    return resources.Volume('v', 'data', status, host, size_gb=10, **more)


class InFlightTest(testtools.TestCase):
    def test_newest_unfinished_record_of_the_type_is_found(self):
        records = [
            record('running', id_=3),
            record('running', id_=5),
            record('completed', id_=9),
            record('migrating', id_=8, kind='migration'),
        ]
        self.assertEqual(
            5, server_checks.in_flight(records, 'live-migration').id
        )

    def test_there_may_be_none(self):
        self.assertIsNone(
            server_checks.in_flight([record('completed')], 'live-migration')
        )


class UnconfirmedTest(testtools.TestCase):
    def is_unconfirmed(self, seen, *records):
        return bool(
            server_checks.is_unconfirmed_migration(seen, list(records))
        )

    def test_cold_migration_in_verify_resize_is_unconfirmed(self):
        self.assertTrue(
            self.is_unconfirmed(
                server('VERIFY_RESIZE'), record('finished', kind='migration')
            )
        )

    def test_resize_is_not(self):
        self.assertFalse(
            self.is_unconfirmed(
                server('VERIFY_RESIZE'),
                record('finished', kind='resize', id_=9),
                record('confirmed', kind='migration', id_=3),
            )
        )

    def test_server_in_another_status_is_not(self):
        self.assertFalse(
            self.is_unconfirmed(
                server('SHUTOFF'), record('confirmed', kind='migration')
            )
        )

    def test_deleted_server_is_not(self):
        self.assertFalse(
            self.is_unconfirmed(None, record('finished', kind='migration'))
        )


class LiveMigrationTest(testtools.TestCase):
    def decide(self, seen, records=(), destination=C2, **wanted):
        decision = server_checks.live_migration(
            decisions.ServerMove('s', **wanted), seen, records, destination
        )
        return decision.kind, decision.text

    def test_active_server_is_started(self):
        self.assertEqual((START, ''), self.decide(server()))

    def test_paused_server_is_started(self):
        self.assertEqual((START, ''), self.decide(server('PAUSED')))

    def test_host_that_takes_servers_is_started(self):
        self.assertEqual((START, ''), self.decide(server(), dst_hostname='c2'))

    def test_deleted_server_is_skipped(self):
        self.assertEqual(
            (SKIP, 'server s not found: deleted?'), self.decide(None)
        )

    def test_server_at_its_destination_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the server is already on c2'),
            self.decide(server(host='c2'), dst_hostname='c2'),
        )

    def test_server_in_error_at_its_destination_is_skipped_and_says_so(self):
        self.assertEqual(
            (SKIP, 'the server is already on c2 (in ERROR)'),
            self.decide(server('ERROR', host='c2'), dst_hostname='c2'),
        )

    def test_server_elsewhere_than_it_should_be_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the server is on c3, not on c1'),
            self.decide(server(host='c3'), src_hostname='c1'),
        )

    def test_server_that_has_left_since_the_plan_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the server has left c1 already, it is on c3'),
            self.decide(server(host='c3'), source='c1'),
        )

    def test_server_elsewhere_but_not_at_its_destination_is_started(self):
        self.assertEqual(
            (START, ''),
            self.decide(server(host='c3'), source='c1', dst_hostname='c2'),
        )

    def test_server_that_is_where_it_was_is_started(self):
        self.assertEqual(
            (START, ''),
            self.decide(server(), source='c1', src_hostname='c1'),
        )

    def test_stopped_server_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is SHUTOFF on c1, not ACTIVE or PAUSED: ask for '
                'it as shutoff, or start it',
            ),
            self.decide(server('SHUTOFF')),
        )

    def test_guest_that_does_not_run_is_refused(self):
        for state, word in (
            (0, 'in no known state'),
            (4, 'shut down'),
            (6, 'crashed'),
        ):
            self.assertEqual(
                (
                    REFUSE,
                    f'the guest of the server is {word} on c1, for Nova it is '
                    'ACTIVE: stop it and ask for it as shutoff, or reboot it',
                ),
                self.decide(server(power_state=state)),
            )

    def test_guest_that_runs_or_is_paused_is_started(self):
        for status, state in (('ACTIVE', 1), ('PAUSED', 3), ('ACTIVE', None)):
            self.assertEqual(
                (START, ''), self.decide(server(status, power_state=state))
            )

    def test_server_in_error_is_refused(self):
        self.assertEqual(REFUSE, self.decide(server('ERROR'))[0])

    def test_server_to_be_confirmed_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is in VERIFY_RESIZE on c1: confirm or revert '
                'that move first, or set confirm_resizes',
            ),
            self.decide(server('VERIFY_RESIZE')),
        )

    def test_busy_server_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is busy on c1: rebooting; repeat it when that '
                'has ended',
            ),
            self.decide(server(task_state='rebooting')),
        )

    def test_busy_server_at_its_destination_is_refused(self):
        self.assertEqual(
            REFUSE,
            self.decide(
                server(host='c2', task_state='rebooting'), dst_hostname='c2'
            )[0],
        )

    def test_unknown_destination_is_refused(self):
        self.assertEqual(
            (REFUSE, 'destination c2 not found: no such compute host'),
            self.decide(server(), destination=None, dst_hostname='c2'),
        )

    def test_disabled_destination_is_refused(self):
        self.assertEqual(
            (REFUSE, 'destination c2 is disabled: enable it first'),
            self.decide(server(), destination=DISABLED, dst_hostname='c2'),
        )

    def test_disabled_destination_can_be_forced(self):
        self.assertEqual(
            (START, ''),
            self.decide(
                server(), destination=DISABLED, dst_hostname='c2', force=True
            ),
        )

    def test_destination_that_is_down_cannot_even_be_forced(self):
        self.assertEqual(
            (REFUSE, 'destination c2 is down: bring it up first'),
            self.decide(
                server(), destination=DOWN, dst_hostname='c2', force=True
            ),
        )

    def test_destination_is_not_looked_at_when_none_is_asked_for(self):
        self.assertEqual((START, ''), self.decide(server(), destination=None))

    def test_migration_in_flight_is_adopted(self):
        self.assertEqual(
            (ADOPT, 'live migration 7 is in flight already'),
            self.decide(
                server('MIGRATING', task_state='migrating'),
                [record('running')],
            ),
        )

    def test_migration_in_flight_to_the_destination_is_adopted(self):
        self.assertEqual(
            ADOPT,
            self.decide(
                server('MIGRATING', task_state='migrating'),
                [record('running')],
                dst_hostname='c2',
            )[0],
        )

    def test_migration_in_flight_without_a_destination_yet_is_adopted(self):
        self.assertEqual(
            ADOPT,
            self.decide(
                server('MIGRATING', task_state='migrating'),
                [record('accepted', dest=None)],
                dst_hostname='c2',
            )[0],
        )

    def test_migration_in_flight_elsewhere_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'a live migration to c3 is in flight already, not to c2',
            ),
            self.decide(
                server('MIGRATING', task_state='migrating'),
                [record('running', dest='c3')],
                dst_hostname='c2',
            ),
        )

    def test_migration_in_flight_without_a_record_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'a live migration is in flight that Nova does not show',
            ),
            self.decide(server('MIGRATING', task_state='migrating')),
        )


class StatusTest(testtools.TestCase):
    """Each status in which Nova moves no server comes with a remedy."""

    REMEDIES = (
        ('ERROR', 'find out why, then repair it or reset its state'),
        ('SUSPENDED', 'resume it first, or shelve it'),
        (
            'SHELVED',
            'offload it (openstack server shelve --offload), or unshelve it',
        ),
        ('RESCUE', 'unrescue it first'),
        (
            'SOFT_DELETED',
            'it stays until Nova reclaims it; openstack server delete --force '
            'deletes it now, openstack server restore brings it back',
        ),
    )

    def decide(self, kind, seen, **wanted):
        decision = kind(decisions.ServerMove('s', **wanted), seen, [], None)
        return decision.kind, decision.text

    def test_live_migration_is_refused_with_what_to_do(self):
        for status, remedy in self.REMEDIES:
            self.assertEqual(
                (
                    REFUSE,
                    f'the server is {status} on c1, not ACTIVE or PAUSED: '
                    f'{remedy}',
                ),
                self.decide(server_checks.live_migration, server(status)),
            )

    def test_cold_migration_is_refused_with_what_to_do(self):
        for status, remedy in self.REMEDIES:
            self.assertEqual(
                (
                    REFUSE,
                    f'the server is {status} on c1, not SHUTOFF: {remedy}',
                ),
                self.decide(
                    server_checks.cold_migration,
                    server(status),
                    status='shutoff',
                ),
            )

    def test_status_nobody_knows_is_refused_without(self):
        self.assertEqual(
            (REFUSE, 'the server is NEW on c1, not ACTIVE or PAUSED'),
            self.decide(server_checks.live_migration, server('NEW')),
        )

    def test_server_that_was_offloaded_is_on_no_host(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is SHELVED_OFFLOADED on no host, not ACTIVE or '
                'PAUSED: it occupies no host until it is unshelved',
            ),
            self.decide(
                server_checks.live_migration,
                server('SHELVED_OFFLOADED', None),
                src_hostname='c1',
            ),
        )

    def test_server_that_cannot_be_read_has_not_left(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is UNKNOWN on no host, not ACTIVE or PAUSED: '
                'repeat it when Nova shows it whole',
            ),
            self.decide(
                server_checks.live_migration,
                server('UNKNOWN', None),
                source='c1',
            ),
        )

    def test_server_that_is_being_built_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is BUILD on no host, not ACTIVE or PAUSED: '
                'repeat it when it is built',
            ),
            self.decide(server_checks.live_migration, server('BUILD', None)),
        )

    def test_locked_server_is_moved_all_the_same(self):
        for kind, status in (
            (server_checks.live_migration, 'ACTIVE'),
            (server_checks.cold_migration, 'SHUTOFF'),
        ):
            seen = server(status, locked=True)
            self.assertEqual(
                decisions.START,
                kind(decisions.ServerMove('s'), seen, [], None),
            )


class VolumesTest(testtools.TestCase):
    def decide(self, seen, **moving):
        volumes = [volume('in-use'), volume(**{'status': 'in-use', **moving})]
        return {
            decide(
                decisions.ServerMove('s'), seen, [], None, iter(volumes)
            ).kind
            for decide in (
                server_checks.live_migration,
                server_checks.cold_migration,
            )
        }

    def test_server_whose_volume_is_being_migrated_is_refused(self):
        for status in ('starting', 'migrating', 'completing'):
            self.assertEqual(
                {REFUSE}, self.decide(server(), migration_status=status)
            )

    def test_server_whose_volume_is_being_retyped_is_refused(self):
        self.assertEqual({REFUSE}, self.decide(server(), status='retyping'))

    def test_volume_that_was_moved_before_is_no_hindrance(self):
        for status in (None, 'success', 'error'):
            self.assertEqual(
                {START}, self.decide(server(), migration_status=status)
            )


class ColdMigrationTest(testtools.TestCase):
    def decide(self, seen, records=(), destination=C2, **wanted):
        decision = server_checks.cold_migration(
            decisions.ServerMove('s', **wanted),
            seen,
            iter(records),
            destination,
        )
        return decision.kind, decision.text

    def test_stopped_server_is_started(self):
        self.assertEqual((START, ''), self.decide(server('SHUTOFF')))

    def test_running_server_is_started_when_nobody_believes_otherwise(self):
        self.assertEqual((START, ''), self.decide(server('ACTIVE')))

    def test_running_server_is_refused_when_believed_to_be_off(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is ACTIVE on c1, not SHUTOFF: ask for it as '
                'active, or stop it',
            ),
            self.decide(server('ACTIVE'), status='shutoff'),
        )

    def test_stopped_server_is_refused_when_believed_to_run(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is SHUTOFF on c1, not ACTIVE: ask for it as '
                'shutoff, or start it',
            ),
            self.decide(server('SHUTOFF'), status='active'),
        )

    def test_paused_server_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is PAUSED on c1, not ACTIVE or SHUTOFF: ask for '
                'it as active, or unpause it',
            ),
            self.decide(server('PAUSED')),
        )

    def test_deleted_server_is_skipped(self):
        self.assertEqual(
            (SKIP, 'server s not found: deleted?'), self.decide(None)
        )

    def test_server_at_its_destination_is_skipped(self):
        self.assertEqual(
            SKIP,
            self.decide(server('SHUTOFF', 'c2'), dst_hostname='c2')[0],
        )

    def test_busy_server_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is busy on c1: powering-on; repeat it when that '
                'has ended',
            ),
            self.decide(server('SHUTOFF', task_state='powering-on')),
        )

    def test_bad_destination_is_refused(self):
        for destination in (None, DISABLED, DOWN):
            self.assertEqual(
                REFUSE,
                self.decide(
                    server('SHUTOFF'),
                    destination=destination,
                    dst_hostname='c2',
                )[0],
            )

    def test_migration_that_waits_for_its_confirmation_is_adopted(self):
        self.assertEqual(
            (ADOPT, 'cold migration 7 is in flight already'),
            self.decide(
                server('VERIFY_RESIZE', 'c2'),
                [record('finished', kind='migration')],
            ),
        )

    def test_migration_in_flight_is_adopted(self):
        self.assertEqual(
            ADOPT,
            self.decide(
                server('RESIZE', task_state='resize_migrating'),
                [record('migrating', kind='migration')],
                dst_hostname='c2',
            )[0],
        )

    def test_migration_to_where_it_is_to_leave_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is in VERIFY_RESIZE for a migration to c2: '
                'confirm or revert it first, or set confirm_resizes',
            ),
            self.decide(
                server('VERIFY_RESIZE', 'c2'),
                [record('finished', kind='migration')],
                src_hostname='c2',
            ),
        )

    def test_migration_from_where_it_is_to_leave_is_adopted(self):
        self.assertEqual(
            ADOPT,
            self.decide(
                server('RESIZE', task_state='resize_migrating'),
                [record('migrating', kind='migration')],
                src_hostname='c1',
            )[0],
        )

    def test_migration_that_went_elsewhere_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'a cold migration to c3 is in flight already, not to c2',
            ),
            self.decide(
                server('VERIFY_RESIZE', 'c3'),
                [record('finished', 'c3', kind='migration')],
                dst_hostname='c2',
            ),
        )

    def test_resize_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is in VERIFY_RESIZE for a resize: its owner '
                'confirms or reverts it, or set confirm_resizes',
            ),
            self.decide(
                server('VERIFY_RESIZE'),
                [
                    record('finished', kind='resize', id_=9),
                    record('confirmed', kind='migration', id_=3),
                ],
            ),
        )

    def test_one_without_a_record_is_not_told_to_be_a_resize(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is in VERIFY_RESIZE, and Nova does not show its '
                'migration: repeat the audit',
            ),
            self.decide(server('VERIFY_RESIZE')),
        )
