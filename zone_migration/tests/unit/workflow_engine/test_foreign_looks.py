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

"""Plans that wait for what others move, and are kept from nothing else."""

import dataclasses
import threading

import fixtures
from oslo_utils import timeutils
from watcher import objects
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration import waiting
from zone_migration.logic.schedule import foreign
from zone_migration.tests.unit.workflow_engine import test_plan_run
from zone_migration.watcher_db import services
from zone_migration.workflow_engine import parallel
from zone_migration.workflow_engine import plan_status
from zone_migration.workflow_engine import rollback


def leaves(host, server_id='foreign'):
    """A move of somebody else that leaves a host."""
    return foreign.Move(
        f'live-migration 7 of server {server_id}',
        ('resource', server_id),
        (('node', 'from', host),),
        progress='running',
    )


class ForeignLooksTest(test_plan_run.PlanRunTest):
    def setUp(self):
        super().setUp()
        self.options('zone_migration', poll_interval=0.2)
        self.useFixture(
            fixtures.MockPatchObject(plan_status, '_FIRST_AFTER', 0)
        )
        self.useFixture(
            fixtures.MockPatchObject(plan_status, '_WRITE_EVERY', 0)
        )
        self.addCleanup(
            lambda: self.assertEqual({}, parallel._SLOTS._used)
        )

    def add_volume(self, execute=True):
        return self.add(
            execute=execute,
            action_type='volume_migration',
            parameters={'resource_id': 'v', 'source': 'h@a#a'},
        )

    def meanwhile(self, *conditions, then):
        """A volume's move, which does this when these hold."""

        def run(action):
            for condition in conditions:
                self.wait_for(condition)
            then()
            return True

        return self.add_volume(run)

    def looked(self, times=2):
        """Whether Nova was looked at so often."""
        return self.in_flight.asked.count('Nova') >= times

    def show(self, *moves):
        self.in_flight.shown['Nova'] = list(moves)

    def test_move_of_others_holds_a_place_until_it_ends(self):
        self.show(leaves('c1'))
        move = self.add_move(source='c1')
        text = 'waits: 1 of 1 leave c1, one of them not of this plan'
        self.meanwhile(
            lambda: self.state_of(move) == ('PENDING', text),
            lambda: text.removeprefix('waits: ') in (self.message() or ''),
            then=self.show,
        )
        self.execute(parallel_per_node=1)
        self.assertEqual('SUCCEEDED', self.outcome_of(move)[0])

    def test_nothing_needs_a_service_before_it_was_looked_at(self):
        go_on = threading.Event()

        def hang():
            go_on.wait(test_plan_run.BOUND)
            return []

        self.in_flight.shown['Nova'] = hang
        seen = []
        move = self.add_move(
            source='c1', execute=lambda _: seen.append(go_on.is_set()) or True
        )
        # What needs another service goes on meanwhile.
        self.meanwhile(lambda: self.looked(1), then=go_on.set)
        self.execute()
        self.assertEqual([True], seen)
        self.assertEqual(('SUCCEEDED', 'done'), self.outcome_of(move))

    def test_nothing_starts_while_nova_has_shown_nothing_yet(self):
        self.in_flight.shown['Nova'] = waiting.ObservationFailed('HTTP 503')
        move = self.add_move(source='c1')
        self.meanwhile(
            lambda: (
                'nothing that needs Nova starts before what moves there is '
                'known: HTTP 503' in (self.message() or '')
            ),
            lambda: self.state_of(move) == ('PENDING', 'waits: Nova is away'),
            then=self.show,
        )
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(move))

    def test_nova_that_cannot_be_read_any_more_keeps_the_last_counts(self):
        self.show(leaves('c1'))
        move = self.add_move(source='c1')
        asked = []

        def be_away():
            asked.append(len(self.in_flight.asked))
            self.in_flight.shown['Nova'] = waiting.ObservationFailed('away')

        seen = []

        def be_back():
            seen.append(self.state_of(move)[0])
            self.show()

        self.meanwhile(self.looked, then=be_away)
        self.meanwhile(
            lambda: asked and len(self.in_flight.asked) > asked[0] + 3,
            then=be_back,
        )
        self.execute(parallel_per_node=1)
        self.assertEqual(['PENDING'], seen)
        self.assertEqual(['SUCCEEDED'], self.states(move))

    def test_service_that_refuses_for_good_shows_nothing_foreign(self):
        self.show(leaves('c1'))
        move = self.add_move(source='c1')
        refusal = exception.CloudRequestFailed(reason='Nova refuses: who?')
        self.meanwhile(
            self.looked,
            then=lambda: self.in_flight.shown.update(Nova=refusal),
        )
        self.execute(parallel_per_node=1)
        self.assertEqual(['SUCCEEDED'], self.states(move))

    def test_bug_in_a_look_ends_no_plan(self):
        self.in_flight.shown['Nova'] = ZeroDivisionError()
        move = self.add_move(source='c1')
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(move))

    def test_plan_whose_nova_hangs_can_be_cancelled(self):
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        self.in_flight.shown['Nova'] = lambda: [] if go_on.wait(30) else []
        move = self.add_move(source='c1')
        self.meanwhile(
            lambda: self.looked(1), then=self.cancel_and_be_noticed
        )
        self.assertRaises(
            watcher_exception.ActionPlanCancelled, self.execute
        )
        self.assertEqual([], self.calls(move))

    def test_it_can_be_turned_off(self):
        self.options('zone_migration', count_foreign=False)
        self.show(leaves('c1'))
        move = self.add_move(source='c1')
        self.execute(parallel_per_node=1)
        self.assertEqual(['SUCCEEDED'], self.states(move))
        self.assertEqual([], self.in_flight.asked)

    def test_service_whose_places_have_no_limit_is_not_looked_at(self):
        self.add_move(source='c1')
        self.add_volume()
        self.execute(parallel_per_node=0)
        self.assertEqual({'Cinder'}, {*self.in_flight.asked})

    def test_service_that_nothing_is_left_of_is_not_looked_at(self):
        self.add_move(source='c1')
        self.meanwhile(
            lambda: self.in_flight.asked[-3:] == ['Cinder'] * 3,
            then=lambda: None,
        )
        self.execute()
        self.assertEqual('Nova', sorted(self.in_flight.asked)[-1])

    def test_way_back_waits_for_moves_of_others(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        self.useFixture(fixtures.MockPatchObject(rollback, '_CHECK', 0.05))
        looks = []
        move = self.add_move(
            source='c1', revert=lambda _: looks.append('reverted')
        )

        def show():
            """The move of somebody else, until it was seen three times."""
            looks.append('seen')
            back = dataclasses.replace(
                leaves('c1'), places=(('node', 'to', 'c1'),)
            )
            return [back] if looks.count('seen') <= 3 else []

        def begin_and_fail(action):
            self.in_flight.shown['Nova'] = show
            self.wait_for(lambda: looks)
            return False

        self.add([move], execute=begin_and_fail)
        # While it is left, Nova is looked at.
        self.add([move], action_type='live_migration', execute=False,
                 parameters={'resource_id': 's', 'source': 'c2'})
        self.execute(parallel_per_node=1)
        self.assertEqual(['seen'] * 3, looks[:3])
        self.assertIn('reverted', looks)

    def test_way_back_looks_anew_at_nova_that_was_looked_at_no_more(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        order = []
        self.add_move(source='c1', revert=lambda _: order.append('reverted'))

        def fail(action):
            self.wait_for(
                lambda: self.in_flight.asked[-3:] == ['Cinder'] * 3
            )
            looks = len(self.in_flight.asked)
            # The next look is due long after the way back begins.
            self.options('zone_migration', poll_interval=100)
            self.wait_for(lambda: len(self.in_flight.asked) > looks)
            self.in_flight.shown['Nova'] = lambda: order.append('seen') or []
            return False

        self.add_volume(fail)
        self.execute(parallel_per_node=1)
        self.assertEqual(['seen', 'reverted'], order)

    def add_applier(self, host):
        """A row that an applier has written."""
        service = objects.Service(self.context)
        service.name, service.host = 'watcher-applier', host
        service.last_seen_up = timeutils.utcnow()
        service.create()

    def test_no_look_goes_ahead_of_the_question_for_other_appliers(self):
        together = threading.Barrier(2, timeout=test_plan_run.BOUND)
        self.useFixture(
            fixtures.MockPatchObject(
                services, 'others_are_alive', lambda *_: together.wait() >= 0
            )
        )
        self.add_move(source='c1')
        self.add_volume()
        self.execute()
        self.assertFalse(together.broken)
        self.assertEqual({'Nova', 'Cinder'}, {*self.in_flight.asked})

    def test_one_move_a_place_starts_until_it_is_shown_beside_others(self):
        self.add_applier('other')
        together = threading.Barrier(2, timeout=test_plan_run.BOUND)
        order = []

        def run(action):
            order.append('begun')
            together.wait()
            return True

        first, second = (self.add_move(run, source='c1') for _ in range(2))

        def show():
            order.append('shown')
            self.show(leaves('c1', first.input_parameters['resource_id']))

        self.meanwhile(lambda: order and self.looked(4), then=show)
        self.execute(parallel_per_node=2)
        self.assertEqual(['begun', 'shown', 'begun'], order)
        self.assertEqual(['SUCCEEDED'] * 2, self.states(first, second))

    def test_nothing_is_held_back_where_nobody_can_see_what_is_shown(self):
        self.add_applier('other')
        self.in_flight.shown['Nova'] = exception.CloudRequestFailed(
            reason='Nova refuses: who?'
        )
        together = threading.Barrier(2, timeout=test_plan_run.BOUND)
        moves = [
            self.add_move(lambda _: together.wait() >= 0, source='c1')
            for _ in range(2)
        ]
        self.execute(parallel_per_node=2)
        self.assertEqual(['SUCCEEDED'] * 2, self.states(*moves))
