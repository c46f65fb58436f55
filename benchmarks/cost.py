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

"""What an action costs to plan and to run, beside Watcher's own.

    python3 -m benchmarks.cost

starts a MariaDB, makes Watcher's database in it and plans and runs, each
case in a process of its own, plans of no-op actions: with the planner
``default`` and the engine ``parallel`` of this plugin, and with Watcher's
``weight`` and ``taskflow``. Neither does anything but keep its books, so
this is what a migration costs besides the migration. The exit status is 1
when a target is missed (see _targets). Cases that are compared by the clock
run one after the other, so run it where little else does; whether the cost is
linear is told by the processor time, which is less easily disturbed.
"""

import argparse
import dataclasses
import signal
import sys

from benchmarks import cases
from sandbox import errors
from sandbox import ini
from sandbox import layout as layouts

OURS, WATCHER = 'zone_migration', 'watcher'
ENGINES = {OURS: 'parallel', WATCHER: 'taskflow'}
PLANNERS = {OURS: 'default', WATCHER: 'weight'}

SIZES = (1_000, 4_000, 10_000)
QUICK_SIZES = (200, 1_000)
#: The size at which ours is compared with Watcher's.
COMPARED = 1_000
#: The size of the plans whose actions have parents.
LINKED = 4_000
#: Actions at once, for both.
WORKERS = 50

#: The most processor time that an action of the largest plan takes, in those
#: of the smallest.
LINEAR = 1.25
#: More than that, in seconds: planning a thousand takes less than a tenth of
#: a second, of which little is seen.
NOISE = 0.00005
#: The most seconds that an action takes, in those of Watcher.
SHARE = 0.25


@dataclasses.dataclass(frozen=True)
class Case:
    """One plan: whose planner and engine, how large, of what shape.

    :param shape: ``flat`` (no parents), ``linked`` (50 chains: one parent
        each) or ``waves`` (as Watcher's planner makes them by default).
    :param workers: actions at once; None is the default of the engine.
    """

    side: str
    size: int
    shape: str = 'flat'
    workers: int | None = WORKERS


@dataclasses.dataclass(frozen=True)
class Step:
    """What planning or running took."""

    seconds: float
    #: Seconds of processor, without those of the database.
    cpu: float
    #: SQL statements for each action.
    statements: float
    #: Peak memory of the process until then.
    mib: float


def main() -> int:
    """The exit status: 0, or 1 for a missed target or a failed case."""
    options = _parser().parse_args()
    # Terminated, we want to tidy up as after Control-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with cases.environment(options) as layout:
            results = _measure(layout, options)
    except errors.SandboxError as error:
        print(f'cost: {error}', file=sys.stderr)
        return 1
    missed = [text for text, met in _targets(results) if not met]
    print()
    for text, met in _targets(results):
        print(f'{"met   " if met else "MISSED"} {text}')
    return 1 if missed else 0


# -- the cases


def _cases(options) -> list[Case]:
    sizes = options.sizes or (QUICK_SIZES if options.quick else SIZES)
    found = [Case(side, size) for size in sizes for side in ENGINES]
    if not options.quick:
        found += [
            Case(OURS, COMPARED, 'linked'),
            Case(WATCHER, COMPARED, 'linked'),
            Case(WATCHER, COMPARED, 'waves'),
            Case(OURS, LINKED, 'linked'),
            Case(OURS, max(sizes), workers=None),
        ]
    # Beside each other what is compared, at the end what takes longest.
    found.sort(key=lambda case: case.size)
    return [case for case in found if options.only in (None, case.side)]


def _measure(layout, options) -> dict[Case, dict[str, Step]]:
    """Each case and its steps, as far as they ended within the bound."""
    results = {}
    print(HEADINGS)
    for case in _cases(options):
        results[case] = steps = _run(layout, case, options)
        print(_row(case, steps, options.bound), flush=True)
    return results


def _run(layout, case: Case, options) -> dict[str, Step]:
    """The steps that a case did within ``options.bound`` seconds.

    :raises errors.SandboxError: when it failed.
    """
    steps = cases.run(
        layout,
        'benchmarks.cost_case',
        f'--config={_case_conf(layout, case, options)}',
        f'--planner={PLANNERS[case.side]}',
        f'--size={case.size}',
        *(['--linked'] if case.shape == 'linked' else []),
        bound=options.bound,
    )
    return {step.pop('step'): Step(**step) for step in steps}


# -- the report

_COLUMNS = f'{"s":>7} {"ms/action":>9} {"of CPU":>6} {"SQL":>5}'
HEADINGS = (
    f'{"":38} | {"planning":^{len(_COLUMNS)}} | '
    f'{"running":^{len(_COLUMNS)}} |\n'
    f'{"":14} {"actions":>7} {"shape":6} {"at once":>8} | '
    f'{_COLUMNS} | {_COLUMNS} | {"MiB":>4}'
)


def _row(case: Case, steps: dict[str, Step], bound: float) -> str:
    workers = 'default' if case.workers is None else case.workers
    cells = [f'{case.side:14} {case.size:>7} {case.shape:6} {workers:>8}']
    for name in ('plan', 'run'):
        step = steps.get(name)
        cells.append(
            f'{step.seconds:7.1f} {_cost(case, step):9.2f} '
            f'{step.cpu * 1000 / case.size:6.2f} {step.statements:5.1f}'
            if step
            else f'{f"not finished in {bound:.0f} s":>{len(_COLUMNS)}}'
        )
    cells.append(
        f'{max((step.mib for step in steps.values()), default=0):4.0f}'
    )
    return ' | '.join(cells)


def _cost(case: Case, step: Step) -> float:
    """Milliseconds an action."""
    return step.seconds * 1000 / case.size


def _targets(results):
    """Each target that these results can tell of, and whether it is met."""
    costs, cpu = {}, {}
    for case, steps in results.items():
        for name, step in steps.items():
            costs[case, name] = _cost(case, step)
            cpu[case, name] = step.cpu / case.size
    verb = {'plan': 'planning', 'run': 'running'}
    for shape in ('flat', 'linked'):
        sizes = sorted(
            case.size
            for case in results
            if (case.side, case.shape, case.workers)
            == (OURS, shape, WORKERS)
        )
        if len(sizes) > 1:
            for name in verb:
                small, large = (
                    cpu.get((Case(OURS, size, shape), name))
                    for size in (sizes[0], sizes[-1])
                )
                if large is None:
                    yield f'{verb[name]} {sizes[-1]}: not finished', False
                    continue
                yield (
                    f'{verb[name]} {shape}: the processor time of an action '
                    f'of {sizes[-1]} is {large / small:.2f} of that of one '
                    f'of {sizes[0]} (at most {LINEAR})',
                    large <= max(LINEAR * small, small + NOISE),
                )
    for name in verb:
        ours = costs.get((Case(OURS, COMPARED), name))
        theirs = costs.get((Case(WATCHER, COMPARED), name))
        if ours and theirs:
            yield (
                f'{verb[name]} {COMPARED}: {ours / theirs:.3f} of '
                f"Watcher's cost, 1/{theirs / ours:.1f} (at most {SHARE})",
                ours <= SHARE * theirs,
            )


def _case_conf(layout, case: Case, options):
    """The file with what this case has of its own."""
    # As many in a wave as there are: nothing waits for anything.
    at_once = None if case.shape == 'waves' else f'nop:{case.size}'
    path = layout.etc('watcher', 'case.conf')
    layouts.write(
        path,
        ini.render(
            {
                'watcher_applier': {'workflow_engine': ENGINES[case.side]},
                'watcher_workflow_engines.parallel': {
                    'parallel_total': case.workers
                },
                'watcher_workflow_engines.taskflow': {
                    'max_workers': case.workers
                },
                'watcher_planners.weight': {'parallelization': at_once},
                # By default Watcher makes notifications and sends them
                # nowhere.
                'oslo_messaging_notifications': {
                    'driver': 'log' if options.notifications else None
                },
            }
        ),
    )
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python3 -m benchmarks.cost',
        description='What an action costs to plan and to run.',
    )
    parser.add_argument(
        '--sizes',
        type=lambda text: [int(size) for size in text.split(',')],
        help='actions of a plan (1000,4000,10000)',
    )
    parser.add_argument(
        '--only',
        choices=(OURS, WATCHER),
        help='planner and engine of one side only',
    )
    parser.add_argument(
        '--quick',
        action='store_true',
        help='two small sizes, no parents: under a minute',
    )
    parser.add_argument(
        '--notifications',
        action='store_true',
        help="send Watcher's notifications (to its log)",
    )
    cases.add_options(parser, bound=900)
    return parser


if __name__ == '__main__':
    sys.exit(main())
