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

import functools
import threading

import fixtures
from oslo_db import exception as db_exception
import sqlalchemy

from zone_migration import client
from zone_migration import waiting
from zone_migration.client import exception as client_exception
from zone_migration.compute_hosts import borders
from zone_migration.compute_hosts import disabling_plans
from zone_migration.compute_hosts import handover
from zone_migration.compute_hosts import service_state
from zone_migration.logic import storage_backends
from zone_migration.logic.outcome import host_claims
from zone_migration.logic.schedule import host_changes
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes

#: How long a test waits for what has to come, in seconds.
BOUND = 300

#: How often one plan gets in between two steps of another, at most, in a race
#: of so many.  There are thousands of ways for three to do so three times.
MOST_SWITCHES = {2: 4, 3: 2}

AWAY = client_exception.CloudUnavailable(service='Nova', reason='gone')
LOST = client_exception.AnswerLost(service='Nova', reason='broken')


def mark(name):
    return f'watcher_zone_migration {name}'


class Plan:
    """A plan with an action that disables c1."""

    def __init__(self, name, state, action_state='SKIPPED'):
        self.id = self.uuid = name
        self.state = state
        self.action_state = action_state
        self.action = {
            'action_type': host_changes.CHANGE_STATE,
            'input_parameters': {
                'resource_name': 'c1',
                'state': 'disabled',
                'disabled_reason': mark(name),
            },
        }

    @property
    def actions(self):
        return [{**self.action, 'state': self.action_state}]


class HandoverTestCase(base.TestCase):
    """A host that plan A has disabled; the database is a list of plans."""

    def setUp(self):
        super().setUp()
        self.a = Plan('A', 'ONGOING', 'SUCCEEDED')
        self.b = Plan('B', 'ONGOING')
        self.c = Plan('C', 'RECOMMENDED')
        self.nova = fakes.Hosts(c1=mark('A'))
        for module, name, value in (
            (client, 'cloud_of', lambda osc, conf: self.nova),
            (disabling_plans, 'disabled_for_good', lambda plan: set()),
            (disabling_plans, 'claims', self.claims),
            (waiting, '_LOOK', 0.001),
        ):
            self.useFixture(fixtures.MockPatchObject(module, name, value))

    def claims(self, plan, plan_states, claimants=(), lost_on=''):
        found = [
            host_claims.Claim(other.id, mark(other.id), other.state)
            for state in (*plan_states, 'SUCCEEDED', 'FAILED')
            for other in (self.a, self.b, self.c)
            if other is not plan
            and other.state == state
            and (state in plan_states or other.id in claimants)
        ]
        return {'c1': found} if found else {}

    def cancel(self, plan):
        """Cancel a plan that runs, and end it; what it says of the host."""
        plan.state = 'CANCELLING'
        text = service_state.enable_again(object(), plan, plan.actions)
        plan.state = 'CANCELLED'
        return text

    def begin(self, plan):
        """Begin a plan, and let its action look at the host."""
        plan.state = 'ONGOING'
        plan.action_state = 'SUCCEEDED'
        if self.nova.hosts()['c1'].enabled:
            self.nova.disable_host('c1', mark(plan.id))
        else:
            plan.action_state = 'SKIPPED'

    def assert_enabled(self):
        self.assertEqual(['c1'], self.nova.enabled)

    def assert_disabled_for(self, plan):
        self.assertEqual([], self.nova.enabled)
        self.assertEqual(
            mark(plan.id), self.nova.seen['c1'].disabled_reason
        )


class OrderTest(HandoverTestCase):
    def test_plan_that_has_disabled_the_host_is_cancelled_first(self):
        self.assertEqual(
            'c1 stays disabled for audit B', self.cancel(self.a)
        )
        self.assert_disabled_for(self.b)
        self.assertEqual('1 host enabled again', self.cancel(self.b))
        self.assert_enabled()

    def test_plan_that_has_disabled_the_host_is_cancelled_last(self):
        self.assertEqual('', self.cancel(self.b))
        self.assert_disabled_for(self.a)
        self.assertEqual('1 host enabled again', self.cancel(self.a))
        self.assert_enabled()

    def test_host_of_a_plan_that_has_succeeded_is_left_as_it_is(self):
        self.a.state = 'SUCCEEDED'
        self.assertEqual('', self.cancel(self.b))
        self.assert_disabled_for(self.a)

    def test_host_that_was_enabled_meanwhile_is_that_of_the_other(self):
        self.nova.set('c1', None)
        self.begin(self.b)
        self.assertEqual(
            'c1 left as somebody else has set it', self.cancel(self.a)
        )
        self.assert_disabled_for(self.b)
        self.assertEqual('1 host enabled again', self.cancel(self.b))
        self.assert_enabled()

    def test_host_goes_back_to_the_plan_that_has_disabled_it_first(self):
        self.nova.set('c1', None)
        self.begin(self.b)
        self.assertEqual(
            'c1 stays disabled for audit A', self.cancel(self.b)
        )
        self.assertEqual('1 host enabled again', self.cancel(self.a))

    def test_host_goes_from_one_to_the_next(self):
        self.c.state = 'PENDING'
        self.a.state = 'SUCCEEDED'
        self.nova.set('c1', mark('B'))
        self.assertEqual(
            'c1 stays disabled for audit C', self.cancel(self.b)
        )
        self.c.state = 'ONGOING'
        self.assertEqual('1 host enabled again', self.cancel(self.c))
        self.assert_enabled()

    def test_plan_that_runs_goes_before_one_that_waits(self):
        self.b.state, self.c.state = 'PENDING', 'ONGOING'
        self.cancel(self.a)
        self.assert_disabled_for(self.c)

    def test_only_plans_that_run_or_wait_count(self):
        for state in (
            'RECOMMENDED', 'CANCELLING', 'CANCELLED', 'SUCCEEDED', 'FAILED'
        ):
            self.a.state, self.b.state = 'ONGOING', state
            self.nova.set('c1', mark('A'))
            self.cancel(self.a)
            self.assert_enabled()

    def end_other_when_it_has_the_host(self, state):
        def disable(*args):
            fakes.Hosts.disable_host(self.nova, *args)
            self.b.state = state

        self.nova.disable_host = disable

    def test_plan_that_ends_well_meanwhile_keeps_the_host(self):
        for state in ('SUCCEEDED', 'FAILED'):
            self.a.state, self.b.state = 'ONGOING', 'ONGOING'
            self.nova.set('c1', mark('A'))
            self.end_other_when_it_has_the_host(state)
            self.assertEqual(
                'c1 stays disabled for audit B', self.cancel(self.a)
            )
            self.assert_disabled_for(self.b)

    def test_plan_that_is_cancelled_meanwhile_does_not(self):
        self.end_other_when_it_has_the_host('CANCELLED')
        self.assertEqual('1 host enabled again', self.cancel(self.a))
        self.assert_enabled()

    def test_plan_of_the_same_audit_keeps_the_host(self):
        self.b = Plan('A', 'ONGOING')
        self.nova.refusals['c1'] = AssertionError('it has the reason already')
        self.assertEqual(
            'c1 stays disabled for audit A', self.cancel(self.a)
        )
        self.assert_disabled_for(self.a)
        del self.nova.refusals['c1']
        self.assertEqual('1 host enabled again', self.cancel(self.b))


class TroubleTest(HandoverTestCase):
    def let(self, thing, name, *outcomes):
        """Let a function raise what is an exception, else do its work."""
        works = getattr(thing, name)
        left = [*outcomes]

        def do(*args):
            outcome = left.pop(0) if left else None
            if outcome is not None:
                raise outcome
            return works(*args)

        self.useFixture(fixtures.MockPatchObject(thing, name, do))

    def test_without_the_database_no_host_is_set(self):
        self.let(disabling_plans, 'claims', db_exception.DBConnectionError())
        self.assertEqual(
            'c1 still disabled: the database does not tell whether another '
            'plan relies on it (DBConnectionError); enable_compute_nodes '
            'enables it',
            self.cancel(self.a),
        )
        self.assertEqual([], self.nova.asked)

    def test_database_that_goes_away_afterwards_does_not_matter(self):
        self.b.state = 'CANCELLED'
        self.let(
            disabling_plans, 'claims', None, sqlalchemy.exc.TimeoutError()
        )
        self.assertEqual('1 host enabled again', self.cancel(self.a))

    def test_host_left_to_the_plan_is_named_without_the_database(self):
        self.cancel(self.a)
        self.let(
            disabling_plans,
            'disabled_for_good',
            db_exception.DBConnectionError(),
        )
        self.assertEqual(
            'c1 still disabled: the database does not tell whether another '
            'plan of its audit wants it so (DBConnectionError); '
            'enable_compute_nodes enables it',
            self.cancel(self.b),
        )
        self.assert_disabled_for(self.b)

    def test_own_host_is_enabled_whatever_the_audit_wants(self):
        self.b.state = 'CANCELLED'
        self.let(
            disabling_plans,
            'disabled_for_good',
            db_exception.DBConnectionError(),
        )
        self.assertEqual('1 host enabled again', self.cancel(self.a))

    def test_host_that_cannot_be_left_to_another_plan_is_named(self):
        self.nova.refusals['c1'] = AWAY
        self.assertEqual(
            'c1 still disabled: Nova is unavailable: gone; '
            'enable_compute_nodes enables it',
            self.cancel(self.a),
        )

    def test_host_that_may_have_been_left_to_the_plan_is_named(self):
        self.nova.trouble = AWAY
        self.assertEqual(
            'c1 may still be disabled: Nova is unavailable: gone; '
            'enable_compute_nodes enables it',
            self.cancel(self.b),
        )

    def test_host_of_an_action_that_was_never_begun_is_not_named(self):
        self.nova.trouble = AWAY
        self.b.action_state = 'PENDING'
        self.assertEqual('', self.cancel(self.b))

    def test_host_that_cannot_be_taken_back_is_named(self):
        def end_too_early(*args):
            fakes.Hosts.disable_host(self.nova, *args)
            self.b.state = 'CANCELLED'
            self.nova.trouble = AWAY

        self.nova.disable_host = end_too_early
        self.assertIn(
            'c1 still disabled: Nova is unavailable', self.cancel(self.a)
        )

    def test_host_that_cannot_be_disabled_again_is_enabled(self):
        self.b.state = 'RECOMMENDED'

        def begin_too_late(*args):
            fakes.Hosts.enable_host(self.nova, *args)
            self.b.state = 'ONGOING'
            self.nova.trouble = AWAY

        self.nova.enable_host = begin_too_late
        self.assertEqual('1 host enabled again', self.cancel(self.a))

    def test_lost_answer_of_a_host_that_was_left_does_not_matter(self):
        def lose_the_answer(*args):
            fakes.Hosts.disable_host(self.nova, *args)
            raise LOST

        self.nova.disable_host = lose_the_answer
        self.assertEqual(
            'c1 stays disabled for audit B', self.cancel(self.a)
        )

    def test_host_that_is_left_late_is_waited_for(self):
        asked = []

        def disable(*args):
            asked.extend([None, None, args])
            raise LOST

        def look():
            if asked and (args := asked.pop(0)):
                fakes.Hosts.disable_host(self.nova, *args)
            return fakes.Hosts.hosts(self.nova)

        self.nova.disable_host, self.nova.hosts = disable, look
        self.assertEqual(
            'c1 stays disabled for audit B', self.cancel(self.a)
        )

    def test_host_that_is_not_shown_any_more_is_not_told_to_be_enabled(self):
        self.b.state = 'RECOMMENDED'

        def lose_the_answer(name):
            self.nova.seen.clear()
            raise LOST

        self.nova.enable_host = lose_the_answer
        self.assertIn(
            'c1 still disabled: Nova may have done it or not',
            self.cancel(self.a),
        )

    def test_lost_answer_of_a_host_that_was_not_left_is_a_failure(self):
        self.nova.refusals['c1'] = LOST
        self.assertIn('c1 still disabled', self.cancel(self.a))


class Cinder:
    """Two backends that plan A has disabled."""

    def __init__(self):
        self.seen = {}
        for name in ('h@a', 'h@b'):
            self.set(name, disabled_reason=mark('A'))
        #: What happens while h@a is enabled.
        self.meanwhile = lambda: None
        self.marked = []

    def set(self, name, enabled=False, **more):
        self.seen[name] = storage_backends.Backend(
            name, enabled=enabled, up=True, **more
        )

    def backends(self):
        return dict(self.seen)

    def backend(self, name):
        return self.seen.get(name)

    def ask_to_enable_backend(self, name):
        self.set(name, enabled=True)
        if name == 'h@a':
            self.meanwhile()

    def disable_backend(self, name, reason):
        self.marked.append(name)
        self.set(name, disabled_reason=reason)


class BackendTest(HandoverTestCase):
    """Plan A is cancelled; plan B wants h@b."""

    def setUp(self):
        super().setUp()
        self.nova.cinder = self.cinder = Cinder()

    def claims(self, *args):
        claim = host_claims.Claim('B', mark('B'), self.b.state)
        return {'h@b': [claim]} if self.b.state == 'ONGOING' else {}

    def end(self):
        actions = [
            {
                'action_type': host_changes.CHANGE_BACKEND,
                'state': 'SUCCEEDED',
                'input_parameters': {
                    'resource_name': name,
                    'state': 'disabled',
                    'disabled_reason': mark('A'),
                },
            }
            for name in self.cinder.seen
        ]
        return service_state.enable_again(object(), self.a, actions)

    def test_one_is_enabled_and_one_left_to_the_other(self):
        self.assertEqual(
            '1 backend enabled again, h@b stays disabled for audit B',
            self.end(),
        )
        self.assertEqual(mark('B'), self.cinder.seen['h@b'].disabled_reason)

    def test_one_that_somebody_freezes_meanwhile_is_left_alone(self):
        self.cinder.meanwhile = lambda: self.cinder.set(
            'h@b', disabled_reason='frozen', frozen=True
        )
        text = '1 backend enabled again, h@b left as somebody else has set it'
        self.assertEqual(text, self.end())
        self.assertEqual([], self.cinder.marked)

    def test_one_that_somebody_disables_while_it_is_enabled(self):
        self.b.state = 'CANCELLED'
        ask = self.cinder.ask_to_enable_backend

        def ask_too_late(name):
            ask(name)
            if name == 'h@b':
                self.cinder.set(name, disabled_reason='broken')

        self.cinder.ask_to_enable_backend = ask_too_late
        text = '1 backend enabled again, h@b left as somebody else has set it'
        self.assertEqual(text, self.end())

    def test_frozen_one_is_never_disabled(self):
        self.cinder.meanwhile = lambda: self.cinder.set(
            'h@b', disabled_reason=mark('A'), frozen=True
        )
        self.assertIn('h@b still disabled: it is frozen', self.end())
        self.assertEqual([], self.cinder.marked)


class WatchTest(HandoverTestCase):
    """A plan that has a host is cancelled before it begins, or is not."""

    def setUp(self):
        super().setUp()
        self.b.state = 'PENDING'
        self.useFixture(
            fixtures.MockPatchObject(handover, '_INTERVAL', 0)
        )
        self.a.state = 'CANCELLING'
        self.handover = handover.Handover(
            borders.of(self.nova, host_changes.HOST),
            self.a,
            {'c1': mark('A')},
            ('ONGOING', 'PENDING'),
        )
        self.handover.settle()
        self.assert_disabled_for(self.b)

    def watch(self, *states):
        """Watch while the plan goes through these; an exception is raised."""
        self.looks = 0
        todo, works = [*states], disabling_plans.claims

        def look(*args):
            self.looks += 1
            if todo and isinstance(todo[0], Exception):
                raise todo.pop(0)
            if todo:
                self.b.state = todo.pop(0)
            return works(*args)

        self.useFixture(
            fixtures.MockPatchObject(disabling_plans, 'claims', look)
        )
        thread = self.handover.watch()
        thread.join(BOUND)
        self.assertFalse(thread.is_alive())

    def test_host_of_a_plan_that_never_begins_is_enabled(self):
        self.watch('PENDING', 'CANCELLED')
        self.assert_enabled()

    def test_host_goes_to_the_next_plan(self):
        self.c.state = 'ONGOING'
        self.watch('PENDING', 'CANCELLED')
        self.assert_disabled_for(self.c)

    def test_plan_that_begins_is_left_alone(self):
        self.watch('PENDING', 'PENDING', 'ONGOING')
        self.assertEqual(3, self.looks)
        self.assert_disabled_for(self.b)

    def test_plan_that_has_ended_by_the_next_look_keeps_the_host(self):
        for state in ('SUCCEEDED', 'FAILED'):
            self.b.state = 'PENDING'
            self.handover.settle()
            self.watch(state)
            self.assert_disabled_for(self.b)

    def test_host_that_somebody_has_set_is_left_alone(self):
        self.nova.set('c1', 'broken')
        self.watch('CANCELLED')
        self.assertEqual([], self.nova.asked)

    def test_database_that_is_away_is_asked_again(self):
        self.watch(db_exception.DBConnectionError(), 'CANCELLED')
        self.assert_enabled()

    def test_plan_that_does_not_begin_for_a_day_loses_the_host(self):
        self.useFixture(fixtures.MockPatchObject(handover, '_LOOKS', 5))
        self.watch()
        self.assert_enabled()

    def test_what_goes_wrong_does_not_end_the_process(self):
        self.watch(KeyError('a bug'))
        self.assert_disabled_for(self.b)

    def test_plan_that_runs_is_not_watched(self):
        self.b.state = 'ONGOING'
        self.handover.settle()
        self.assertIsNone(self.handover.watch())


class Race:
    """Threads of which one runs at a time, until it gives way.

    :param choices: the thread that goes on at each step, by its number; when
        they are used up, the one that has gone on before.
    """

    def __init__(self, choices):
        self._choices = list(choices)
        self._gates = {}
        self._came = threading.Semaphore(0)
        self._ended = set()
        self._errors = []
        #: For each step the threads that could go on; the first is that which
        #: would not be a switch.
        self.steps = []

    def give_way(self):
        """Let another thread go on, or this one again."""
        gate = self._gates.get(threading.get_ident())
        if gate is not None:
            self._came.release()
            gate.acquire(timeout=BOUND)

    def run(self, functions):
        """Call all of them, each in its thread."""
        gates = []
        for function in functions:
            gates.append(threading.Semaphore(0))
            threading.Thread(
                target=self._call,
                args=(len(gates) - 1, gates[-1], function),
                daemon=True,
            ).start()
            self._came.acquire(timeout=BOUND)
        last = 0
        while len(self._ended) < len(gates):
            able = [n for n in range(len(gates)) if n not in self._ended]
            able.sort(key=lambda n: n != last)
            if len(self.steps) < len(self._choices):
                last = self._choices[len(self.steps)]
            else:
                last = able[0]
            self.steps.append((last, able))
            gates[last].release()
            self._came.acquire(timeout=BOUND)
        if self._errors:
            raise self._errors[0]

    def _call(self, number, gate, function):
        self._gates[threading.get_ident()] = gate
        try:
            self.give_way()
            function()
        except Exception as error:
            self._errors.append(error)
        finally:
            self._ended.add(number)
            self._came.release()


def switches(steps):
    """How often a thread got in between two steps of another."""
    return sum(
        went != able[0] and before == able[0]
        for (before, _), (went, able) in zip(steps, steps[1:], strict=False)
    )


class RaceTest(HandoverTestCase):
    """Plans at once: whoever comes first to Nova, and to the database."""

    def setUp(self):
        super().setUp()
        self.race = Race(())
        for thing, name in (
            (self.nova, 'hosts'),
            (self.nova, 'enable_host'),
            (self.nova, 'disable_host'),
            (disabling_plans, 'claims'),
        ):
            self.useFixture(
                fixtures.MockPatchObject(
                    thing,
                    name,
                    functools.partial(self.in_turn, getattr(thing, name)),
                )
            )

    def in_turn(self, function, *args):
        self.race.give_way()
        return function(*args)

    def cancel(self, plan):
        self.race.give_way()
        return super().cancel(plan)

    def begin(self, plan):
        self.race.give_way()
        return super().begin(plan)

    def begin_and_cancel(self, plan):
        self.begin(plan)
        self.cancel(plan)

    def assert_always(self, check, *functions, **plan_states):
        """Check what becomes of the host, in whatever order all happens."""
        todo, count = [[]], 0
        while todo:
            choices = todo.pop()
            self.a = Plan('A', 'ONGOING', 'SUCCEEDED')
            self.b, self.c = (
                Plan(name, plan_states.get(name, 'RECOMMENDED'))
                for name in ('B', 'C')
            )
            self.nova.set('c1', mark('A'))
            self.race = Race(choices)
            self.race.run([function() for function in functions])
            check()
            count += 1
            steps = self.race.steps
            for at in range(len(choices), len(steps)):
                went = [last for last, _ in steps[:at]]
                for other in steps[at][1][1:]:
                    branch = [*steps[:at], (other, steps[at][1])]
                    if switches(branch) <= MOST_SWITCHES[len(functions)]:
                        todo.append([*went, other])
        # A race in which nothing was ever at once would show nothing.
        self.assertGreater(count, 50)

    def test_both_are_cancelled(self):
        self.assert_always(
            self.assert_enabled,
            lambda: functools.partial(self.cancel, self.a),
            lambda: functools.partial(self.cancel, self.b),
            B='ONGOING',
        )

    def test_all_three_are_cancelled(self):
        self.assert_always(
            self.assert_enabled,
            lambda: functools.partial(self.cancel, self.a),
            lambda: functools.partial(self.cancel, self.b),
            lambda: functools.partial(self.cancel, self.c),
            B='ONGOING',
            C='ONGOING',
        )

    def test_both_are_cancelled_and_a_third_runs(self):
        self.assert_always(
            lambda: self.assert_disabled_for(self.c),
            lambda: functools.partial(self.cancel, self.a),
            lambda: functools.partial(self.cancel, self.b),
            B='ONGOING',
            C='ONGOING',
        )

    def test_one_is_cancelled_while_another_begins(self):
        self.assert_always(
            lambda: self.assert_disabled_for(self.c),
            lambda: functools.partial(self.cancel, self.a),
            lambda: functools.partial(self.begin, self.c),
        )

    def test_one_is_cancelled_while_another_begins_and_is_cancelled(self):
        self.assert_always(
            self.assert_enabled,
            lambda: functools.partial(self.cancel, self.a),
            lambda: functools.partial(self.begin_and_cancel, self.c),
        )

    def test_both_are_cancelled_while_a_third_begins(self):
        self.assert_always(
            lambda: self.assert_disabled_for(self.c),
            lambda: functools.partial(self.cancel, self.a),
            lambda: functools.partial(self.cancel, self.b),
            lambda: functools.partial(self.begin, self.c),
            B='ONGOING',
        )
