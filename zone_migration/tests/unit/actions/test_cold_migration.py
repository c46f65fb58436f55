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

from zone_migration import exception
from zone_migration.actions import cold_migration
from zone_migration.client import exception as client_exception
from zone_migration.tests.unit.actions import fakes

server = fakes.server


def record(status, dest='c2', id_=7, kind='migration'):
    return fakes.record(status, dest, id_, kind)


MOVING = server('RESIZE', task_state='resize_migrating')
MOVED = (server('VERIFY_RESIZE', 'c2', power_state=4), [record('finished')])
CONFIRMING = (server('VERIFY_RESIZE', 'c2'), [record('confirming')])
ARRIVED = (server('SHUTOFF', 'c2'), [record('confirmed')])


class ColdMigrationTest(fakes.ActionTestCase):
    ACTION = cold_migration.ColdMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'source': 'c1',
        'status': 'shutoff',
    }

    def setUp(self):
        super().setUp()
        self.nova.show((0, (server('SHUTOFF'), [])))
        self.nova.after['migrate'] = (
            (0, (MOVING, [record('migrating')])),
            (4, MOVED),
        )
        self.nova.after['confirm'] = ((0, CONFIRMING), (2, ARRIVED))

    def names(self):
        return [request[0] for request in self.nova.requests]

    def started(self, **parameters):
        action = self.make(**parameters)
        action.pre_condition()
        return action

    def test_server_is_migrated_and_confirmed(self):
        self.run_action()
        self.assertEqual(
            [('migrate', None), ('confirm',)], self.nova.requests
        )
        self.assertEqual(6, self.time.now)

    def test_destination_is_passed_to_nova(self):
        self.run_action(dst_hostname='c2')
        self.assertEqual(('migrate', 'c2'), self.nova.requests[0])

    def test_running_server_is_migrated_and_runs_again(self):
        self.nova.show((0, (server('ACTIVE'), [])))
        self.nova.after['confirm'] = (
            (0, (server('ACTIVE', 'c2'), [record('confirmed')])),
        )
        self.run_action(status='active')
        self.assertEqual(['migrate', 'confirm'], self.names())

    def test_server_that_ends_in_another_status_is_failed(self):
        self.nova.after['confirm'] = (
            (0, (server('ACTIVE', 'c2'), [record('confirmed')])),
        )
        self.assert_fails(
            exception.MoveFailed,
            'moved to c2, but the server is ACTIVE, it was SHUTOFF',
            self.started().execute,
        )

    def test_finished_record_is_not_confirmed_before_verify_resize(self):
        self.nova.after['migrate'] = (
            (0, (MOVING, [record('migrating')])),
            (
                2,
                (
                    server('RESIZE', 'c2', 'resize_finish'),
                    [record('finished')],
                ),
            ),
            (3, MOVED),
        )
        self.run_action()
        self.assertEqual(5, self.time.now)

    def test_failure_at_the_source_is_failed_with_the_fault(self):
        self.nova.after['migrate'] = (
            (
                0,
                (
                    server('ERROR', fault='Resize error: no space'),
                    [record('error')],
                ),
            ),
        )
        self.assert_fails(
            exception.MoveFailed,
            'the server is in ERROR on c1: Resize error: no space',
            self.started().execute,
        )
        self.assertNotIn('confirm', self.names())

    def test_failed_confirmation_is_failed(self):
        self.nova.after['confirm'] = (
            (0, (server('ERROR', 'c2', fault='boom'), [record('error')])),
        )
        self.assertRaises(exception.MoveFailed, self.started().execute)

    def test_move_that_somebody_else_confirms_is_done(self):
        self.nova.after['migrate'] = ((0, ARRIVED),)
        self.run_action()
        self.assertEqual(['migrate'], self.names())

    def test_move_that_waits_for_its_confirmation_is_adopted(self):
        self.nova.show((0, MOVED))
        self.run_action()
        self.assertEqual(['confirm'], self.names())

    def test_move_that_has_waited_for_its_confirmation_is_adopted(self):
        self.be_silent(300)
        self.nova.show((0, MOVED))
        self.nova.after['confirm'] = ((0, ARRIVED),)
        self.run_action()
        self.assertEqual(['confirm'], self.names())

    def test_adopted_server_that_ran_must_run_again(self):
        self.nova.show(
            (
                0,
                (
                    server('VERIFY_RESIZE', 'c2', power_state=1),
                    [record('finished')],
                ),
            )
        )
        self.assert_fails(
            exception.MoveFailed,
            'moved to c2, but the server is SHUTOFF, it was ACTIVE',
            self.started().execute,
        )

    def test_resize_by_its_owner_is_refused(self):
        self.nova.show(
            (
                0,
                (
                    server('VERIFY_RESIZE', 'c2'),
                    [record('finished', kind='resize')],
                ),
            )
        )
        self.assertRaises(exception.MoveRefused, self.make().pre_condition)

    def test_hanging_move_is_left_as_it_is(self):
        self.nova.after['migrate'] = ((0, (MOVING, [record('migrating')])),)
        self.assert_fails(
            exception.NoProgress,
            'no change for 10 s; last seen: copying to c2; a cold migration '
            'cannot be aborted, left as it is',
            self.started().execute,
        )

    def test_aborted_move_is_reverted_instead_of_confirmed(self):
        self.nova.after['revert'] = (
            (0, (server('REVERT_RESIZE', 'c2'), [record('reverting')])),
            (2, (server('SHUTOFF'), [record('reverted')])),
        )
        action = self.started()
        reports = []
        action.report = reports.append
        self.abort_at(action, 1)
        self.assert_fails(
            exception.MoveCancelled,
            'cold migration taken back; the server is SHUTOFF on c1',
            action.execute,
        )
        self.assertEqual(['migrate', 'revert'], self.names())
        self.assertEqual(
            [
                'copying to c2',
                'moved to c2, to be reverted',
                'going back to c1',
                'is back on c1',
            ],
            list(dict.fromkeys(reports)),
        )

    def test_aborted_move_that_cannot_go_back_is_failed(self):
        self.nova.after['revert'] = (
            (0, (server('ERROR', 'c2', fault='boom'), [record('error')])),
        )
        action = self.started()
        self.abort_at(action, 1)
        self.assert_fails(
            exception.MoveFailed,
            'could not go back: the server is in ERROR on c2: boom',
            action.execute,
        )

    def test_abort_after_the_confirmation_changes_nothing(self):
        action = self.started()
        self.abort_at(action, 5)
        self.assertTrue(action.execute())
        self.assertEqual(['migrate', 'confirm'], self.names())

    def test_unconfirmed_move_is_taken_back(self):
        self.nova.after['confirm'] = ((0, CONFIRMING),)
        action = self.started()
        self.assertRaises(exception.NoProgress, action.execute)
        self.nova.show((0, MOVED))
        self.nova.after['revert'] = (
            (0, (server('SHUTOFF'), [record('reverted')])),
        )
        action.revert()
        self.assertEqual(['migrate', 'confirm', 'revert'], self.names())

    def test_server_that_came_back_is_failed_afterwards(self):
        action = self.started()
        action.execute()
        self.nova.show((0, (server('SHUTOFF'), [])))
        self.assertRaises(exception.MoveFailed, action.post_condition)

    def test_adopted_server_is_where_it_should_be_afterwards(self):
        self.nova.show((0, MOVED))
        self.run_action(source='')

    def test_server_is_migrated_back(self):
        action = self.run_action()
        self.nova.after['migrate'] = (
            (
                0,
                (
                    server('VERIFY_RESIZE', 'c1'),
                    [record('finished', 'c1', 8)],
                ),
            ),
        )
        self.nova.after['confirm'] = (
            (0, (server('SHUTOFF'), [record('confirmed', 'c1', 8)])),
        )
        action.revert()
        self.assertEqual(
            [('migrate', 'c1'), ('confirm',)], self.nova.requests[-2:]
        )


class AnswerLostTest(ColdMigrationTest):
    def test_migration_that_has_begun_is_followed(self):
        self.nova.lose.add('migrate')
        self.run_action()
        self.assertEqual(['migrate', 'confirm'], self.names())

    def test_migration_that_never_arrived_is_started_again(self):
        self.nova.refuse['migrate'] = [fakes.answer_lost()]
        self.run_action()
        self.assertEqual(['migrate', 'migrate', 'confirm'], self.names())

    def test_confirmation_that_has_begun_is_followed(self):
        self.nova.lose.add('confirm')
        self.run_action()
        self.assertEqual(['migrate', 'confirm'], self.names())

    def test_confirmation_that_never_arrived_is_asked_for_again(self):
        self.nova.refuse['confirm'] = [fakes.answer_lost()]
        self.run_action()
        self.assertEqual(['migrate', 'confirm', 'confirm'], self.names())

    def test_reversion_that_has_begun_is_followed(self):
        self.nova.lose.add('revert')
        self.nova.after['revert'] = (
            (0, (server('REVERT_RESIZE', 'c2'), [record('reverting')])),
            (2, (server('SHUTOFF'), [record('reverted')])),
        )
        action = self.started()
        action.abort()
        self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertEqual(['migrate', 'revert'], self.names())


class OutageTest(ColdMigrationTest):
    """Nova is away when something is under way already."""

    UNAVAILABLE = client_exception.CloudUnavailable('Nova', 'HTTP 503')

    def setUp(self):
        super().setUp()
        self.nova.after['revert'] = (
            (0, (server('SHUTOFF'), [record('reverted')])),
        )

    def test_confirmation_that_is_not_served_is_asked_for_again(self):
        self.nova.refuse['confirm'] = [self.UNAVAILABLE]
        self.run_action()
        self.assertEqual(['migrate', 'confirm', 'confirm'], self.names())

    def test_confirmation_waits_for_nova(self):
        self.nova.refuse['confirm'] = [self.UNAVAILABLE]
        action = self.started()
        confirm = self.nova.confirm

        def be_away_once(server_id):
            if not self.nova.away[1]:
                self.nova.away = (self.time.now, 900)
            confirm(server_id)

        self.nova.confirm = be_away_once
        self.assertTrue(action.execute())
        self.assertGreater(self.time.now, 900)

    def test_reversion_that_is_not_served_is_asked_for_again(self):
        self.nova.refuse['revert'] = [self.UNAVAILABLE]
        action = self.started()
        self.abort_at(action, 2)
        self.assert_fails(
            exception.MoveCancelled,
            'cold migration taken back; the server is SHUTOFF on c1',
            action.execute,
        )
        self.assertEqual(['migrate', 'revert', 'revert'], self.names())

    def test_what_is_never_served_is_failed_and_not_tried_again(self):
        self.options('zone_migration', request_retries=1)
        self.nova.refuse['confirm'] = [self.UNAVAILABLE] * 9
        error = self.assertRaises(
            exception.CloudRequestFailed, self.started().execute
        )
        self.assertNotIsInstance(error, exception.ServiceUnavailable)
        self.assertIn('asked 2 times', str(error))

    def test_request_that_is_not_served_has_begun_nothing(self):
        self.nova.refuse['migrate'] = [self.UNAVAILABLE]
        self.assertRaises(
            exception.ServiceUnavailable, self.started().execute
        )
