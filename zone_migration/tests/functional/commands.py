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

"""The commands ``openstack optimize zone ...``, run as a user runs them.

They are those of the clone that this module belongs to, whichever is installed
in the sandbox.
"""

import os
import pathlib
import re
import signal
import subprocess
import threading
import typing

import pexpect
import pyte

from sandbox import environment
import zone_migration
from zone_migration.tests.functional import base

_CLONE = pathlib.Path(zone_migration.__file__).parents[1]

#: Variables that would tell a command of the terminal of whoever runs tests.
_OF_TERMINALS = (
    'CLIFF_FIT_WIDTH',
    'CLIFF_MAX_TERM_WIDTH',
    'COLUMNS',
    'FORCE_COLOR',
    'LINES',
    'NO_COLOR',
)

#: Where rich begins to clear away what it has drawn, to draw it anew or not.
_CLEARS = re.compile(rb'(?=\r\x1b\[(?:2K|1A))')


class Ended(typing.NamedTuple):
    """A command that has ended."""

    code: int
    stdout: str
    stderr: str


def run(*arguments, user='admin', env=None, seconds=240):
    """Run ``openstack optimize zone`` with these arguments, as a script does.

    Without a terminal, and with nothing to read from its standard input.

    >>> run('skip', 'web-1').code  # doctest: +SKIP
    0

    :param env: variables beside the usual ones.
    :raises subprocess.TimeoutExpired: when it does not end in time.
    """
    ended = subprocess.run(
        _command(arguments),
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=seconds,
        env=_environ(user, env),
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def terminal(*arguments, columns=80, rows=24, user='admin', env=None):
    """Start ``openstack optimize zone`` in a terminal of its own.

    Let a test ``addCleanup`` its ``close``.

    >>> view = terminal('watch', env={'NO_COLOR': '1'})  # doctest: +SKIP
    >>> view.expect('4 of 4 done')  # doctest: +SKIP
    >>> view.wait()  # doctest: +SKIP
    0

    :param env: variables beside the usual ones.
    """
    return Terminal(_command(arguments), columns, rows, _environ(user, env))


def _command(arguments):
    """The command line; one that begins with ``openstack`` is whole."""
    if arguments[:1] == ('openstack',):
        return list(arguments)
    return ['openstack', 'optimize', 'zone', *arguments]


def _environ(user, more):
    """All variables that a command runs with."""
    shell = environment.environ(base.sandbox().layout, user)
    for name in _OF_TERMINALS:
        shell.pop(name, None)
    paths = [str(_CLONE), *filter(None, [shell.get('PYTHONPATH')])]
    return {
        **shell,
        'LANG': 'C.UTF-8',
        'PYTHONPATH': os.pathsep.join(paths),
        'TERM': 'xterm-256color',
        **(more or {}),
    }


class Terminal:
    """A command in a terminal, and what there was to be seen.

    Its output is read all the time, so that it never waits for its test.
    """

    def __init__(self, command, columns, rows, env):
        self._screen = pyte.HistoryScreen(columns, rows, history=10_000)
        self._stream = pyte.ByteStream(self._screen)
        self._news = threading.Condition()
        self._frames = ['']
        self._seen = 0
        self._ended = False
        #: All that it has written, with its control sequences.
        self.written = ''
        self._child = pexpect.spawn(
            command[0],
            command[1:],
            env=env,
            dimensions=(rows, columns),
            # A shell that runs the tests in the background ignores it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        # Programs ask terminals where the cursor is.
        self._screen.write_process_input = self._child.send
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        """Draw what the command writes, until it ends."""
        while True:
            try:
                output = self._child.read_nonblocking(65536, timeout=1)
            except pexpect.TIMEOUT:
                continue
            except (pexpect.EOF, OSError, ValueError):
                break  # It has ended, or was closed.
            with self._news:
                self.written += output.decode(errors='replace')
                # Read late, it has several pictures, each seen for a while.
                for part in filter(None, _CLEARS.split(output)):
                    self._stream.feed(part)
                    self._frames.append(self._drawn())
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _drawn(self):
        """The lines that have scrolled away, and those on the screen."""
        screen = self._screen
        gone = [
            ''.join(line[x].data for x in range(screen.columns))
            for line in screen.history.top
        ]
        return '\n'.join(line.rstrip() for line in (*gone, *screen.display))

    @property
    def screen(self):
        """What can be seen now, and above it what has scrolled away."""
        with self._news:
            return self._frames[-1].rstrip()

    @property
    def frames(self):
        """All that could be seen so far, one picture after another."""
        with self._news:
            return list(self._frames)

    def expect(self, pattern, seconds=180):
        """The match of a pattern, as soon as it can be seen.

        A frame that has been drawn since the last match counts also when it is
        gone.

        :param pattern: a regular expression; ``^`` and ``$`` are of a line.
        :raises AssertionError: when it is not seen in time, or the command
            ends before.
        """
        with self._news:
            found = self._news.wait_for(
                lambda: self._search(pattern) or self._ended, seconds
            )
            # It may have ended with just that.
            match = self._search(pattern)
            if match:
                return match
            why = 'it has ended' if found else f'not in {seconds} s'
            raise AssertionError(
                f'{pattern!r} is not seen ({why}):\n{self._frames[-1]}'
            )

    def _search(self, pattern):
        """The match of a pattern in the frames since the last match."""
        for number in range(self._seen, len(self._frames)):
            match = re.search(pattern, self._frames[number], re.MULTILINE)
            if match:
                self._seen = number
                return match
        return None

    def send(self, text):
        """Type a text, and Enter."""
        self._child.sendline(text)

    def interrupt(self):
        """Type Control-C."""
        self._child.sendintr()

    def resize(self, columns, rows):
        """Change the size of the window."""
        with self._news:
            self._screen.resize(rows, columns)
        self._child.setwinsize(rows, columns)

    def wait(self, seconds=240):
        """The exit code, once the command has ended.

        One that a signal has ended has its negative number.

        :raises AssertionError: when it does not end in time.
        """
        self._reader.join(seconds)
        if self._reader.is_alive():
            raise AssertionError(
                f'it has not ended in {seconds} s:\n{self.screen}'
            )
        self._child.wait()
        if self._child.exitstatus is None:
            return -self._child.signalstatus
        return self._child.exitstatus

    def close(self):
        """End the command if it still runs."""
        self._child.close(force=True)
        self._reader.join(10)
