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

"""One case of :mod:`benchmarks.audit`: an audit is executed.

Runs in Watcher's environment, in a process of its own, by the handler that
Watcher's decision engine executes audits with: strategy, clients, planner and
database are the real ones. Prints a line of JSON in the end.
"""

import argparse
import collections
import functools
import json
import resource
import time

from watcher import objects
from watcher.common import context as watcher_context
from watcher.common import service
from watcher.common import utils
from watcher.decision_engine.audit import oneshot

from zone_migration import inventory
from zone_migration import planner
from zone_migration import strategy

GOAL = 'zone_migration'
STRATEGY = 'parallel_migration'


def main() -> None:
    """Execute the audit that the command line gives."""
    options = _parser().parse_args()
    service.prepare_service(
        ['watcher', *(f'--config-file={name}' for name in options.config)]
    )
    context = watcher_context.make_context()
    audit = _audit(context, json.loads(options.parameters))
    seconds = _timed()
    cpu = time.process_time()
    started = time.monotonic()
    oneshot.OneShotAuditHandler().execute(audit, context)
    total = time.monotonic() - started
    cpu = time.process_time() - cpu
    # The most that this process ever had: what is read below does not count.
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if audit.state != objects.audit.State.SUCCEEDED:
        raise SystemExit(f'{audit.state}: {audit.status_message}')
    (plan,) = objects.ActionPlan.list(
        context, filters={'audit_uuid': audit.uuid}
    )
    actions = objects.Action.list(
        context, filters={'action_plan_uuid': plan.uuid}
    )
    skipped = sum(1 for action in actions if action.state == 'SKIPPED')
    print(
        json.dumps(
            {
                'inventory': seconds['collect'] + seconds['examine'],
                'preflight': seconds['do_execute']
                - seconds['collect']
                - seconds['examine'],
                'planning': seconds['schedule'],
                'total': total,
                'cpu': cpu,
                'mib': mib,
                'actions': len(actions),
                'skipped': skipped,
            }
        )
    )


def _timed() -> dict[str, float]:
    """The seconds that the steps of audits take from now on, by name."""
    seconds: dict[str, float] = collections.defaultdict(float)

    def measure(place, name) -> None:
        step = getattr(place, name)

        @functools.wraps(step)
        def measured(*args, **kwargs):
            started = time.monotonic()
            try:
                return step(*args, **kwargs)
            finally:
                seconds[name] += time.monotonic() - started

        setattr(place, name, measured)

    measure(inventory, 'collect')
    measure(inventory, 'examine')
    measure(strategy.ParallelMigrationStrategy, 'do_execute')
    measure(planner.DefaultPlanner, 'schedule')
    return seconds


def _audit(context, parameters):
    """As Watcher's API makes it."""
    audit = objects.Audit(
        context,
        uuid=utils.generate_uuid(),
        name=utils.generate_uuid(),
        audit_type=objects.audit.AuditType.ONESHOT.value,
        state=objects.audit.State.PENDING,
        parameters=parameters,
        goal_id=objects.Goal.get_by_name(context, GOAL).id,
        strategy_id=objects.Strategy.get_by_name(context, STRATEGY).id,
        scope=[],
        auto_trigger=False,
        force=False,
    )
    audit.create()
    return objects.Audit.get_by_uuid(context, audit.uuid, eager=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--config', action='append', default=[])
    parser.add_argument('--parameters', required=True, help='JSON')
    return parser


if __name__ == '__main__':
    main()
