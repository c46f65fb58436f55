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
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import server_outcomes

RUNNING = outcomes.Kind.RUNNING
DONE = outcomes.Kind.DONE
FAILED = outcomes.Kind.FAILED
CANCELLED = outcomes.Kind.CANCELLED


def server(status='ACTIVE', host='c1', task_state=None, **more):
    return resources.Server('s', 'name', status, host, task_state, **more)


def record(status, dest='c2', kind='live-migration'):
    return resources.Migration(7, 's', kind, status, 'c1', dest)


class LiveMigrationTest(testtools.TestCase):
    def assert_outcome(self, kind, text, seen, migration, provisional=False):
        self.assertEqual(
            (kind, text, provisional),
            _parts(server_outcomes.live_migration(seen, migration)),
        )

    def test_request_without_a_record_is_running(self):
        self.assert_outcome(RUNNING, 'accepted by Nova', server(), None)

    def test_accepted_record_waits_for_the_scheduler(self):
        self.assert_outcome(
            RUNNING,
            'waiting for the scheduler',
            server('MIGRATING', task_state='migrating'),
            record('accepted', dest=None),
        )

    def test_queued_record_waits_for_its_source(self):
        self.assert_outcome(
            RUNNING,
            'queued behind other live migrations of c1',
            server('MIGRATING', task_state='migrating'),
            record('queued'),
        )

    def test_queued_record_tells_how_many_are_before_it(self):
        self.assertEqual(
            'queued behind 3 other live migrations of c1',
            server_outcomes.live_migration(
                server('MIGRATING', task_state='migrating'),
                record('queued'),
                ahead=3,
            ).text,
        )

    def test_only_a_queued_record_waits_for_its_turn(self):
        for status, queued in (('queued', True), ('running', False)):
            self.assertEqual(
                queued,
                server_outcomes.live_migration(
                    server('MIGRATING', task_state='migrating'),
                    record(status),
                ).queued,
            )

    def test_preparing_record_without_a_destination_is_running(self):
        self.assert_outcome(
            RUNNING,
            'preparing a host',
            server('MIGRATING', task_state='migrating'),
            record('preparing', dest=None),
        )

    def test_running_record_shows_the_progress(self):
        self.assert_outcome(
            RUNNING,
            'copying to c2, memory 1.2 of 4.0 GiB left',
            server(
                'MIGRATING',
                task_state='migrating',
                progress=70,
                memory_mb=4096,
            ),
            record('running'),
        )

    def test_memory_of_a_small_server_is_told_in_mib(self):
        self.assertEqual(
            'copying to c2, memory 192 of 256 MiB left',
            server_outcomes.live_migration(
                server(
                    'MIGRATING',
                    task_state='migrating',
                    progress=25,
                    memory_mb=256,
                ),
                record('running'),
            ).text,
        )

    def test_post_copy_is_running(self):
        self.assert_outcome(
            RUNNING,
            'copying to c2 after the switch (post-copy), '
            'memory 0.1 of 8.0 GiB left',
            server(
                'MIGRATING',
                task_state='migrating',
                progress=99,
                memory_mb=8192,
            ),
            record('running (post-copy)'),
        )

    def test_unknown_status_of_a_record_is_running(self):
        self.assert_outcome(RUNNING, 'novel', server(), record('novel'))

    def test_server_on_its_new_host_before_the_record_ends_is_running(self):
        self.assert_outcome(
            RUNNING, 'copying to c2', server(host='c2'), record('running')
        )

    def test_completed_record_with_a_busy_server_is_running(self):
        self.assert_outcome(
            RUNNING,
            'starting on c2',
            server('MIGRATING', host='c2', task_state='migrating'),
            record('completed'),
        )

    def test_completed_record_with_the_server_at_its_source_is_failed(self):
        self.assert_outcome(
            FAILED,
            'migration record 7 says completed, but the server is ACTIVE on '
            'c1 still',
            server(host='c1'),
            record('completed'),
            provisional=True,
        )

    def test_completed_record_with_a_busy_server_at_its_source_is_running(
        self,
    ):
        # The destination may still be at work.
        self.assert_outcome(
            RUNNING,
            'migration record 7 says completed, but the server is MIGRATING '
            'on c1 still',
            server('MIGRATING', host='c1', task_state='migrating'),
            record('completed'),
        )

    def test_live_migration_inside_a_host_is_done(self):
        self.assert_outcome(
            DONE,
            'migrated from c1 to c1',
            server(host='c1'),
            record('completed', dest='c1'),
        )

    def test_completed_record_with_the_server_at_its_dest_is_done(self):
        self.assert_outcome(
            DONE,
            'migrated from c1 to c2',
            server(host='c2'),
            record('completed'),
        )

    def test_paused_server_that_stays_paused_is_done(self):
        self.assert_outcome(
            DONE,
            'migrated from c1 to c2',
            server('PAUSED', host='c2'),
            record('completed'),
        )

    def test_rolled_back_live_migration_is_failed(self):
        self.assert_outcome(
            FAILED,
            'live migration failed; the server is ACTIVE on c1',
            server(),
            record('failed'),
            provisional=True,
        )

    def test_live_migration_without_a_valid_host_is_failed(self):
        self.assert_outcome(
            FAILED,
            'live migration error; the server is ACTIVE on c1',
            server(),
            record('error', dest=None),
        )

    def test_failed_record_with_a_busy_server_is_running(self):
        # Preparing, then error, and 0.3 s later failed.
        self.assert_outcome(
            RUNNING,
            'ending on c1',
            server('MIGRATING', task_state='migrating'),
            record('error'),
        )

    def test_server_in_error_is_failed_with_its_fault(self):
        self.assert_outcome(
            FAILED,
            'the server is in ERROR on c2: post at destination failed',
            server('ERROR', host='c2', fault='post at destination failed'),
            record('error'),
        )

    def test_server_in_error_without_a_fault_is_failed(self):
        self.assert_outcome(
            FAILED,
            'the server is in ERROR on c1',
            server('ERROR'),
            record('error'),
        )

    def test_aborted_server_left_in_error_is_failed(self):
        # Real libvirt leaves it so, with the guest running at the source.
        self.assertEqual(
            FAILED,
            server_outcomes.live_migration(
                server('ERROR'), record('cancelled')
            ).kind,
        )

    def test_server_in_error_at_its_source_with_its_guest_is_stranded(self):
        for shown, stranded in (
            (server('ERROR', power_state=1), True),
            (server('ERROR', power_state=4), False),
            (server('ERROR', host='c2', power_state=1), False),
            (server(power_state=1), False),
        ):
            self.assertEqual(
                stranded,
                server_outcomes.live_migration(
                    shown, record('error')
                ).stranded,
            )

    def test_busy_or_deleted_server_is_not_stranded(self):
        for shown in (
            None,
            server('ERROR', task_state='migrating', power_state=1),
        ):
            self.assertFalse(
                server_outcomes.is_stranded(shown, record('error'))
            )

    def test_stranded_server_is_named_with_its_repair(self):
        self.assertEqual(
            'the server is in ERROR on c1, but its guest runs there: '
            'openstack server set --state active ' + server().id,
            server_outcomes.stranded(server('ERROR')),
        )

    def test_end_that_nova_may_take_back_is_provisional(self):
        # With libvirt it says cancelled, and 0.3 s later error; and it says
        # error before the server is in ERROR.
        for status in ('cancelled', 'failed', 'error'):
            self.assertTrue(
                server_outcomes.live_migration(
                    server(), record(status)
                ).provisional
            )
        self.assertFalse(
            server_outcomes.live_migration(
                server('ERROR'), record('cancelled')
            ).provisional
        )

    def test_aborted_live_migration_is_cancelled(self):
        self.assert_outcome(
            CANCELLED,
            'live migration cancelled; the server is ACTIVE on c1',
            server(),
            record('cancelled'),
            provisional=True,
        )

    def test_deleted_server_is_failed(self):
        self.assert_outcome(
            FAILED,
            'the server was deleted during its migration',
            None,
            None,
        )

    def test_deleted_server_with_its_old_record_is_failed(self):
        self.assertEqual(
            FAILED,
            server_outcomes.live_migration(None, record('running')).kind,
        )

    def test_record_of_a_dead_source_host_is_running(self):
        # The applier gives up for want of change, not for an outcome.
        self.assertEqual(
            RUNNING,
            server_outcomes.live_migration(
                server('MIGRATING', task_state='migrating'), record('running')
            ).kind,
        )


class ColdMigrationTest(testtools.TestCase):
    def assert_outcome(self, kind, text, seen, status, provisional=False):
        self.assertEqual(
            (kind, text, provisional),
            _parts(
                server_outcomes.cold_migration(
                    seen, record(status, kind='migration') if status else None
                )
            ),
        )

    def test_request_without_a_record_is_running(self):
        self.assert_outcome(RUNNING, 'accepted by Nova', server(), None)

    def test_each_stage_of_the_record_is_running(self):
        for status, text in (
            ('pre-migrating', 'preparing c2'),
            ('migrating', 'copying to c2'),
            ('post-migrating', 'starting on c2'),
        ):
            self.assert_outcome(
                RUNNING,
                text,
                server('RESIZE', task_state='resize_migrating'),
                status,
            )

    def test_record_finished_before_verify_resize_is_running(self):
        self.assert_outcome(
            RUNNING,
            'waiting for its confirmation',
            server('RESIZE', host='c2', task_state='resize_finish'),
            'finished',
        )

    def test_verify_resize_before_the_record_finished_is_running(self):
        self.assert_outcome(
            RUNNING,
            'starting on c2',
            server('VERIFY_RESIZE', host='c2'),
            'post-migrating',
        )

    def test_verify_resize_is_done(self):
        self.assert_outcome(
            DONE,
            'moved to c2, to be confirmed',
            server('VERIFY_RESIZE', host='c2'),
            'finished',
        )

    def test_move_of_a_cancelled_plan_is_not_to_be_confirmed(self):
        for status, task_state in (
            ('RESIZE', 'resize_finish'),
            ('VERIFY_RESIZE', None),
        ):
            outcome = server_outcomes.cold_migration(
                server(status, host='c2', task_state=task_state),
                record('finished', kind='migration'),
                is_cancelled=True,
            )
            self.assertEqual('moved to c2, to be reverted', outcome.text)

    def test_move_that_somebody_else_confirms_is_done(self):
        self.assert_outcome(
            DONE,
            'migrated from c1 to c2',
            server('SHUTOFF', host='c2'),
            'confirmed',
        )

    def test_move_that_somebody_else_is_confirming_is_running(self):
        self.assert_outcome(
            RUNNING,
            'confirming',
            server('VERIFY_RESIZE', host='c2'),
            'confirming',
        )

    def test_move_that_somebody_else_reverts_is_failed(self):
        self.assert_outcome(
            FAILED,
            'cold migration reverted; the server is SHUTOFF on c1',
            server('SHUTOFF'),
            'reverted',
        )

    def test_failure_at_the_source_is_failed_with_its_fault(self):
        self.assert_outcome(
            FAILED,
            'the server is in ERROR on c1: Resize error: no space',
            server('ERROR', fault='Resize error: no space'),
            'error',
        )

    def test_failure_that_nova_rolled_back_is_failed(self):
        self.assert_outcome(
            FAILED,
            'cold migration error; the server is SHUTOFF on c1',
            server('SHUTOFF'),
            'error',
        )

    def test_finished_record_with_a_server_in_error_is_failed(self):
        self.assert_outcome(
            FAILED,
            'the server is in ERROR on c2: boom',
            server('ERROR', host='c2', fault='boom'),
            'finished',
        )

    def test_ended_record_with_the_server_at_its_source_is_failed(self):
        for status in ('finished', 'confirmed'):
            self.assert_outcome(
                FAILED,
                f'migration record 7 says {status}, but the server is '
                'SHUTOFF on c1 still',
                server('SHUTOFF'),
                status,
                provisional=True,
            )

    def test_deleted_server_is_failed(self):
        self.assert_outcome(
            FAILED,
            'the server was deleted during its migration',
            None,
            'migrating',
        )


class ConfirmationTest(testtools.TestCase):
    def evaluate(self, seen, status, before='SHUTOFF'):
        return _parts(
            server_outcomes.confirmation(
                seen, record(status, kind='migration'), before
            )
        )

    def test_record_that_is_not_confirmed_is_running(self):
        self.assertEqual(
            (RUNNING, 'confirming on c2', False),
            self.evaluate(server('VERIFY_RESIZE', host='c2'), 'confirming'),
        )

    def test_server_that_is_busy_is_running(self):
        self.assertEqual(
            (RUNNING, 'confirming on c2', False),
            self.evaluate(
                server('SHUTOFF', host='c2', task_state='x'), 'confirmed'
            ),
        )

    def test_server_in_its_old_status_is_done(self):
        self.assertEqual(
            (DONE, 'migrated from c1 to c2', False),
            self.evaluate(server('SHUTOFF', host='c2'), 'confirmed'),
        )

    def test_server_at_its_source_is_provisionally_failed(self):
        self.assertEqual(
            (
                FAILED,
                'migration record 7 says confirmed, but the server is '
                'SHUTOFF on c1 still',
                True,
            ),
            self.evaluate(server('SHUTOFF'), 'confirmed'),
        )

    def test_server_in_another_status_is_provisionally_failed(self):
        self.assertEqual(
            (
                FAILED,
                'moved to c2, but the server is ACTIVE, it was SHUTOFF',
                True,
            ),
            self.evaluate(server('ACTIVE', host='c2'), 'confirmed'),
        )

    def test_server_in_error_is_failed(self):
        self.assertEqual(
            (
                FAILED,
                'the confirmation on c2 failed: the server is in ERROR on '
                'c2: boom',
                False,
            ),
            self.evaluate(server('ERROR', host='c2', fault='boom'), 'error'),
        )

    def test_record_in_error_is_failed(self):
        self.assertEqual(
            FAILED, self.evaluate(server('VERIFY_RESIZE'), 'error')[0]
        )

    def test_deleted_server_is_failed(self):
        self.assertEqual(
            (
                FAILED,
                'the server was deleted during its confirmation',
                False,
            ),
            self.evaluate(None, 'confirming'),
        )


class ReversionTest(testtools.TestCase):
    def evaluate(self, seen, status):
        return _parts(
            server_outcomes.reversion(
                seen, record(status, kind='migration'), 'SHUTOFF'
            )
        )

    def test_record_that_is_reverting_is_running(self):
        self.assertEqual(
            (RUNNING, 'going back to c1', False),
            self.evaluate(server('REVERT_RESIZE', host='c2'), 'reverting'),
        )

    def test_reverted_server_that_is_busy_is_running(self):
        self.assertEqual(
            RUNNING,
            self.evaluate(
                server('SHUTOFF', task_state='resize_reverting'), 'reverted'
            )[0],
        )

    def test_reverted_server_in_another_status_is_running(self):
        # A SHUTOFF server passes through ACTIVE on its way back.
        self.assertEqual(
            RUNNING, self.evaluate(server('ACTIVE'), 'reverted')[0]
        )

    def test_server_at_its_source_in_its_old_status_is_done(self):
        self.assertEqual(
            (DONE, 'is back on c1', False),
            self.evaluate(server('SHUTOFF'), 'reverted'),
        )

    def test_server_in_error_is_failed(self):
        self.assertEqual(
            (
                FAILED,
                'could not go back: the server is in ERROR on c2: boom',
                False,
            ),
            self.evaluate(server('ERROR', host='c2', fault='boom'), 'error'),
        )

    def test_record_in_error_is_failed(self):
        self.assertEqual(FAILED, self.evaluate(server('ACTIVE'), 'error')[0])

    def test_deleted_server_is_failed(self):
        self.assertEqual(FAILED, self.evaluate(None, 'reverting')[0])


def _parts(outcome):
    return outcome.kind, outcome.text, outcome.provisional
