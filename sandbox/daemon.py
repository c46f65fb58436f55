# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Daemons of a sandbox: how each is started, whether it runs, its end."""

import dataclasses
import hashlib
import json
import os
import pathlib
import time

from sandbox import errors
from sandbox import layout as layouts
from sandbox import process


@dataclasses.dataclass(frozen=True)
class Daemon:
    """How to start one; what it was started with is in its fingerprint."""

    name: str
    command: tuple
    env: dict = dataclasses.field(default_factory=dict)
    #: Files it reads when it starts; a change is a reason to restart it.
    files: tuple = ()
    #: How :mod:`sandbox.health` learns that it works.
    health: str = 'tcp'
    #: What its log says when it works, if it reports or listens before that.
    ready: str = ''
    #: Seconds between SIGTERM and SIGKILL.
    stop_seconds: float = 5.0
    #: Whether ``up`` starts it.
    by_default: bool = True

    def fingerprint(self):
        digest = hashlib.sha256(
            json.dumps([self.command, self.env], sort_keys=True).encode())
        for name in self.files:
            path = pathlib.Path(name)
            digest.update(path.read_bytes() if path.exists() else b'-')
        return digest.hexdigest()


@dataclasses.dataclass(frozen=True)
class Record:
    """What is noted of a daemon that was started."""

    pid: int
    started: int
    fingerprint: str
    #: Seconds since the epoch when it was started.
    since: float
    #: Where its log began then, in bytes.
    log_start: int = 0

    @property
    def identity(self):
        return process.Identity(self.pid, self.started)


def environment(layout, extra=None):
    """The environment of our processes.

    Little of the caller's is passed on: a PYTHONPATH or an OS_* variable
    there must not change what runs.  Only the package ``sandbox`` itself is
    made importable, through a link: the repository's other top-level names
    (and its entry points) have no business in Nova or Cinder.
    """
    env = {name: value for name, value in os.environ.items()
           if name in ('PATH', 'LANG', 'LC_ALL', 'TZ')}
    env.update(
        HOME=str(layout.path('home')),
        PATH=os.pathsep.join([str(layout.venv('services') / 'bin'),
                              env.get('PATH', '/usr/bin:/bin'),
                              '/usr/sbin:/sbin']),
        PYTHONPATH=str(layout.path('lib')),
        PYTHONUNBUFFERED='1',
        SANDBOX_BEHAVIOUR=str(layout.behaviour_file))
    env.update(extra or {})
    return env


def record(layout, name):
    """The Record of a daemon that was started and not stopped, or None."""
    try:
        return Record(**json.loads(_record_file(layout, name).read_text()))
    except FileNotFoundError:
        return None


def running(layout, name):
    """The Record of a daemon if it runs now, else None."""
    noted = record(layout, name)
    return noted if noted and noted.identity.alive else None


def recorded(layout):
    """Names of all daemons ever started and not stopped."""
    return sorted(path.stem for path in layout.path('run').glob('*.json'))


def expected(layout, daemon):
    """Whether it should run: ``up`` starts it, or somebody has."""
    return daemon.by_default or record(layout, daemon.name) is not None


def current(layout, daemon):
    """Whether it runs with today's command and configuration."""
    noted = running(layout, daemon.name)
    return bool(noted) and noted.fingerprint == daemon.fingerprint()


def start(layout, daemon):
    """Starts a daemon unless it runs."""
    if running(layout, daemon.name):
        return
    stop(layout, daemon.name, 0)  # what a dead leader left behind
    log = layout.log(daemon.name)
    log_start = log.stat().st_size if log.exists() else 0
    identity = process.start(
        [str(part) for part in daemon.command],
        environment(layout, daemon.env), layout.state, log)
    noted = Record(identity.pid, identity.started, daemon.fingerprint(),
                   time.time(), log_start)
    layouts.write(_record_file(layout, daemon.name),
                  json.dumps(dataclasses.asdict(noted)) + '\n')


def says_ready(layout, daemon):
    """Whether its log has said since its start that it works."""
    with layout.log(daemon.name).open('rb') as log:
        log.seek(record(layout, daemon.name).log_start)
        return daemon.ready.encode() in log.read()


def stop(layout, name, seconds):
    noted = record(layout, name)
    if noted:
        process.stop(noted.identity, layout.state, seconds)
        _record_file(layout, name).unlink(missing_ok=True)


def kill(layout, name):
    noted = record(layout, name)
    if noted:
        process.kill(noted.identity, layout.state)
        _record_file(layout, name).unlink(missing_ok=True)


def kill_workers(layout, name):
    """SIGKILL to what a daemon has started, not to the daemon itself."""
    noted = record(layout, name)
    if noted:
        process.kill_workers(noted.identity, layout.state)


def send(layout, name, number):
    """Sends a signal to a daemon and what it has started."""
    noted = record(layout, name)
    if noted:
        process.send(noted.identity, layout.state, number)


def record_files(layout, *names):
    """Files that change when one of these daemons is started."""
    return tuple(str(_record_file(layout, name)) for name in names)


def run(layout, command, name, env=None):
    """Runs one command of a service; its output goes to setup-<name>.log."""
    process.run(command, environment(layout, env), layout.state,
                layout.log(f'setup-{name}'))


def check_alive(layout, names):
    """:raises errors.DaemonDied: for one that was started and is gone."""
    for name in names:
        if not running(layout, name):
            raise errors.DaemonDied(name, layout.log(name))


def _record_file(layout, name):
    return layout.path('run', f'{name}.json')
