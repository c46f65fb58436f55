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
from unittest import mock

from zone_migration import exception
from zone_migration.actions import another_host
from zone_migration.actions import cold_migration
from zone_migration.actions import live_migration
from zone_migration.client import exception as client_exception
from zone_migration.tests.unit.actions import fakes

server = fakes.server


def live(status, dest='c2', id_=7):
    return fakes.record(status, dest, id_)


def cold(status, dest='c3', id_=8):
    return fakes.record(status, dest, id_, 'migration')


FAILED = (server(power_state=1), [live('failed')])
MOVING = (
    server('RESIZE', task_state='resize_migrating'),
    [cold('migrating'), live('failed')],
)
MOVED = (
    server('VERIFY_RESIZE', 'c3', power_state=1),
    [cold('finished'), live('failed')],
)
ARRIVED = (server(host='c3'), [cold('confirmed'), live('failed')])
BACK = (server(), [cold('reverted'), live('failed')])
DOWN = 'migrated from c1 to c3 (down for 12 s; not live: live migration '
BECAUSE = 'failed)'


def refused(status):
    return client_exception.RequestRefused(
        service='Nova', status=status, reason='not with a vTPM'
    )


class DowntimeTest(fakes.ActionTestCase):
    """A live migration fails at once, a cold one takes six seconds."""

    ACTION = live_migration.LiveMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'source': 'c1',
        'status': 'active',
        'allow_downtime': True,
    }

    def setUp(self):
        super().setUp()
        self.fails(FAILED)
        self.nova.after['migrate'] = ((0, MOVING), (4, MOVED))
        self.nova.after['confirm'] = ((0, MOVED), (2, ARRIVED))
        self.nova.after['revert'] = ((0, MOVED), (2, BACK))

    def fails(self, *shown):
        """What Nova shows once a live migration was asked for."""
        self.nova.after['live_migrate'] = tuple((0, one) for one in shown)

    def names(self):
        return [request[0] for request in self.nova.requests]

    def started(self, **parameters):
        action = self.make(**parameters)
        action.pre_condition()
        return action

    def assert_goes_live_only(self, action, kind=exception.MoveFailed):
        error = self.assertRaises(kind, action.execute)
        self.assertNotIn('migrate', self.names())
        return str(error)


class FallBackTest(DowntimeTest):
    def test_server_whose_live_migration_has_failed_is_migrated_cold(self):
        self.run_action()
        self.assertEqual(
            [('live_migrate', None, False), ('migrate', None), ('confirm',)],
            self.nova.requests,
        )
        self.assertEqual(DOWN + BECAUSE, self.said[-1])

    def test_it_is_told_to_be_down_while_it_moves(self):
        self.run_action()
        self.assertIn('copying to c3, with downtime', self.said)

    def test_destination_is_kept(self):
        self.nova.after['confirm'] = (
            (
                0,
                (
                    server(host='c2'),
                    [cold('confirmed', 'c2'), live('failed')],
                ),
            ),
        )
        self.nova.after['migrate'] = (
            (
                0,
                (
                    server('VERIFY_RESIZE', 'c2', power_state=1),
                    [cold('finished', 'c2'), live('failed')],
                ),
            ),
        )
        self.run_action(dst_hostname='c2')
        self.assertIn(('migrate', 'c2'), self.nova.requests)

    def test_nothing_follows_where_no_downtime_is_allowed(self):
        self.assert_goes_live_only(self.started(allow_downtime=False))

    def test_server_that_nova_refuses_to_migrate_live_is_migrated_cold(self):
        self.nova.refuse['live_migrate'] = [refused(409)]
        self.nova.after['migrate'] = ((0, (MOVED[0], [cold('finished')])),)
        self.nova.after['confirm'] = ((0, (ARRIVED[0], [cold('confirmed')])),)
        self.run_action()
        self.assertEqual(['live_migrate', 'migrate', 'confirm'], self.names())

    def test_what_is_forbidden_is_not_tried_in_another_way(self):
        self.nova.refuse['live_migrate'] = [refused(403)]
        self.assert_goes_live_only(
            self.started(), exception.CloudRequestFailed
        )

    def test_server_that_hangs_is_migrated_cold_once_it_was_aborted(self):
        self.fails(
            (server('MIGRATING', task_state='migrating'), [live('running')])
        )
        self.nova.after['abort'] = (
            (0, (server(power_state=1), [live('cancelled')])),
        )
        self.run_action()
        self.assertIn('not live: no change for 10 s', self.said[-1])

    def test_server_that_somebody_else_has_kept_is_left_where_it_is(self):
        self.fails((server(), [live('cancelled')]))
        self.assertIn(
            'somebody else cancelled it',
            self.assert_goes_live_only(self.started()),
        )

    def test_harmed_server_is_left_as_it_is(self):
        for shown in (
            (server('ERROR'), [live('error')]),
            (server('ERROR', 'c2'), [live('error')]),
            (server('PAUSED', power_state=3), [live('failed')]),
            (server('SHUTOFF', power_state=4), [live('failed')]),
            (server(power_state=4), [live('failed')]),
            # Its guest may run at the destination.
            (server(), [live('completed')]),
        ):
            self.nova.requests.clear()
            self.nova.show((0, (server(), [])))
            self.fails(shown)
            self.assert_goes_live_only(self.started())

    def test_server_that_is_gone_is_told(self):
        self.fails((None, []))
        self.assertEqual(
            'the server was deleted during its migration',
            self.assert_goes_live_only(self.started()),
        )

    def test_live_failure_is_told_where_the_server_cannot_be_looked_at(self):
        action = self.started()
        action._look = self.away
        self.assertEqual(
            'live migration failed; the server is ACTIVE on c1',
            self.assert_goes_live_only(action),
        )

    def away(self, server_id):
        raise client_exception.CloudUnavailable(
            service='Nova', reason='HTTP 503'
        )

    def test_both_reasons_are_told_where_it_goes_neither_way(self):
        self.nova.after['migrate'] = (
            (0, (server(), [cold('error'), live('failed')])),
        )
        self.assert_fails(
            exception.MoveFailed,
            'cold migration error; the server is ACTIVE on c1; not live '
            'before: live migration failed; the server is ACTIVE on c1',
            self.started().execute,
        )

    def test_destination_that_cannot_be_used_any_more_is_told(self):
        self.nova.after['live_migrate'] = ((0, FAILED),)
        action = self.started(dst_hostname='c2')
        del self.nova.compute_hosts['c2']
        self.assertIn(
            'not cold either: destination c2 not found',
            self.assert_goes_live_only(action),
        )


class AttemptsTest(DowntimeTest):
    """Another attempt may follow, which costs no downtime."""

    def started(self, **parameters):
        action = super().started(**parameters)
        action.is_tried_again = lambda failure: failure.is_worth_another
        return action

    def test_server_goes_live_only_as_long_as_it_is_tried_again(self):
        self.assert_goes_live_only(self.started())

    def test_server_that_nova_refuses_live_is_migrated_cold_at_once(self):
        self.nova.refuse['live_migrate'] = [refused(400)]
        self.started().execute()
        self.assertEqual(['live_migrate', 'migrate', 'confirm'], self.names())

    def test_server_whose_destination_is_unfit_is_migrated_cold_at_once(self):
        self.nova.error = 'Unacceptable CPU info: no such feature'
        self.nova.after['confirm'] = (
            (0, (server(host='c2'), [cold('confirmed', 'c2'), live('error')])),
        )
        self.started(dst_hostname='c2').execute()
        self.assertEqual(['live_migrate', 'migrate', 'confirm'], self.names())

    def test_cold_migration_goes_to_another_host_than_the_live_one(self):
        fit, told = self.execute_again(['c2'], ['c3'])
        self.assertEqual(
            [('live_migrate', 'c2', False), ('migrate', 'c3'), ('confirm',)],
            self.nova.requests,
        )
        self.assertEqual(['c2', 'c3'], told)
        self.assertEqual(
            [{'c9'}, {'c9', 'c2'}], [one.args[3] for one in fit.mock_calls]
        )

    def test_nova_chooses_its_host_where_no_other_is_fit(self):
        _, told = self.execute_again(['c2'], [])
        self.assertIn(('migrate', None), self.nova.requests)
        self.assertEqual(['c2', 'c3'], told)

    def test_nothing_is_migrated_cold_once_the_plan_is_cancelled(self):
        def hosts():
            self.action.plan_is_cancelled = lambda: True
            yield 'c3'

        error = self.assertRaises(
            exception.MoveCancelled, self.execute_again, ['c2'], hosts()
        )
        self.assertIn('it was not migrated cold', str(error))
        self.assertEqual(['live_migrate'], self.names())

    def test_server_that_has_left_meanwhile_is_not_migrated_cold(self):
        def hosts():
            self.nova.show((0, (server(host='c5', power_state=1), [])))
            yield 'c3'

        error = self.assertRaises(
            exception.MoveFailed, self.execute_again, ['c2'], hosts()
        )
        self.assertIn('not cold either: ', str(error))
        self.assertEqual(['live_migrate'], self.names())

    def execute_again(self, *fit):
        """Let it be the last attempt, after one that has failed at c9."""
        self.action = super().started()
        self.action.failed_at = ('c9',)
        told = []
        self.action.on_destination = told.append
        with mock.patch.object(
            another_host, 'fit', side_effect=fit, autospec=True
        ) as found:
            self.action.execute()
        return found, told


class CapacityTest(DowntimeTest):
    """Nova finds no host for the live migration."""

    def setUp(self):
        super().setUp()
        self.fails((server(), [live('error', None)]))
        self.nova.error = 'No valid host was found.'

    def test_server_waits_for_capacity_that_others_may_leave(self):
        action = self.started()
        action.is_tried_again = lambda failure: failure.is_worth_another
        self.assert_goes_live_only(action, exception.NoValidHost)

    def test_server_is_migrated_cold_at_the_last_try(self):
        self.run_action()
        self.assertEqual(['live_migrate', 'migrate', 'confirm'], self.names())

    def test_server_for_which_there_is_no_host_at_all_may_be_tried_again(self):
        self.nova.after['migrate'] = (
            (0, (server(), [cold('error', None), live('error', None)])),
        )
        self.assertRaises(exception.NoValidHost, self.started().execute)

    def test_server_that_is_queued_ahead_waits_for_its_slots(self):
        action = self.started()
        looks = iter([True, True, True, False])
        action.lacks_slots = lambda: next(looks)
        action.execute()
        self.assertTrue(
            self.said[1].startswith('waits for its limits'), self.said
        )
        self.assertEqual(['live_migrate', 'migrate', 'confirm'], self.names())

    def test_server_that_waits_for_its_slots_can_be_cancelled(self):
        action = self.started()
        action.lacks_slots = lambda: True
        self.abort_at(action, 3)
        self.assert_goes_live_only(action, exception.MoveCancelled)


class CancelTest(DowntimeTest):
    def test_cancelled_cold_migration_is_taken_back(self):
        action = self.started()
        self.abort_at(action, 8)
        error = self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertEqual(
            'cold migration taken back; the server is ACTIVE on c1 (down for '
            '12 s; not live: live migration ' + BECAUSE,
            str(error),
        )
        self.assertEqual(['live_migrate', 'migrate', 'revert'], self.names())

    def test_nothing_follows_a_live_migration_that_was_cancelled(self):
        self.fails(
            (server('MIGRATING', task_state='migrating'), [live('running')])
        )
        self.nova.after['abort'] = ((0, (server(), [live('cancelled')])),)
        action = self.started()
        self.abort_at(action, 3)
        self.assert_goes_live_only(action, exception.MoveCancelled)

    def test_nothing_follows_while_the_plan_is_cancelled(self):
        action = self.started()
        action.plan_is_cancelled = lambda: True
        self.assert_goes_live_only(action)


class ResumeTest(DowntimeTest):
    """The applier has died in the midst of it."""

    def begun(self, *shown, **parameters):
        self.nova.show((0, shown))
        action = self.make(**parameters)
        action.begun_at = '2026-11-28 03:14:05'
        action.pre_condition()
        return action

    def at(self, record, time='2026-11-28T03:14:09'):
        return dataclasses.replace(record, created_at=time)

    def test_cold_migration_in_flight_is_seen_through(self):
        for server_, status in (
            (MOVING[0], 'migrating'),
            (MOVED[0], 'finished'),
        ):
            self.nova.requests.clear()
            action = self.begun(
                server_, [self.at(cold(status)), self.at(live('failed'))]
            )
            self.assertTrue(action.is_under_way)
            self.nova.show((0, MOVING), (4, MOVED))
            action.execute()
            self.assertEqual(['confirm'], self.names())

    def test_cold_migration_that_has_ended_is_not_repeated(self):
        records = [self.at(cold('confirmed')), self.at(live('failed'))]
        action = self.begun(server(host='c3'), records)
        action.execute()
        self.assertEqual([], self.nova.requests)
        self.assertEqual(
            'migrated from c1 to c3 (down for 12 s)', self.said[-1]
        )

    def test_cold_migration_after_a_refusal_is_seen_through(self):
        action = self.begun(MOVED[0], [self.at(cold('finished'))])
        self.nova.after['confirm'] = ((0, (ARRIVED[0], [cold('confirmed')])),)
        action.execute()
        self.assertEqual(['confirm'], self.names())

    def test_cold_migration_that_was_taken_back_is_not_begun_again(self):
        action = self.begun(
            server(), [self.at(cold('reverted')), self.at(live('failed'))]
        )
        self.assertRaises(exception.MoveFailed, action.execute)
        self.assertEqual([], self.nova.requests)

    def test_failed_live_migration_is_followed_by_a_cold_one(self):
        action = self.begun(server(power_state=1), [self.at(live('failed'))])
        action.execute()
        self.assertEqual(['migrate', 'confirm'], self.names())

    def test_live_migration_that_went_well_counts(self):
        old = self.at(cold('confirmed', 'c2', 5), '2026-11-20T03:14:09')
        action = self.begun(
            server(host='c2'), [self.at(live('completed')), old]
        )
        action.execute()
        self.assertEqual('migrated from c1 to c2', self.said[-1])

    def test_cold_migration_of_others_is_not_seen_through_without_leave(self):
        self.assertRaises(
            exception.MoveRefused,
            self.begun,
            *MOVED,
            allow_downtime=False,
        )

    def test_it_is_taken_back_when_the_plan_is(self):
        action = self.make()
        self.nova.show((0, MOVED))
        action.revert()
        self.assertEqual(['revert'], self.names())

    def test_it_goes_back_cold_where_it_cannot_go_live(self):
        self.nova.show((0, (server(host='c2', power_state=1), [])))
        self.nova.error = 'No valid host was found.'
        failed = dataclasses.replace(live('error', None), source='c2')
        back = dataclasses.replace(cold('finished', 'c1'), source='c2')
        self.fails((server(host='c2', power_state=1), [failed]))
        self.nova.after['migrate'] = (
            (
                0,
                (server('VERIFY_RESIZE', 'c1', power_state=1), [back, failed]),
            ),
        )
        self.nova.after['confirm'] = (
            (
                0,
                (
                    server(),
                    [dataclasses.replace(back, status='confirmed'), failed],
                ),
            ),
        )
        action = self.make()
        action.is_tried_again = lambda failure: failure.is_worth_another
        action.revert()
        self.assertEqual(['live_migrate', 'migrate', 'confirm'], self.names())


class PlannedTest(DowntimeTest):
    """A server that cannot go live, migrated cold as the plan says."""

    ACTION = cold_migration.ColdMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'source': 'c1',
        'status': 'active',
        'downtime': 'a vTPM',
    }

    def test_downtime_is_told(self):
        self.run_action()
        self.assertEqual(
            'migrated from c1 to c3 (down for 12 s)', self.said[-1]
        )

    def test_downtime_that_nova_does_not_tell_is_said_to_be_so(self):
        for down in (None, refused(403)):
            self.nova.down = down
            self.nova.show((0, (server(), [])))
            self.run_action()
            self.assertEqual(
                'migrated from c1 to c3 (down for a time that Nova does not '
                'tell)',
                self.said[-1],
            )

    def test_downtime_that_is_told_a_moment_later_is_waited_for(self):
        found = iter([None, None, 7.0])
        self.nova.downtime = lambda server_id: next(found)
        self.run_action()
        self.assertIn('(down for 7 s)', self.said[-1])

    def test_stopped_server_had_no_downtime(self):
        self.nova.show((0, (server('SHUTOFF'), [])))
        self.nova.after['migrate'] = (
            (
                0,
                (
                    server('VERIFY_RESIZE', 'c3', power_state=4),
                    [cold('finished')],
                ),
            ),
        )
        self.nova.after['confirm'] = (
            (0, (server('SHUTOFF', 'c3'), [cold('confirmed')])),
        )
        self.run_action(status='shutoff')
        self.assertEqual('migrated from c1 to c3', self.said[-1])
