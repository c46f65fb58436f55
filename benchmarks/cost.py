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
import contextlib
import dataclasses
import json
import pathlib
import signal
import subprocess
import sys
import tempfile

from sandbox import daemon
from sandbox import debian
from sandbox import errors
from sandbox import health
from sandbox import ini
from sandbox import layout as layouts
from sandbox import progress as progresses
from sandbox import venv
from sandbox import waiting
from sandbox.services import common
from sandbox.services import mariadb

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
    with contextlib.ExitStack() as stack:
        state = options.state or stack.enter_context(
            tempfile.TemporaryDirectory(prefix='cost-')
        )
        layout = layouts.Layout(
            state,
            layouts.Options(
                port_offset=options.port_offset, venvs=options.venvs
            ),
        )
        try:
            stack.enter_context(_watcher(layout))
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
    cases = [Case(side, size) for size in sizes for side in ENGINES]
    if not options.quick:
        cases += [
            Case(OURS, COMPARED, 'linked'),
            Case(WATCHER, COMPARED, 'linked'),
            Case(WATCHER, COMPARED, 'waves'),
            Case(OURS, LINKED, 'linked'),
            Case(OURS, max(sizes), workers=None),
        ]
    # Beside each other what is compared, at the end what takes longest.
    cases.sort(key=lambda case: case.size)
    return [case for case in cases if options.only in (None, case.side)]


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
    command = [
        layout.bin('watcher', 'python'),
        '-m',
        'benchmarks.cost_case',
        f'--config={_conf(layout)}',
        f'--config={_case_conf(layout, case, options)}',
        f'--planner={PLANNERS[case.side]}',
        f'--size={case.size}',
        *(['--linked'] if case.shape == 'linked' else []),
    ]
    log = layout.log('cases')
    with log.open('ab') as errors_of_it:
        process = subprocess.Popen(  # noqa: S603 (the command is ours)
            command,
            env=daemon.environment(
                layout, {'PYTHONPATH': str(layouts.REPOSITORY)}
            ),
            cwd=layout.state,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors_of_it,
            text=True,
        )
        try:
            output, _ = process.communicate(timeout=options.bound)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        else:
            if process.returncode:
                raise errors.CommandFailed(command, process.returncode, log)
        finally:
            process.kill()
    steps = (json.loads(line) for line in output.splitlines())
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


# -- what the cases run on


@contextlib.contextmanager
def _watcher(layout):
    """Watcher's environment and, while it lasts, its database."""
    progress = progresses.Progress()
    for name in ('home', 'run', 'logs'):
        layout.path(name).mkdir(parents=True, exist_ok=True)
    packages = {'mariadb-server': debian.SERVERS['mariadb-server']}
    debian.ensure_packages(layout, progress, packages)
    venv.ensure_watcher(layout, progress)
    mariadb.configure(layout)
    (server,) = mariadb.daemons(layout)
    if health.port_open(layout.port('mariadb')):
        raise errors.PortTaken('mariadb', layout.port('mariadb'))
    daemon.start(layout, server)
    try:
        waiting.until(lambda: _answers(layout, server), 60, 'MariaDB')
        layouts.write(_conf(layout), ini.render(_sections(layout)))
        for command in (['watcher-db-manage', 'upgrade'], ['watcher-sync']):
            daemon.run(
                layout,
                [
                    layout.bin('watcher', command[0]),
                    '--config-file',
                    _conf(layout),
                    *command[1:],
                ],
                'watcher',
            )
        progress.step("MariaDB runs, with Watcher's database")
        yield
    finally:
        daemon.stop(layout, server.name, server.stop_seconds)


def _answers(layout, server) -> bool:
    daemon.check_alive(layout, [server.name])
    return health.port_open(layout.port('mariadb'))


def _conf(layout) -> pathlib.Path:
    return layout.etc('watcher', 'watcher.conf')


def _sections(layout):
    return {
        'DEFAULT': {
            # Nothing is sent: no service listens.
            'transport_url': 'fake://',
            'log_file': layout.log('watcher'),
            'state_path': layout.path('home'),
        },
        'database': common.database(layout, 'watcher'),
    }


def _case_conf(layout, case: Case, options) -> pathlib.Path:
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
        '--bound',
        type=float,
        default=900,
        metavar='SECONDS',
        help='how long a case may take (900)',
    )
    parser.add_argument(
        '--notifications',
        action='store_true',
        help="send Watcher's notifications (to its log)",
    )
    parser.add_argument(
        '--state',
        metavar='DIR',
        help='where the database and the logs are (a temporary directory)',
    )
    parser.add_argument(
        '--venvs',
        metavar='DIR',
        help="virtual environments, to share the sandbox's",
    )
    parser.add_argument(
        '--port-offset',
        type=int,
        default=7_000,
        metavar='N',
        help='added to the port of MariaDB (7000)',
    )
    return parser


if __name__ == '__main__':
    sys.exit(main())
