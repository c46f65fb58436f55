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

"""Plans of other strategies under Watcher's own engine and under this one.

Each is made twice, and run once by ``taskflow`` and once by ``parallel``.
What differs is meant to, and is in ``doc/source/reference/states.rst``.
"""

import contextlib
import dataclasses
import functools
import threading
from unittest import mock

import fixtures
from watcher import objects
from watcher.applier import default as applier
from watcher.applier.action_plan import default as handler
from watcher.applier.actions import factory
from watcher.applier.workflow_engine import default as taskflow
from watcher.common import exception as watcher_exception
from watcher.common import nova_helper
from watcher.common import rpc
from watcher.common import utils
from watcher.decision_engine.planner import weight

from zone_migration.tests.unit import base
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.tests.unit.workflow_engine import scripted
from zone_migration.tests.unit.workflow_engine import test_plan_run
from zone_migration.workflow_engine import parallel

BOUND = test_plan_run.BOUND

#: What an engine calls of an action.
CALLED = ('pre_condition', 'execute', 'post_condition', 'abort', 'revert')

#: The calls and notifications of an action that is run to its end.
WHOLE = ['pre_condition', 'execute', 'post_condition']
RUN = [
    ('action.execution.start', 'info', 'PENDING'),
    ('action.update', 'info', 'ONGOING'),
    ('action.update', 'info', 'SUCCEEDED'),
    ('action.execution.end', 'info', 'SUCCEEDED'),
]

#: The notifications of an action that is aborted.
ABORTED = [
    *RUN[:2],
    ('action.update', 'info', 'CANCELLING'),
    ('action.cancel.start', 'info', 'CANCELLING'),
    ('action.update', 'info', 'CANCELLED'),
    ('action.cancel.end', 'info', 'CANCELLED'),
]

#: Those of a plan that begins; that it is cancelled, and has ended.
PLAN = [
    ('action_plan.update', 'info', 'ONGOING'),
    ('action_plan.execution.start', 'info', 'ONGOING'),
]
#: Whoever cancels a plan tells that after it is written, so the engine may
#: tell what it makes of it before or afterwards.
CANCELLING = ('action_plan.update', 'info', 'CANCELLING')
PLAN_CANCELLED = [
    *PLAN,
    ('action_plan.cancel.start', 'info', 'CANCELLING'),
    ('action_plan.update', 'info', 'CANCELLED'),
    ('action_plan.cancel.end', 'info', 'CANCELLED'),
]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What has become of a plan or an action."""

    state: str
    message: str = ''
    #: Type, priority and state of each, as often as it was sent.
    notifications: list = dataclasses.field(default_factory=list)
    #: What was called of an action, in this order.
    calls: list = dataclasses.field(default_factory=list)


class Notifications(base.Notifications):
    """Those with their priority."""

    def _take(self, context, event_type, payload, priority):
        data = payload['watcher_object.data']
        self.sent.append((event_type, {**data, 'priority': priority}))

    info = functools.partialmethod(_take, priority='info')
    error = functools.partialmethod(_take, priority='error')


class Factory(factory.ActionFactory):
    """Watcher's, for all actions that a test has not written.

    :param actions: those that it has, by UUID; the others are added.
    """

    def __init__(self, actions) -> None:
        super().__init__()
        self._actions = actions

    def make_action(self, db_action, osc=None):
        """The action, whose calls are noted."""
        if db_action.uuid not in self._actions:
            action = super().make_action(db_action, osc)
            action.calls = []
            for name in CALLED:
                setattr(action, name, self._noted(action, name))
            self._actions[db_action.uuid] = action
        return self._actions[db_action.uuid]

    @staticmethod
    def _noted(action, name):
        call = getattr(action, name)

        def note_and_call():
            action.calls.append(name)
            return call()

        return note_and_call


class Parallel(parallel.ParallelWorkFlowEngine):
    """This engine, with actions that a test has written."""

    def __init__(self, config, context, actions) -> None:
        super().__init__(config, context=context)
        self._action_factory = Factory(actions)


class Reporting(scripted.ForeignAction):
    """An action with a property and a method of names that this engine has."""

    @property
    def report(self):
        """No function."""
        return 'monthly'

    def on_destination(self, first, second):
        """No host."""
        raise NotImplementedError

    def execute(self):
        """Use the property."""
        return super().execute() and self.report == 'monthly'


class ComparedTest(engines.EngineTest):
    ENGINE = Parallel
    #: Of Watcher's own engine.
    RULE = 'ALWAYS'
    #: Of this engine.
    LIMITS: dict[str, int] = {}

    def setUp(self):
        super().setUp()
        if not hasattr(taskflow, 'eventlet_helper'):
            self.skipTest(
                'the own engine of Watcher 15 runs in a process that is '
                'patched for green threads only'
            )
        self.notifications = Notifications()
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{rpc.__name__}.get_notifier', self.notifications
            )
        )
        strategy = objects.Strategy.get_by_id(
            self.context, self.plan.strategy_id
        )
        strategy.name = 'actuator'
        strategy.save()
        # The actions of the plan, by the names that they have in the test.
        self.named = {}
        self.engine_name = ''
        #: What the plan says of itself, by engine.
        self.messages = {}

    def act(self, name, parents=(), kind=scripted.ForeignAction, **script):
        """An action of the plan, with what it does and its parents' names."""
        fields = {
            field: script.pop(field)
            for field in ('state', 'status_message')
            if field in script
        }
        db_action = self.create_action(
            self.plan,
            parents=[self.named[parent] for parent in parents],
            input_parameters={'resource_id': script.pop('resource', name)},
            **fields,
        )
        self.actions[db_action.uuid] = kind(**script)
        self.named[name] = db_action
        return db_action

    def real(self, name, action_type, **parameters):
        """One that Watcher makes."""
        self.named[name] = self.create_action(
            self.plan, action_type, input_parameters=parameters
        )

    def taskflow(self):
        """Watcher's own engine."""
        engine = taskflow.DefaultWorkFlowEngine(
            utils.Struct(
                max_workers=8, action_execution_rule={'actuator': self.RULE}
            ),
            context=self.context,
        )
        engine._action_factory = Factory(self.actions)
        return engine

    def run_as_watcher_does(self, engine):
        """Run the plan to what Watcher's handler leaves of it."""
        with mock.patch.object(applier.DefaultApplier, 'engine', engine):
            handler.DefaultActionPlanHandler(
                self.context, None, self.plan.uuid
            ).execute()

    def outcomes(self):
        """``{name: Outcome}`` of the plan and of its actions."""
        plan = objects.ActionPlan.get_by_uuid(self.context, self.plan.uuid)
        return {
            'plan': Outcome(plan.state, '', self.sent(plan.uuid)),
            **{
                name: self.outcome(action)
                for name, action in self.named.items()
            },
        }

    def outcome(self, db_action):
        state, message = self.state_of(db_action)
        for name, action in self.named.items():
            message = (message or '').replace(action.uuid, f'<{name}>')
        action = self.actions.get(db_action.uuid)
        return Outcome(
            state,
            message,
            self.sent(db_action.uuid),
            action.calls if action else [],
        )

    def sent(self, uuid):
        told = [
            (event, data['priority'], data['state'])
            for event, data in self.notifications.sent
            if data['uuid'] == uuid
        ]
        return [one for one in told if one != CANCELLING]

    def both(self, script):
        """What both engines make of a plan, each of one of its own.

        :param script: adds the actions of the plan.
        """
        found = {}
        for name, make_engine in (
            ('taskflow', self.taskflow),
            ('parallel', functools.partial(self.engine, **self.LIMITS)),
        ):
            self.engine_name = name
            self.plan = self.create_plan_of(self.plan)
            self.named.clear()
            self.cancelled = threading.Event()
            script()
            self.notifications.sent.clear()
            # The end of a thread is that of Watcher's handler, too.
            with contextlib.suppress(SystemExit):
                self.run_as_watcher_does(make_engine())
            found[name] = self.outcomes()
            self.messages[name] = self.message()
        return found['taskflow'], found['parallel']

    def assert_same(self, script):
        """Both do the same; what it is."""
        return self.assert_differ({}, script)

    def assert_differ(self, differences, script, twice=False):
        """Both do the same, but for these differences.

        :param differences: ``{(name, aspect): (taskflow's, this one's)}``;
            the names are those of actions, and ``'plan'``.
        :param twice: whether it counts how often the same is notified.
        :returns: what this engine has made of it.
        """
        its, ours = self.both(script)
        self.assertEqual(its.keys(), ours.keys())
        found = {}
        for name in its:
            for field in dataclasses.fields(Outcome):
                pair = tuple(
                    getattr(outcomes[name], field.name)
                    for outcomes in (its, ours)
                )
                if field.name == 'notifications' and not twice:
                    pair = tuple(list(dict.fromkeys(sent)) for sent in pair)
                if pair[0] != pair[1]:
                    found[name, field.name] = pair
        self.assertEqual(differences, found)
        return ours

    def cancel(self, *_args):
        """Cancel the plan; nothing that runs ends before."""
        self.cancel_plan()
        self.cancelled.set()
        return True

    def until_aborted(self, together, end=False):
        """Run until it is aborted; under taskflow nobody does that."""

        def run(action):
            together.wait()
            self.cancelled.wait(BOUND)
            if self.engine_name == 'taskflow':
                return True
            self.assertTrue(action.aborted.wait(BOUND))
            return end

        return run


def states(outcomes):
    """The states among outcomes, in their order."""
    return [outcome.state for outcome in outcomes.values()]


class EndTest(ComparedTest):
    """How actions end, and what their children do then."""

    def script(self):
        invalid = watcher_exception.Invalid('no such thing')
        skipped = watcher_exception.ActionSkipped('gone')
        for name, script in {
            'moves': {},
            'returns False': {'execute': False},
            'returns None': {'execute': None},
            'raises': {'execute': OSError('secret')},
            'raises an exception of Watcher': {'execute': invalid},
            'is skipped too late': {'execute': skipped},
            'is skipped': {'pre': skipped},
            'is refused': {'pre': invalid},
            'breaks before': {'pre': KeyError('secret')},
            'breaks after': {'post': KeyError('secret')},
            'is taken back': {'post': invalid},
            'fails and breaks after': {'execute': invalid, 'post': skipped},
            'was skipped before': {
                'state': 'SKIPPED', 'status_message': 'not today',
            },
        }.items():
            self.act(name, **script)
            self.act(f'child of what {name}', [name])
        self.real('with wrong parameters', 'sleep', duration=-1)
        self.real('of no type', 'gone')
        self.act('of odd names', kind=Reporting)
        self.act('with all parents', list(self.named))

    def test_all_ends(self):
        outcomes = self.assert_same(self.script)
        self.assertEqual('FAILED', outcomes['plan'].state)
        self.assertEqual(
            {'SUCCEEDED'},
            {
                outcome.state
                for name, outcome in outcomes.items()
                if name.startswith('child') or name == 'with all parents'
            },
        )
        self.assertEqual('SUCCEEDED', outcomes['of odd names'].state)

    def test_waves_of_the_planner_weight(self):
        def plan_waves():
            solution = mock.Mock(
                actions=[
                    {'action_type': 'nop', 'input_parameters': {}}
                    for _ in range(6)
                ],
                efficacy_indicators=[],
                global_efficacy=[],
            )
            solution.strategy.name = 'actuator'
            self.plan = weight.WeightPlanner(
                utils.Struct(
                    weights={'nop': 1}, parallelization={'nop': 2}
                )
            ).schedule(self.context, self.plan.audit_id, solution)
            # As Watcher does with the cast.
            self.plan.hostname = 'applier'
            self.plan.save()
            for index, action in enumerate(
                objects.Action.list(
                    self.context,
                    filters={'action_plan_uuid': self.plan.uuid},
                )
            ):
                self.named[f'wave {index // 2}, {index % 2}'] = action
                self.actions[action.uuid] = scripted.ForeignAction(
                    execute=index != 0
                )

        outcomes = self.assert_same(plan_waves)
        self.assertEqual(
            ['FAILED', 'FAILED', *['SUCCEEDED'] * 5], states(outcomes)
        )
        self.assertEqual(
            [0, 0, 2, 2, 2, 2],
            [len(action.parents) for action in self.named.values()],
        )

    def test_empty_plan(self):
        outcomes = self.assert_same(lambda: None)
        self.assertEqual(['SUCCEEDED'], states(outcomes))

    def test_failure_that_is_notified_twice(self):
        failed = ('action.update', 'info', 'FAILED')
        error = ('action.execution.error', 'error', 'FAILED')

        def script():
            self.act('fails', execute=False)
            self.real('wrong', 'sleep', duration=-1)

        self.assert_differ(
            {
                # Without the reason, and with it.
                ('fails', 'notifications'): (
                    [*RUN[:2], failed, failed, error],
                    [*RUN[:2], failed, error],
                ),
                # It cannot be made for its post-condition, either.
                ('wrong', 'notifications'): (
                    [failed, error, failed, error], [failed, error],
                ),
            },
            script,
            twice=True,
        )

    def test_message_that_is_too_long(self):
        # MySQL takes the first with an error.
        text = 'Action failed in execute: ' + 'x' * 300
        self.assert_differ(
            {('fails', 'message'): (text, text[:252] + '...')},
            lambda: self.act(
                'fails', execute=watcher_exception.Invalid('x' * 300)
            ),
        )

    def test_end_of_a_thread(self):
        def script():
            self.act('ends', execute=SystemExit('enough'))
            self.act('child', ['ends'])

        outcomes = self.assert_differ(
            {
                ('plan', 'state'): ('ONGOING', 'FAILED'),
                ('plan', 'notifications'): (
                    PLAN,
                    [
                        *PLAN,
                        ('action_plan.update', 'info', 'FAILED'),
                        ('action_plan.execution.error', 'error', 'FAILED'),
                    ],
                ),
                ('ends', 'state'): ('ONGOING', 'FAILED'),
                ('ends', 'message'): (
                    '', 'Action failed in execute: SystemExit: enough',
                ),
                ('ends', 'notifications'): (
                    RUN[:2],
                    [
                        *RUN[:2],
                        ('action.update', 'info', 'FAILED'),
                        ('action.execution.error', 'error', 'FAILED'),
                    ],
                ),
                ('ends', 'calls'): (WHOLE, WHOLE[:2]),
                ('child', 'state'): ('PENDING', 'SUCCEEDED'),
                ('child', 'notifications'): ([], RUN),
                ('child', 'calls'): ([], WHOLE),
            },
            script,
        )
        self.assertEqual('FAILED', outcomes['plan'].state)

    def test_message_of_the_plan(self):
        self.assert_same(lambda: self.act('moves'))
        self.assertIsNone(self.messages['taskflow'])
        self.assertRegex(self.messages['parallel'], '^1 succeeded in')


class StartTest(ComparedTest):
    """Which actions start at all, and which together."""

    def test_actions_that_have_ended_before(self):
        ended = ('SUCCEEDED', 'FAILED', 'CANCELLED', 'SKIPPED')

        def script():
            for state in ended:
                self.act(state, state=state, status_message='before')
                self.act(f'child of {state}', [state])

        outcomes = self.assert_differ(
            {
                ('SUCCEEDED', 'notifications'): (
                    [
                        ('action.execution.start', 'info', 'SUCCEEDED'),
                        *RUN[1:],
                    ],
                    [],
                ),
                ('SUCCEEDED', 'calls'): (WHOLE, []),
                ('FAILED', 'notifications'): (
                    [('action.execution.start', 'info', 'FAILED')], [],
                ),
                ('FAILED', 'calls'): (
                    ['pre_condition', 'post_condition'], [],
                ),
                ('CANCELLED', 'state'): ('SUCCEEDED', 'CANCELLED'),
                ('CANCELLED', 'notifications'): (
                    [
                        ('action.execution.start', 'info', 'CANCELLED'),
                        *RUN[1:],
                    ],
                    [],
                ),
                ('CANCELLED', 'calls'): (WHOLE, []),
            },
            script,
        )
        for state in ended:
            self.assertEqual((state, 'before'), (
                outcomes[state].state, outcomes[state].message,
            ))

    def test_circle(self):
        def script():
            first = self.act('first')
            second = self.act('second', ['first'])
            first.parents = [second.uuid]
            first.save()
            self.act('other')

        outcomes = self.assert_same(script)
        self.assertEqual(['FAILED', *['PENDING'] * 3], states(outcomes))
        self.assertIn('depend on each other in a circle', self.message())

    def test_parent_that_does_not_exist(self):
        def script():
            action = self.act('action')
            action.parents = [utils.generate_uuid()]
            action.save()
            self.act('other')

        outcomes = self.assert_same(script)
        self.assertEqual(['FAILED', *['PENDING'] * 2], states(outcomes))
        self.assertIn('which is not in the plan', self.message())

    def test_action_that_is_skipped_while_the_plan_runs(self):
        # Watcher's API does not let anybody, but the database does.
        def skip(_action):
            action = objects.Action.get_by_uuid(
                self.context, self.named['skipped'].uuid, eager=True
            )
            action.state = 'SKIPPED'
            action.save()
            return True

        def script():
            self.act('first', execute=skip)
            self.act('skipped', ['first'])
            self.act('child', ['skipped'])

        update = ('action.update', 'info', 'SKIPPED')
        outcomes = self.assert_differ(
            {
                ('skipped', 'notifications'): (
                    [update, ('action.execution.start', 'info', 'PENDING')],
                    [update],
                ),
                ('skipped', 'calls'): (['pre_condition'], []),
            },
            script,
        )
        self.assertEqual(
            ['SUCCEEDED', 'SUCCEEDED', 'SKIPPED', 'SUCCEEDED'],
            states(outcomes),
        )

    def test_actions_on_one_server(self):
        order = []

        def run(action):
            order.append('begin')
            if self.engine_name == 'taskflow':
                together.wait()
            order.append('end')
            return True

        def script():
            order.clear()
            for name in ('first', 'second'):
                self.act(name, resource='server', execute=run)

        # They meet under taskflow, or it breaks.
        together = threading.Barrier(2, timeout=BOUND)
        self.assert_same(script)
        self.assertEqual(['begin', 'end'] * 2, order)


class AnyTest(ComparedTest):
    RULE = 'ANY'

    def test_rule_any(self):
        def script():
            self.act('good')
            self.act('child', ['good'])
            self.act('grandchild', ['child'])
            self.act('bad', execute=False)
            self.act('child of the bad', ['bad'])

        left = {
            (name, aspect): pair
            for name in ('child', 'grandchild')
            for aspect, pair in {
                'state': ('PENDING', 'SUCCEEDED'),
                'notifications': ([], RUN),
                'calls': ([], WHOLE),
            }.items()
        }
        outcomes = self.assert_differ(left, script)
        self.assertEqual('SUCCEEDED', outcomes['child of the bad'].state)


class CancelTest(ComparedTest):
    def test_cancel_while_several_run(self):
        def script():
            together = threading.Barrier(4, timeout=BOUND)

            def cancel(_action):
                together.wait()
                return self.cancel()

            self.act('aborted', execute=self.until_aborted(together))
            self.act(
                'raises',
                execute=self.until_aborted(together, RuntimeError('aborted')),
            )
            self.act(
                'finishes', execute=self.until_aborted(together, end=True)
            )
            self.act(
                'cannot be aborted',
                execute=cancel,
                can_abort=False,
            )
            self.act('next', list(self.named))
            self.act('last', ['next'])

        cancelled = ('action.update', 'info', 'CANCELLED')
        reasons = {
            'aborted': 'The action <aborted> execution failed.',
            'raises': 'RuntimeError',
        }
        outcomes = self.assert_differ(
            {
                **{
                    (name, aspect): pair
                    for name, reason in reasons.items()
                    for aspect, pair in {
                        'state': ('SUCCEEDED', 'CANCELLED'),
                        'message': ('', reason),
                        'notifications': (RUN, ABORTED),
                        'calls': (
                            WHOLE,
                            [*WHOLE[:2], 'abort', 'post_condition'],
                        ),
                    }.items()
                },
                ('finishes', 'notifications'): (
                    RUN, [*ABORTED[:4], *RUN[2:]],
                ),
                ('finishes', 'calls'): (
                    WHOLE, [*WHOLE[:2], 'abort', 'post_condition'],
                ),
                # What taskflow was about to start: the last is as here.
                ('next', 'notifications'): (
                    [
                        ('action.cancel.start', 'info', 'PENDING'),
                        cancelled,
                        ('action.cancel.end', 'info', 'CANCELLED'),
                    ],
                    [cancelled],
                ),
                ('next', 'calls'): (['post_condition'], []),
            },
            script,
        )
        self.assertEqual('CANCELLED', outcomes['plan'].state)
        self.assertEqual('CANCELLED', outcomes['last'].state)

    def test_cancel_when_nothing_is_left_to_start(self):
        def script():
            self.act('only', execute=self.cancel, can_abort=False)

        self.assert_differ(
            {
                ('plan', 'state'): ('SUCCEEDED', 'CANCELLED'),
                ('plan', 'notifications'): (
                    [
                        *PLAN,
                        ('action_plan.update', 'info', 'SUCCEEDED'),
                        ('action_plan.execution.end', 'info', 'SUCCEEDED'),
                    ],
                    PLAN_CANCELLED,
                ),
            },
            script,
        )

    def test_cancel_when_the_last_action_fails(self):
        def script():
            self.act(
                'only',
                execute=lambda action: not self.cancel(),
                can_abort=False,
            )

        self.assert_differ(
            {
                ('plan', 'state'): ('FAILED', 'CANCELLED'),
                ('plan', 'notifications'): (
                    [
                        *PLAN,
                        ('action_plan.update', 'info', 'FAILED'),
                        ('action_plan.execution.error', 'error', 'FAILED'),
                    ],
                    PLAN_CANCELLED,
                ),
            },
            script,
        )

    def test_cancel_during_a_pre_condition(self):
        def pre(_action):
            if self.engine_name == 'taskflow':
                self.cancel()
            else:
                self.cancel_and_be_noticed()

        def script():
            self.act('only', pre=pre)
            self.act('child', ['only'])

        cancelled = ('action.update', 'info', 'CANCELLED')
        self.assert_differ(
            {
                ('only', 'state'): ('SUCCEEDED', 'CANCELLED'),
                ('only', 'message'): (
                    '', 'cancelled before it was started',
                ),
                ('only', 'notifications'): (RUN, [cancelled]),
                ('only', 'calls'): (
                    WHOLE, ['pre_condition', 'post_condition'],
                ),
                ('child', 'notifications'): (
                    [
                        ('action.cancel.start', 'info', 'PENDING'),
                        cancelled,
                        ('action.cancel.end', 'info', 'CANCELLED'),
                    ],
                    [cancelled],
                ),
                ('child', 'calls'): (['post_condition'], []),
            },
            script,
        )

    def test_cancel_before_the_plan_begins(self):
        def script():
            self.act('first')
            self.act('child', ['first'])
            # Watcher's handler writes ONGOING over it.
            self.useFixture(
                fixtures.MockPatchObject(
                    handler.notifications.action_plan,
                    'send_action_notification',
                    lambda *args, **kwargs: self.cancel_plan(),
                )
            )

        cancelled = ('action.update', 'info', 'CANCELLED')
        outcomes = self.assert_differ(
            {
                ('first', 'notifications'): (
                    [
                        ('action.cancel.start', 'info', 'PENDING'),
                        cancelled,
                        ('action.cancel.end', 'info', 'CANCELLED'),
                    ],
                    [cancelled],
                ),
                ('first', 'calls'): (['post_condition'], []),
            },
            script,
        )
        self.assertEqual(['CANCELLED'] * 3, states(outcomes))


#: What an action is whose abort has succeeded, or has raised.
STOPPED = dict.fromkeys(('CANCELLED', 'FAILED'), 'stopped')


class Nova(test_plan_run.Nova):
    """What Watcher's own migrations need of Nova.

    :param cancelled: set when the plan is; where nobody aborts them, they
        succeed then.
    """

    def __init__(self, count, abort, cancelled) -> None:
        super().__init__(count, abort)
        self._cancelled = cancelled

    def live_migrate_instance(self, instance_id, dest_hostname):
        """Migrate until that is aborted, if that is to come."""
        if self._cancelled is None:
            return super().live_migrate_instance(instance_id, dest_hostname)
        self.meet()
        return self._cancelled.wait(BOUND)


class MigrateTest(ComparedTest):
    """A cancelled plan with Watcher's own migrations."""

    LIMITS = {'parallel_per_node': 0}
    NAMES = ('first', 'second', 'third')

    def script(self, abort):
        nova = Nova(
            len(self.NAMES),
            abort,
            self.cancelled if self.engine_name == 'taskflow' else None,
        )
        self.useFixture(
            fixtures.MockPatchObject(
                nova_helper, 'NovaHelper', lambda *args, **kwargs: nova
            )
        )
        for name in self.NAMES:
            self.real(
                name,
                'migrate',
                resource_id=utils.generate_uuid(),
                migration_type='live',
                source_node='c1',
                destination_node='c2',
            )
        self.act(
            'cancels',
            execute=lambda action: nova.meet() or self.cancel(),
            can_abort=False,
        )
        self.act('next', list(self.named))

    def both(self, script):
        """Without what a race decides: who hears first of the end."""
        its, ours = super().both(script)
        for outcomes in (its, ours):
            del outcomes['next']
            for name in self.NAMES:
                self.calls_of = outcomes[name].calls
                outcomes[name] = dataclasses.replace(
                    outcomes[name],
                    state=STOPPED.get(outcomes[name].state, 'SUCCEEDED'),
                    message='',
                    notifications=[],
                    calls=sorted(outcomes[name].calls),
                )
        return its, ours

    def assert_all_are_aborted(self, abort):
        """All of them, and nothing else differs."""
        self.assert_differ(
            {
                (name, aspect): pair
                for name in self.NAMES
                for aspect, pair in {
                    'state': ('SUCCEEDED', 'stopped'),
                    'calls': (sorted(WHOLE), sorted([*WHOLE, 'abort'])),
                }.items()
            },
            functools.partial(self.script, abort),
        )

    def test_abort_that_takes_minutes(self):
        released = threading.Event()
        self.addCleanup(released.set)
        self.assert_all_are_aborted(
            lambda server: released.wait(2 * BOUND)
        )
        self.assertFalse(released.is_set())
        self.assertEqual(
            ['CANCELLED'] * 3,
            self.states(*(self.named[name] for name in self.NAMES)),
        )

    def test_abort_that_raises(self):
        self.assert_all_are_aborted(
            mock.Mock(side_effect=test_plan_run.AbortFailed('s'))
        )


class RollbackTest(ComparedTest):
    def test_rollback(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)

        def script():
            for name, error in {
                'raises': RuntimeError('as novaclient does'),
                'is refused': watcher_exception.Invalid('no'),
                'is reverted': None,
            }.items():
                action = self.act(name)
                self.actions[action.uuid].revert = functools.partial(
                    self.revert, self.actions[action.uuid], error
                )
            self.act('skipped', state='SKIPPED')
            self.act('fails', list(self.named), execute=False)

        outcomes = self.assert_differ(
            {
                # Watcher's own engine comes to no revert() since it catches
                # what its actions raise.
                (name, 'calls'): (WHOLE, [*WHOLE, 'revert'])
                for name in ('raises', 'is refused', 'is reverted')
            },
            script,
        )
        self.assertEqual('FAILED', outcomes['plan'].state)

    @staticmethod
    def revert(action, error):
        """Note that, and raise the error if there is one."""
        action.calls.append('revert')
        if error:
            raise error
