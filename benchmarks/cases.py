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

"""Cases: measured, each in a process of its own in Watcher's environment.

With Watcher's database in a MariaDB of their own, and no service of Watcher.
"""

import contextlib
import json
import pathlib
import subprocess
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


def add_options(parser, bound: float) -> None:
    """What all benchmarks with cases can be told.

    :param bound: how long a case may take by default, in seconds.
    """
    parser.add_argument(
        '--bound',
        type=float,
        default=bound,
        metavar='SECONDS',
        help=f'how long a case may take ({bound})',
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


@contextlib.contextmanager
def environment(options):
    """A layout with Watcher's environment, and its database while it lasts.

    :param options: of a parser with :func:`add_options`.
    :raises errors.SandboxError: when it cannot be made.
    """
    with contextlib.ExitStack() as stack:
        state = options.state or stack.enter_context(
            tempfile.TemporaryDirectory(prefix='benchmarks-')
        )
        layout = layouts.Layout(
            state,
            layouts.Options(
                port_offset=options.port_offset, venvs=options.venvs
            ),
        )
        stack.enter_context(_database(layout))
        yield layout


def run(layout, module: str, *arguments, bound: float) -> list[dict]:
    """What a case has printed within ``bound`` seconds: JSON, line by line.

    :param module: runs with Watcher's configuration and the arguments.
    :raises errors.CommandFailed: when it failed.
    """
    command = [
        layout.bin('watcher', 'python'),
        '-m',
        module,
        f'--config={_conf(layout)}',
        *arguments,
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
            output, _ = process.communicate(timeout=bound)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        else:
            if process.returncode:
                raise errors.CommandFailed(command, process.returncode, log)
        finally:
            process.kill()
    return [json.loads(line) for line in output.splitlines()]


@contextlib.contextmanager
def _database(layout):
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
