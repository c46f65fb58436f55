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

"""Plans that wait while Nova or Cinder is away, and burn nothing meanwhile."""

import threading

from watcher import objects
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.tests.unit.workflow_engine import test_plan_run
from zone_migration.workflow_engine import parallel
from zone_migration.workflow_engine import requeue

AWAY = 'Nova is unavailable: HTTP 503'


def unavailable(name='Nova', reason=AWAY):
    return exception.ServiceUnavailable(service=name, reason=reason)


class OutageTest(test_plan_run.PlanRunTest):
    def finds_away(self, *, name='Nova', times=1, then=True, confirmed=True):
        """What finds a service away, so many times, and then does this.

        :param confirmed: whether the service is away when it is looked at.
        """
        left = [times]

        def run(action):
            if left[0]:
                left[0] -= 1
                if confirmed:
                    self.services.away[name] = AWAY
                raise unavailable(name)
            return then

        return run

    def be_back(self, *conditions):
        """A volume's move, during which Nova comes back when these hold."""
        def run(action):
            for condition in conditions:
                self.wait_for(condition)
            self.services.away.clear()
            return True

        return self.add(
            action_type='volume_migration',
            parameters={'resource_id': 'v'},
            execute=run,
        )

    def waits(self, action):
        """Whether an action waits until Nova is back."""
        return self.state_of(action) == (
            'PENDING', f'waits until Nova is back: {AWAY}'
        )

    def test_action_that_finds_nova_away_is_tried_again(self):
        action = self.add(
            action_type='live_migration',
            parameters={'resource_id': 's'},
            pre=self.finds_away(),
        )
        self.be_back(lambda: self.waits(action))
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(action))
        self.assertEqual(
            ['pre_condition', 'pre_condition', 'execute', 'post_condition'],
            self.calls(action),
        )

    def test_action_whose_request_is_not_served_is_tried_again(self):
        action = self.add_move(execute=self.finds_away())
        self.be_back(lambda: self.waits(action))
        self.execute()
        # That it was not served is no try.
        self.assertEqual(
            ('SUCCEEDED', 'done'), self.outcome_of(action)
        )

    def test_no_valid_host_after_an_outage_is_the_first(self):
        outage = self.finds_away(times=20, confirmed=False)
        left = [requeue._MAX_TRIES]

        def run(action):
            if left[0]:
                left[0] -= 1
                return outage(action)
            if not self.moved:
                raise exception.NoValidHost(reason='No valid host')
            return True

        self.moved = False
        action = self.add_move(execute=run, dst_hostname='c2')

        def leave(action_):
            self.wait_for(
                lambda: 'No valid host' in (self.state_of(action)[1] or '')
            )
            self.moved = True
            return True

        self.add_move(execute=leave, source='c2')
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(action))

    def test_action_that_somebody_skips_meanwhile_stays_so(self):
        action = self.add_move(execute=self.finds_away(times=99))

        def skip_and_refuse(action_):
            self.wait_for(lambda: self.waits(action))
            row = objects.Action.get_by_uuid(
                self.context, action.uuid, eager=True
            )
            row.state = 'SKIPPED'
            row.status_message = 'by somebody'
            row.save()
            self.services.away['Nova'] = exception.CloudRequestFailed(
                reason='Nova refuses: who?'
            )
            return True

        self.add(
            action_type='volume_migration',
            parameters={'resource_id': 'v'},
            execute=skip_and_refuse,
        )
        self.execute()
        self.assertEqual(('SKIPPED', 'by somebody'), self.state_of(action))

    def test_outage_that_another_plan_has_found_is_told(self):
        slot = ('service', 'Nova')
        parallel._SLOTS.close(slot, 'another plan has found Nova away')
        action = self.add_move()

        def open_it(action_):
            self.wait_for(
                lambda: 'another plan has found' in (self.message() or '')
            )
            parallel._SLOTS.open(slot, 'another plan has found Nova away')
            return True

        self.add(
            action_type='volume_migration',
            parameters={'resource_id': 'v'},
            execute=open_it,
        )
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(action))

    def test_cancel_reaches_what_is_being_taken_back(self):
        self.options(
            'watcher_applier', rollback_when_actionplan_failed=True
        )
        told = threading.Event()
        moved = self.add_move()

        def revert():
            self.cancel_plan()
            self.wait_for(self.actions[moved.uuid].plan_is_cancelled)
            told.set()

        self.actions[moved.uuid].revert = revert
        self.add([moved], execute=watcher_exception.ActionExecutionFailure(
            action_id='x'))
        self.assertRaises(
            watcher_exception.ActionPlanCancelled, self.execute
        )
        self.assertTrue(told.is_set())

    def test_what_needs_nova_does_not_start_and_what_does_not_does(self):
        found = self.add(
            action_type='live_migration',
            parameters={'resource_id': 's', 'source': 'c1'},
            pre=self.finds_away(),
        )
        # One after another.
        others = [self.add_move(source='c1') for _ in range(5)]
        volume = self.be_back(
            lambda: self.waits(found),
            lambda: not any(self.calls(other) for other in others),
        )
        self.execute(parallel_per_node=1)
        self.assertEqual(
            ['SUCCEEDED'] * 7, self.states(found, *others, volume)
        )

    def test_outage_that_others_have_seen_keeps_back_what_needs_it(self):
        self.services.away['Nova'] = AWAY
        moves = [self.add_move() for _ in range(3)]
        seen = []
        self.be_back(
            lambda: (
                'nothing that needs Nova starts' in (self.message() or '')
            ),
            lambda: seen.extend(self.calls(moves[-1])) is None,
        )
        self.execute(parallel_total=1)
        self.assertEqual(['SUCCEEDED'] * 3, self.states(*moves))
        self.assertEqual([], seen)

    def test_server_with_volumes_waits_for_cinder_too(self):
        action = self.add_move(execute=self.finds_away(name='Cinder'))

        def cinder_comes_back(action_):
            # It is PENDING before it has begun, too.
            self.wait_for(
                lambda: 'until Cinder is back' in str(self.state_of(action))
            )
            self.services.away.clear()
            return True

        other = self.add_move(execute=cinder_comes_back)
        self.execute()
        self.assertEqual(['SUCCEEDED'] * 2, self.states(action, other))

    def test_credentials_that_are_refused_for_good_fail_the_action(self):
        self.services.away['Nova'] = exception.CloudRequestFailed(
            reason='Nova refuses: who?'
        )
        action = self.add_move(
            execute=self.finds_away(times=99, confirmed=False)
        )
        other = self.add_move()
        self.execute()
        self.assertEqual(
            ('FAILED', f'Action failed in execute: {AWAY}'),
            self.outcome_of(action),
        )
        self.assertEqual(['SUCCEEDED'], self.states(other))

    def test_service_that_is_there_but_serves_nothing_has_a_bound(self):
        action = self.add_move(
            execute=self.finds_away(times=99, confirmed=False)
        )
        self.execute()
        self.assertEqual(
            ('FAILED', f'Action failed in execute: {AWAY}'),
            self.outcome_of(action),
        )

    def test_outages_that_are_seen_have_none(self):
        action = self.add_move(execute=self.finds_away(times=20))

        def come_back(action_):
            for _ in range(20):
                self.wait_for(lambda: 'Nova' in self.services.away)
                self.wait_for(lambda: self.waits(action))
                before = self.services.in_vain
                self.wait_for(
                    lambda before=before: self.services.in_vain > before
                )
                self.services.away.clear()
            return True

        self.add(
            action_type='volume_migration',
            parameters={'resource_id': 'v'},
            execute=come_back,
        )
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(action))

    def test_cancel_meanwhile_ends_the_plan(self):
        found = self.add_move(execute=self.finds_away(), source='c1')
        not_begun = self.add(
            action_type='live_migration',
            parameters={'resource_id': 's', 'source': 'c2'},
            pre=self.finds_away(),
        )
        waiting = self.add_move(source='c1')

        def cancel(action):
            for one in (found, not_begun):
                self.wait_for(
                    lambda one=one: (self.state_of(one)[1] or '').startswith(
                        'waits'
                    )
                )
            self.cancel_plan()
            return True

        self.add(
            action_type='volume_migration',
            parameters={'resource_id': 'v'},
            execute=cancel,
        )
        self.assert_ends_cancelled(parallel_per_node=1)
        # Watcher's applier makes CANCELLED of what is PENDING.
        self.assertEqual(
            ['PENDING'] * 3, self.states(found, not_begun, waiting)
        )

    def test_cancelled_action_that_has_not_begun_says_so(self):
        def unseen(action):
            self.wait_for(together)
            self.cancel_and_be_noticed()
            raise unavailable()

        actions = [
            self.add(
                action_type='live_migration',
                parameters={'resource_id': phase},
                **{phase: unseen},
            )
            for phase in ('pre', 'execute')
        ]

        def together():
            return all(
                name in self.calls(action)
                for name, action in zip(
                    ('pre_condition', 'execute'), actions, strict=True
                )
            )

        self.assert_ends_cancelled()
        for action in actions:
            self.assertEqual(
                ('CANCELLED', f'cancelled before it was started: {AWAY}'),
                self.state_of(action),
            )

    def test_action_that_cannot_be_aborted_learns_of_a_cancel(self):
        def end(action):
            self.cancel_plan()
            self.wait_for(action.plan_is_cancelled)
            raise exception.MoveCancelled(reason='it may go on')

        action = self.add(
            action_type='volume_migration',
            parameters={'resource_id': 'v'},
            execute=end,
            can_abort=False,
        )
        self.assert_ends_cancelled()
        self.assertEqual(
            ('CANCELLED', 'it may go on'), self.outcome_of(action)
        )
        self.assertEqual(
            ['action.cancel.start', 'action.cancel.end'],
            [
                event
                for event in self.notifications.of(action.uuid)
                if 'cancel' in event
            ],
        )

    def test_plan_that_needs_neither_looks_at_neither(self):
        self.add()
        self.add(action_type='migrate', parameters={'resource_id': 's'})
        self.execute()
        self.assertEqual([], self.services.asked)

    def test_nothing_is_kept_back_when_the_plan_has_ended(self):
        # The slots are those of all plans of the process.
        self.services.away['Nova'] = AWAY
        self.add_move()

        def cancel(action):
            self.wait_for(lambda: self.used() > 0)
            self.cancel_plan()
            return True

        self.add(execute=cancel)
        self.assert_ends_cancelled()
        self.assertEqual(0, self.used())

    def used(self):
        """How much of Nova is occupied."""
        return parallel._SLOTS.used(('service', 'Nova'))
