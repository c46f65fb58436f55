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

"""Processes: which are ours, what they use, how they end.

A daemon is the leader of its own session.  Its pid is noted together with its
start time, so that a pid which the kernel has given to another process since
is never taken for the daemon, let alone signalled.
"""

import dataclasses
import os
import pathlib
import signal
import subprocess

from sandbox import errors
from sandbox import waiting

PROC = pathlib.Path('/proc')


@dataclasses.dataclass(frozen=True)
class Stat:
    """What /proc/<pid>/stat tells of a process that is not a zombie."""

    pid: int
    session: int
    #: Ticks since boot.
    started: int


@dataclasses.dataclass(frozen=True)
class Identity:
    """A process that cannot be mistaken for a later one with its pid."""

    pid: int
    started: int

    @property
    def alive(self):
        now = stat(self.pid)
        return now is not None and now.started == self.started


def parse_stat(text):
    """A Stat, or None for a zombie.

    The second field, the program's name in brackets, may hold anything, so
    the others are counted from its end (proc(5): 3 state, 6 session, 22
    start time).
    """
    pid, _, rest = text.partition(' (')
    fields = rest.rpartition(')')[2].split()
    if fields[0] in 'ZX':
        return None
    return Stat(int(pid), int(fields[3]), int(fields[19]))


def stat(pid):
    try:
        return parse_stat((PROC / str(pid) / 'stat').read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None


def everything():
    """A Stat for each process of the machine."""
    found = (stat(int(entry)) for entry in os.listdir(PROC)
             if entry.isdigit())
    return [one for one in found if one]


def members(identity, home, processes=None):
    """Pids of the daemon and of what it started.

    When the leader is gone its session may still have members.  The kernel
    keeps a session's number from being reused while it has any; should the
    whole session have been replaced all the same, its processes do not work
    in our state directory ``home``.
    """
    if processes is None:
        processes = everything()
    session = [one for one in processes if one.session == identity.pid]
    leader = [one for one in session if one.pid == identity.pid]
    if leader:
        return ([one.pid for one in session]
                if leader[0].started == identity.started else [])
    return [one.pid for one in session
            if one.started >= identity.started and _works_in(one.pid, home)]


def _works_in(pid, home):
    try:
        return pathlib.Path(os.readlink(PROC / str(pid) / 'cwd')
                            ).is_relative_to(home)
    except OSError:
        return False


def pss_mib(pid):
    """Memory of a process, shared pages counted by share, in MiB."""
    try:
        text = (PROC / str(pid) / 'smaps_rollup').read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in text.splitlines()
               if line.startswith('Pss:')) / 1024


def start(command, env, cwd, log):
    """Identity of a new process that outlives us and our terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open('ab') as output:
        child = subprocess.Popen(
            command, env=env, cwd=cwd, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True)
    now = stat(child.pid)
    if now is None:  # it is a zombie already
        raise errors.CommandFailed(command, child.wait(), log)
    # It is not waited for: it may outlive us.  Without this line Popen would
    # warn of that.
    child.returncode = 0
    return Identity(child.pid, now.started)


def stop(identity, home, seconds):
    """Ends the leader by SIGTERM; kills what is left after ``seconds``."""
    if identity.alive:
        os.kill(identity.pid, signal.SIGTERM)
    try:
        waiting.until(lambda: _gone(identity, home), seconds,
                      f'the end of process {identity.pid}', interval=0.1)
    except errors.TimedOut:
        kill(identity, home)


def kill_workers(identity, home):
    """Sends SIGKILL to what a daemon started, not to the daemon itself."""
    for pid in members(identity, home):
        if pid != identity.pid:
            _send(pid, signal.SIGKILL)


def kill(identity, home):
    """Ends the daemon and what it started by SIGKILL, and waits for it."""
    send(identity, home, signal.SIGKILL)
    waiting.until(lambda: _gone(identity, home), 10,
                  f'the end of process {identity.pid}', interval=0.05)


def send(identity, home, number):
    """Sends a signal to the daemon and what it started."""
    for pid in members(identity, home):
        _send(pid, number)


def _send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _gone(identity, home):
    return not members(identity, home)


def run(command, env, cwd, log):
    """Runs a command to its end; what it prints goes to the log.

    :raises errors.CommandFailed: when its exit status is not 0
    """
    command = [str(part) for part in command]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open('ab') as output:
        output.write(f'\n$ {" ".join(command)}\n'.encode())
        output.flush()
        status = subprocess.call(command, env=env, cwd=cwd, stdout=output,
                                 stdin=subprocess.DEVNULL, stderr=output)
    if status:
        raise errors.CommandFailed(command, status, log)
