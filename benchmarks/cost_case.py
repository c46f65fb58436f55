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

"""One case of :mod:`benchmarks.cost`: a plan is planned, then run.

Runs in Watcher's environment, in a process of its own, through the code that
Watcher's decision engine and applier run: loaders, objects, database. Prints
a line of JSON after each step, so that a case that is stopped has told how
far it came.
"""

import argparse
import collections
import json
import resource
import time

from sqlalchemy import engine as sa_engine
from sqlalchemy import event
from watcher import objects
from watcher.applier import default as applier
from watcher.common import context as watcher_context
from watcher.common import service
from watcher.common import utils
from watcher.decision_engine.loading import default as loading

GOAL = 'zone_migration'
STRATEGY = 'parallel_migration'

#: Chains of a linked plan: each action but the first of a chain has one
#: parent. As many as run at once, so that the workers are busy.
CHAINS = 50


def main() -> None:
    """Plan and run one plan, as the command line says."""
    options = _parser().parse_args()
    service.prepare_service(
        ['watcher', *(f'--config-file={name}' for name in options.config)]
    )
    statements = _Statements()
    context = watcher_context.make_context()
    audit, solution = _recommendation(context, options.size)
    planner = loading.DefaultPlannerLoader().load(options.planner)

    with _Step('plan', options.size, statements):
        plan = planner.schedule(context, audit.id, solution)
    if options.linked:
        _link(context, plan)
    with _Step('run', options.size, statements):
        applier.DefaultApplier(context, None).execute(plan.uuid)
    _check(context, plan, options.size)


class _Statements:
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.count = 0
        event.listen(sa_engine.Engine, 'before_cursor_execute', self._hear)

    def _hear(self, *_args) -> None:
        # Not exact when threads meet here, and near enough.
        self.count += 1


class _Step:
    """Measures what is done inside, and prints it."""

    def __init__(self, name: str, actions: int, statements: _Statements):
        self._name = name
        self._actions = actions
        self._statements = statements

    def __enter__(self) -> None:
        self._before = self._statements.count
        self._cpu = time.process_time()
        self._started = time.monotonic()

    def __exit__(self, failed, *_args) -> None:
        if failed:
            return
        seconds = time.monotonic() - self._started
        cpu = time.process_time() - self._cpu
        print(
            json.dumps(
                {
                    'step': self._name,
                    'seconds': seconds,
                    'cpu': cpu,
                    'statements': (self._statements.count - self._before)
                    / self._actions,
                    'mib': _peak_mib(),
                }
            ),
            flush=True,
        )


def _peak_mib() -> float:
    """The most memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _recommendation(context, size: int):
    """An audit, and what a strategy recommends on it: no-op actions."""
    goal = objects.Goal.get_by_name(context, GOAL)
    audit = objects.Audit(
        context,
        uuid=utils.generate_uuid(),
        name=utils.generate_uuid(),
        audit_type=objects.audit.AuditType.ONESHOT.value,
        state=objects.audit.State.ONGOING,
        parameters={},
        goal_id=goal.id,
        strategy_id=objects.Strategy.get_by_name(context, STRATEGY).id,
        scope=[],
        auto_trigger=False,
        force=False,
    )
    audit.create()
    solution = loading.DefaultStrategyLoader().load(STRATEGY).solution
    # Not with add_action, whose comparisons are no part of what is measured.
    solution.actions.extend(
        {'action_type': 'nop', 'input_parameters': {'message': f'no {n}'}}
        for n in range(size)
    )
    return audit, solution


def _link(context, plan) -> None:
    """Make CHAINS chains of the plan; not measured."""
    actions = _actions(context, plan)
    for parent, child in zip(actions, actions[CHAINS:], strict=False):
        child.dbapi.update_action(child.uuid, {'parents': [parent.uuid]})


def _actions(context, plan):
    return objects.Action.list(
        context, filters={'action_plan_uuid': plan.uuid}
    )


def _check(context, plan, size: int) -> None:
    """A plan that did not end well has measured nothing."""
    states = collections.Counter(a.state for a in _actions(context, plan))
    if states != {'SUCCEEDED': size}:
        raise SystemExit(f'not all of {size} actions succeeded: {states}')


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--config', action='append', default=[])
    parser.add_argument('--planner', required=True)
    parser.add_argument('--size', type=int, required=True)
    parser.add_argument('--linked', action='store_true')
    return parser


if __name__ == '__main__':
    main()
