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

"""Run what each change has to pass, as much at once as two processors carry.

The functional tests wait for the cloud most of the time, so they run on two
sandboxes, and what else there is runs beside them.  What a part prints goes
to a file in ``.tox/parts``; here stands what a person wants to know.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import traceback

from sandbox import layout as layouts

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / '.tox' / 'parts'
#: How long all parts together may take, in seconds.
DEADLINE = 4500
#: How often the functional tests tell how far they are, in seconds.
PROGRESS = 30
#: How often a command is looked at, in seconds.
LOOK = 0.5
#: How long a command may take to end when it is told to, in seconds.
MERCY = 20
#: Lines of its log that are shown of a part that has failed.
TAIL = 40
SLOWEST = 10

#: What stestr prints when a test, or the set-up of a class, has ended.
ENDED = re.compile(r'\{\d+\} (.+) \[[\d.]+s\] \.\.\. (\w+)')

#: Where the tests of an environment are.
TESTS = {
    'py3': ('zone_migration/tests/unit', 'sandbox/tests', 'benchmarks/tests',
            'tools/tests'),
    'functional': ('zone_migration/tests/functional',),
}

FIRST = str(layouts.Layout.load().state)
SECOND = f'{FIRST}-2'


class Run:
    """One run of everything: what it took, and what came of it."""

    def __init__(self, out, bootstrap_seconds):
        self._out = out
        self._lock = threading.RLock()
        self._began = time.monotonic() - bootstrap_seconds
        #: When everything was told to end.
        self._stopped = None
        #: {part: seconds}
        self.took = {'tox itself': bootstrap_seconds}
        self.counts = collections.Counter()
        #: {test or check: what it said}
        self.failures = {}
        #: {test or class: seconds}
        self.seconds = {}

    def elapsed(self):
        return time.monotonic() - self._began

    def say(self, text):
        with self._lock:
            print(f'[{self.elapsed():6.0f} s] {text}', file=self._out,
                  flush=True)

    def command(self, part, *command, hear=lambda line: None, gently=False,
                env=None):
        """The exit code of a command, whose output goes to its part's log.

        It ends when the run is stopped, and none is started after that.

        :param hear: called with each line.
        :param gently: let everything else go first.
        """
        if self._stopped:
            return -signal.SIGTERM
        if gently:
            command = ('nice', '-n', '10', *command)
        LOGS.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        path = LOGS / f'{part}.log'
        # No pipe: who has been left with its other end would hold us up.
        with path.open('ab') as log, path.open(errors='replace') as said:
            said.seek(0, os.SEEK_END)
            process = subprocess.Popen(
                [str(word) for word in command], cwd=ROOT,
                env={**os.environ, **(env or {})}, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True)
            running = True
            while running:
                try:
                    process.wait(LOOK)
                    running = False
                except subprocess.TimeoutExpired:
                    if self._stopped:
                        end(process, time.monotonic() - self._stopped)
                for line in said:
                    hear(line)
        with self._lock:
            self.took[part] = (
                self.took.get(part, 0) + time.monotonic() - began)
        return process.returncode

    def stop(self, why):
        """End what runs, and start nothing new; that is a failure."""
        self.fail('run', f'stopped: {why}')
        self._stopped = time.monotonic()

    def go_on(self):
        """After a stop: what is to be done all the same can be."""
        self._stopped = None

    # -- what came of it

    def fail(self, part, what):
        """Count one failure, with the end of the part's log."""
        log = LOGS / f'{part}.log'
        lines = log.read_text().splitlines() if log.exists() else []
        with self._lock:
            self.counts['failed'] += 1
            self.failures[part] = '\n'.join([*lines[-TAIL:], what])
        self.say(f'{part}: {what}')

    def count_check(self, part, code):
        if code:
            self.fail(part, f'failed (exit code {code})')
        else:
            with self._lock:
                self.counts['passed'] += 1
            self.say(f'{part}: passed')

    def count_tests(self, env, code):
        """Count the tests of an environment.

        What failed without any result (a module that cannot be imported, an
        empty suite) counts as one failure.
        """
        try:
            found = json.loads(subprocess.run(
                [ROOT / '.tox' / env / 'bin' / 'python', 'tools/results.py',
                 f'.tox/{env}', *TESTS[env]],
                cwd=ROOT, env={**os.environ, 'PYTHONPATH': str(ROOT)},
                capture_output=True, text=True, check=True, timeout=300,
            ).stdout.splitlines()[-1])
        except (OSError, subprocess.SubprocessError):
            self.fail(env, f'has no results (exit code {code})')
            return
        with self._lock:
            self.failures.update(found['failures'])
            self.seconds.update(found['seconds'])
            for meaning in ('passed', 'failed', 'skipped'):
                self.counts[meaning] += found[meaning]
        self.say(f'{env}: {found["passed"]} passed, {found["failed"]} '
                 f'failed, {found["skipped"]} skipped')
        if found['failed']:
            return
        if code:
            self.fail(env, f'failed outside its tests (exit code {code})')
        elif not found['passed']:
            self.fail(env, 'ran no tests')


def end(process, seconds):
    """End a process and what it has started; in the end, by force."""
    try:
        os.killpg(process.pid,
                  signal.SIGTERM if seconds < MERCY else signal.SIGKILL)
    except ProcessLookupError:
        pass


# -- the parts

def tox(run, part, *arguments, **how):
    return run.command(
        part, sys.executable, '-m', 'tox', 'run', *arguments, **how)


def sandbox(run, part, *arguments, **how):
    return run.command(part, 'python3', '-m', 'sandbox', *arguments, **how)


def first_sandbox(run):
    code = sandbox(run, 'sandbox', '--state', FIRST, 'up')
    if code:
        run.fail('sandbox', f'did not come up (exit code {code})')
    else:
        run.say('sandbox: up')
    return code


def second_sandbox(run, first, begun):
    """Beside the first, with its environments, once that is up.

    :param begun: an event, set when a test can wait for its end.
    """
    try:
        if first.result():
            return
        options = layouts.Layout.load(FIRST)
        code = sandbox(
            run, 'second-sandbox', '--state', SECOND,
            '--venvs', options.venvs,
            '--port-offset', options.options.port_offset + 100, 'up',
            # What it tells it tells while it holds its lock.
            hear=lambda line: begun.set())
    finally:
        begun.set()
    if code:
        run.fail('second-sandbox', f'did not come up (exit code {code})')
    else:
        run.say('second-sandbox: up')


def functional(run, first, begun, made):
    """The functional tests, once their environment and a cloud are there."""
    if made.result():
        run.fail('functional', 'the environment could not be made')
        return
    if first.result():
        return
    begun.wait()
    tests = collections.Counter()
    told = time.monotonic()

    def hear(line):
        nonlocal told
        ended = ENDED.match(line)
        if not ended:
            return
        tests[ended[2]] += 1
        if ended[2] == 'FAILED':
            run.say(f'functional: FAILED {ended[1]}')
        if time.monotonic() - told >= PROGRESS:
            told = time.monotonic()
            run.say(f'functional: {tests.total()} tests have ended')

    code = tox(
        run, 'functional', '--skip-pkg-install', '-e', 'functional', '--',
        '--concurrency', '2', '--worker-file', 'tools/workers.yaml',
        hear=hear, env={
            'ZONE_MIGRATION_SANDBOX': FIRST,
            'ZONE_MIGRATION_SANDBOXES': os.pathsep.join((FIRST, SECOND))})
    run.count_tests('functional', code)


def checks(run, made):
    """What needs no cloud, one after another, when others do not."""
    made.result()  # two tox that install would get in each other's way
    run.count_tests('py3', tox(
        run, 'py3', '-e', 'py3', '--', '--abbreviate', gently=True))
    for env in ('pep8', 'docs'):
        run.count_check(env, tox(run, env, '-e', env, gently=True))


def everything(run):
    run.say('making the first sandbox and the environments')
    begun = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = pool.submit(
            tox, run, 'functional', '--notest', '-e', 'functional')
        first = pool.submit(first_sandbox, run)
        parts = {
            'second-sandbox': pool.submit(second_sandbox, run, first, begun),
            'functional': pool.submit(functional, run, first, begun, made),
            'checks': pool.submit(checks, run, made),
        }
        for name, part in parts.items():
            error = part.exception()
            if error:  # of ours: the totals are told all the same
                run.fail(name, ''.join(traceback.format_exception(error)))


def down(run):
    """Stop the sandboxes, whatever came of the rest."""
    run.go_on()
    for state in (FIRST, SECOND):
        if pathlib.Path(state).exists():
            code = sandbox(run, 'sandboxes-down', '--state', state, 'down')
            if code:
                run.fail('sandboxes-down', f'{state} may still be up')


# -- what is told at the end

def reason(text):
    """The line that says what was raised: the first below the last frame."""
    lines = text.splitlines()
    frames = [i for i, line in enumerate(lines) if line.startswith('  File')]
    below = lines[frames[-1] + 1:] if frames else lines[-1:]
    return next((line for line in below if line[:1].strip()), 'no result')


def report(run):
    """Failures first, so that the end of a long log has the rest."""
    for name, text in run.failures.items():
        yield f'FAILED {name}'
        yield text
    for name, text in run.failures.items():
        yield f'FAILED {name}: {reason(text)}'
    yield from table('part', run.took)
    slowest = sorted(run.seconds.items(), key=lambda one: -one[1])
    yield from table(
        'slowest tests and set-ups of classes', {
            name.removeprefix('zone_migration.tests.'): seconds
            for name, seconds in slowest[:SLOWEST]})


def table(title, seconds):
    width = max((len(title), *map(len, seconds)))
    yield ''
    yield f'{title:{width}}  seconds'
    for name, value in seconds.items():
        yield f'{name:{width}}  {value:7.0f}'


def forget():
    """Remove what an earlier run has left: it would be counted again."""
    for log in LOGS.glob('*.log'):
        log.unlink()
    for env in TESTS:
        for old in (ROOT / '.tox' / env / '.stestr').glob('*'):
            old.unlink()


def main(bootstrap_seconds):
    """0 when every test and check has passed."""
    run = Run(sys.stdout, bootstrap_seconds)

    def stop(why):
        # In a thread: a signal comes in the middle of anything.
        threading.Thread(target=run.stop, args=(why,)).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(
            number, lambda number, _: stop(signal.Signals(number).name))
    timer = threading.Timer(
        DEADLINE, run.stop, (f'it has taken {DEADLINE} s',))
    timer.daemon = True
    timer.start()
    try:
        for step in (lambda run: forget(), everything, down):
            try:
                step(run)
            except Exception:
                run.fail('run', traceback.format_exc())
        timer.cancel()
        run.took['all'] = run.elapsed()
        for line in report(run):
            print(line)
    finally:
        print('{passed} passed, {failed} failed, {skipped} skipped'.format(
            **{'passed': 0, 'failed': 0, 'skipped': 0, **run.counts}))
    return 0 if run.counts['passed'] and not run.counts['failed'] else 1


if __name__ == '__main__':
    sys.exit(main(float(sys.argv[1])))
