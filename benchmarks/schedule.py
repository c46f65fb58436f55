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

"""How near to the best possible time a plan ends, in simulated time.

Each plan is run by the scheduler of the engine ``parallel`` and, beside it,
by the waves of Watcher's ``weight`` planner; both are compared with the time
before which no schedule can end.
"""

import argparse
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import heapq
import itertools
import random
import statistics
import sys
import time
import types
from typing import NamedTuple

from watcher.decision_engine.planner import weight

from zone_migration.logic.schedule import makespan
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import ordering
from zone_migration.logic.schedule import requirements
from zone_migration.logic.schedule import scheduling

#: GiB of memory of the flavors, and how many of 100 servers have each.
FLAVORS = {2: 30, 4: 25, 8: 20, 16: 12, 32: 8, 64: 4, 128: 1}

DEFAULTS = {'total': 100, 'node': 2}
#: Few in all, so that not the hosts are what a plan waits for.
FEW_IN_ALL = {'total': 20, 'node': 4}
#: What Nova does when nothing is configured.
ONE_A_HOST = {'total': 100, 'node': 1}

#: At most so many times the lower bound, with durations as expected.
AVERAGE = 1.03
WORST = 1.06


@dataclasses.dataclass(frozen=True)
class Case:
    """Plans that differ by their seed only."""

    servers: int
    sources: int
    #: even, or skewed: half of the servers on one source.
    spread: str
    #: none (Nova chooses), balanced or random; as many hosts as sources.
    destinations: str
    limits: Mapping[str, int]

    def plan(self, seed: int) -> list[scheduling.Task]:
        """The live migrations, in the order of our planner."""
        chance = random.Random(f'{self} {seed}')
        sizes = chance.choices(
            list(FLAVORS), list(FLAVORS.values()), k=self.servers
        )
        actions = [
            {
                'action_type': 'live_migration',
                'input_parameters': {
                    'resource_id': f's{number}',
                    'memory_mb': size * 1024,
                    'source': self._source(number, chance),
                },
            }
            for number, size in enumerate(sizes)
        ]
        actions = [actions[index] for index in ordering.order(actions, {})]
        received = dict.fromkeys(
            (f'd{number}' for number in range(self.sources)), 0.0
        )
        for action in actions:
            parameters = action['input_parameters']
            if self.destinations == 'balanced':
                host = min(received, key=received.__getitem__)
                received[host] += ordering.expected(parameters)
                parameters['dst_hostname'] = host
            elif self.destinations == 'random':
                parameters['dst_hostname'] = chance.choice(list(received))
        return [
            scheduling.Task(
                id=action['input_parameters']['resource_id'],
                slots=requirements.slots_of(
                    action['action_type'], action['input_parameters']
                ),
                group=group,
                expected=ordering.expected(action['input_parameters']),
            )
            for action, group in zip(
                actions, ordering.groups(actions, {}), strict=True
            )
        ]

    def _source(self, number: int, chance: random.Random) -> str:
        if self.spread == 'even':
            return f'c{number % self.sources}'
        if chance.random() < 0.5:
            return 'c0'
        return f'c{chance.randrange(1, self.sources)}'


def cases(limits: Mapping[str, int]) -> Iterator[Case]:
    """All that are measured with these limits."""
    for servers, sources, spread, destinations in itertools.product(
        (200, 1000),
        (10, 20) if limits is DEFAULTS else (10,),
        ('even', 'skewed'),
        ('none', 'balanced', 'random'),
    ):
        yield Case(servers, sources, spread, destinations, limits)


class Run(NamedTuple):
    """When a task ran."""

    task: scheduling.Task
    start: float
    end: float


def simulate(
    tasks: Sequence[scheduling.Task],
    limits: Mapping[str, int],
    durations: Mapping[str, float],
) -> list[Run]:
    """Run them by the engine's scheduler, each ending well.

    :returns: in the order of their ends.
    """
    scheduler = scheduling.Scheduler(tasks, limits, occupancy.Slots())
    now = 0.0
    runs = []
    running: list[tuple[float, int, Run]] = []
    number = itertools.count()
    while True:
        while (task := scheduler.next()) is not None:
            end = now + durations[task.id]
            heapq.heappush(running, (end, next(number), Run(task, now, end)))
        if not running:
            return runs
        now, _, run = heapq.heappop(running)
        runs.append(run)
        scheduler.finished(run.task.id, succeeded=True)


class _Action:
    """What the ``weight`` planner sees of an action."""

    def __init__(self, task: scheduling.Task) -> None:
        self.uuid = task.id
        self.parents: list[str] = []


def waves(
    tasks: Sequence[scheduling.Task], parallelization: int
) -> list[scheduling.Task]:
    """The same tasks, with the parents that Watcher's planner gives them."""
    planner = weight.WeightPlanner(
        types.SimpleNamespace(
            weights={'migrate': 30},
            parallelization={'migrate': parallelization},
        )
    )
    actions = [_Action(task) for task in tasks]
    planner.compute_action_graph([(30, actions)])
    return [
        dataclasses.replace(task, parents=tuple(action.parents), slots=())
        for task, action in zip(tasks, actions, strict=True)
    ]


def waves_in_nova(
    tasks: Sequence[scheduling.Task],
    limits: Mapping[str, int],
    durations: Mapping[str, float],
) -> float:
    """The end of waves that fill all source hosts.

    Watcher's engine has no limits for hosts; Nova queues what comes on top
    of its own limit for a source.
    """
    sources = {_source_of(task) for task in tasks}
    width = min(limits['node'] * len(sources), limits['total'])
    end = 0.0
    for start in range(0, len(tasks), width):
        free = {source: [end] * limits['node'] for source in sources}
        for task in tasks[start : start + width]:
            copies = free[_source_of(task)]
            heapq.heapreplace(copies, copies[0] + durations[task.id])
        end = max(max(copies) for copies in free.values())
    return end


def _source_of(task: scheduling.Task) -> str:
    return next(slot[2] for slot in task.slots if slot[1] == 'from')


def _end(runs: Sequence[Run]) -> float:
    return max(run.end for run in runs)


def _ratios(
    case: Case, plans: int, noise: Callable[[random.Random], float]
) -> tuple[list[float], list[float], list[float]]:
    """For each plan the time over the bound: ours, waves, wide waves.

    :param noise: the factor by which a task takes longer than expected.
    """
    ours, two, wide = [], [], []
    for seed in range(plans):
        tasks = case.plan(seed)
        chance = random.Random(seed)
        durations = {
            task.id: task.expected * noise(chance) for task in tasks
        }
        bound = makespan.lower_bound(durations, tasks, case.limits)
        ours.append(_end(simulate(tasks, case.limits, durations)) / bound)
        # In the strategy's order, which knows no sizes.
        unsorted = sorted(tasks, key=lambda task: int(task.id[1:]))
        two.append(
            _end(simulate(waves(unsorted, 2), {}, durations)) / bound
        )
        wide.append(waves_in_nova(unsorted, case.limits, durations) / bound)
    return ours, two, wide


def _exact(chance: random.Random) -> float:
    return 1.0


def _half_to_double(chance: random.Random) -> float:
    return 2.0 ** chance.uniform(-1, 1)


_TITLE = (
    f'{"servers":>7} {"sources":>7} {"spread":<6} {"to":<8} {"limits":<8} '
    f'{"parallel":>13} {"weight, 2":>13} {"weight, wide":>13}'
)


def _numbers(columns: Sequence[Sequence[float]]) -> str:
    return ' '.join(
        f'{statistics.mean(ratios):6.3f} {max(ratios):6.3f}'
        for ratios in columns
    )


def _row(case: Case, columns: Sequence[Sequence[float]]) -> str:
    limits = f'{case.limits["node"]} of {case.limits["total"]}'
    return (
        f'{case.servers:>7} {case.sources:>7} {case.spread:<6} '
        f'{case.destinations:<8} {limits:<8} {_numbers(columns)}'
    )


def _table(
    cases_: Sequence[Case], plans: int, noise: Callable[[random.Random], float]
) -> list[str]:
    """Print it; give the rows that miss a target."""
    print(_TITLE)
    missed = []
    everything: list[list[float]] = [[], [], []]
    for case in cases_:
        columns = _ratios(case, plans, noise)
        row = _row(case, columns)
        print(row, flush=True)
        if statistics.mean(columns[0]) > AVERAGE or max(columns[0]) > WORST:
            missed.append(row)
        for ratios, more in zip(everything, columns, strict=True):
            ratios += more
    print(f'{"all of them":<39} {_numbers(everything)}\n')
    return missed


def main() -> int:
    """Print the tables; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--plans',
        type=int,
        default=10,
        help='how many plans of each kind, by default %(default)s',
    )
    plans = parser.parse_args().plans
    began = time.monotonic()
    print(f'Average and worst of {plans} plans, in times of the lower bound\n')
    print('Durations as expected')
    missed = _table(
        [
            case
            for limits in (DEFAULTS, FEW_IN_ALL, ONE_A_HOST)
            for case in cases(limits)
        ],
        plans,
        _exact,
    )
    print('Durations of half to twice what was expected')
    _table(list(cases(DEFAULTS)), plans, _half_to_double)
    print(f'Took {time.monotonic() - began:.0f} s')
    print(f'Target: {AVERAGE} on average, {WORST} at worst, where as expected')
    print('Missed by' if missed else 'Reached by all', *missed, sep='\n')
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
