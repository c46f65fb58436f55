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

import datetime
import subprocess
import sys
import textwrap

import fixtures
from oslo_utils import fixture as utils_fixture

from zone_migration.applier_recovery import abandoned_plans
from zone_migration.applier_recovery import applier_startup_hook
from zone_migration.applier_recovery import interrupted_plans
from zone_migration.applier_recovery import takeover
from zone_migration.tests.unit import base
from zone_migration.watcher_db import notifier
from zone_migration.workflow_engine import threads

NOW = datetime.datetime(2026, 11, 28, 3, 14, 5)

#: An applier: it forks the process that runs the plans, and again when that
#: has died.  Each process says its name when it recovers, with what it does.
APPLIER = """
import os
from zone_migration.applier_recovery import abandoned_plans
from zone_migration.applier_recovery import applier_startup_hook
from zone_migration.applier_recovery import interrupted_plans
from zone_migration.applier_recovery import takeover
from zone_migration.workflow_engine import threads

name = 'applier'

def say(what, result=None):
    def call(*args, **kwargs):
        os.write(1, f'{name} {what}\\n'.encode())
        return result
    return call

def fork(as_whom, then=lambda: None):
    global name
    own, name = name, as_whom
    child = os.fork()
    if not child:
        for thread in started:
            thread.join()
        then()
        os._exit(0)
    name = own
    os.waitpid(child, 0)

started = []
start = threads.start
threads.start = lambda *args: started.append(start(*args))
interrupted_plans.hand_on_all = say('hands on', set())
interrupted_plans.see_taken = say('watches')
abandoned_plans.left = say('reads', [])
abandoned_plans.cancel_on = say('cancels')
takeover.start = say('takes over')
takeover.hand_on_all = say('hands on of others', set())
"""

#: What the processes say.
STARTS = ['applier hands on', 'applier hands on of others', 'applier reads']
FIRST = ['first cancels', 'first takes over', 'first watches']


def recovers(name):
    """What a process says that takes the place of one that has died."""
    return [
        f'{name} {what}'
        for what in ('takes over', 'reads', 'cancels', 'hands on', 'watches')
    ]


class ApplierStartupHookTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(applier_startup_hook.recover_once.cache_clear)
        applier_startup_hook.recover_once.cache_clear()
        #: What was done, with what.
        self.done = []
        for module, name, result in (
            (notifier, 'connect_anew_after_fork', None),
            (interrupted_plans, 'hand_on_all', {'handed on'}),
            (interrupted_plans, 'see_taken', None),
            (abandoned_plans, 'left', ['left']),
            (abandoned_plans, 'cancel_on', None),
            (takeover, 'start', None),
            (takeover, 'hand_on_all', {'of a dead one'}),
        ):
            self.patch(module, name, self.recording(name, result))
        self.patch(
            threads, 'start', lambda name, function, *args: function(*args)
        )
        # They would stay for all other tests.
        self.hooks = self.patch(applier_startup_hook.os, 'register_at_fork')

    def patch(self, *args, **options):
        return self.useFixture(fixtures.MockPatchObject(*args, **options)).mock

    def recording(self, name, result):
        def record(*args, **kwargs):
            self.done.append((name, *args, *kwargs.items()))
            return result

        return record

    def be_green(self, is_green):
        """Whether Watcher runs under eventlet."""
        self.patch(
            applier_startup_hook, '_has_green_threads', lambda: is_green
        )

    def test_it_is_done_once(self):
        self.be_green(False)
        for _ in range(2):
            applier_startup_hook.recover_once()
        self.assertEqual(
            ['connect_anew_after_fork', 'hand_on_all', 'hand_on_all', 'left'],
            [call[0] for call in self.done],
        )
        self.hooks.assert_called_once()

    def test_all_that_is_there_was_left(self):
        self.be_green(False)
        applier_startup_hook.recover_once()
        self.assertEqual(
            [('hand_on_all', None), ('hand_on_all',), ('left', None)],
            self.done[1:],
        )

    def test_one_process_sees_to_it_itself(self):
        self.be_green(True)
        applier_startup_hook.recover_once()
        self.assertEqual(
            [
                ('cancel_on', ['left'], ('is_start', True)),
                ('start',),
                ('see_taken', {'handed on', 'of a dead one'}),
            ],
            self.done[4:],
        )
        self.hooks.assert_not_called()

    def test_process_that_forks_another_leaves_it_to_that(self):
        self.be_green(False)
        applier_startup_hook.recover_once()
        self.assertEqual(
            [], [name for name, *_ in self.done if name == 'cancel_on']
        )
        self.patch(
            applier_startup_hook.os, 'getppid', applier_startup_hook.os.getpid
        )
        self.hooks.call_args.kwargs['after_in_child']()
        self.assertEqual(
            [
                ('cancel_on', ['left'], ('is_start', True)),
                ('start',),
                ('see_taken', {'handed on', 'of a dead one'}),
            ],
            self.done[4:],
        )

    def test_next_process_sees_to_what_was_changed_before_now(self):
        # MySQL says it up to half a second later.
        self.useFixture(utils_fixture.TimeFixture(NOW))
        applier_startup_hook._recover()
        before = NOW + datetime.timedelta(seconds=0.5)
        self.assertEqual(
            [
                ('start',),
                # A cast can wait for the message queue for ever.
                ('left', before),
                ('cancel_on', ['left']),
                ('hand_on_all', before),
                ('see_taken', {'handed on'}),
            ],
            self.done,
        )

    def test_eventlet_that_is_only_imported_makes_no_green_threads(self):
        self.assertFalse(applier_startup_hook._has_green_threads())


class ForkTest(base.TestCase):
    """Watcher 17 forks the process that runs the plans."""

    def said(self, script):
        """What the processes of an applier say, in their order."""
        ended = subprocess.run(
            [
                sys.executable,
                '-W',
                'ignore',
                '-c',
                textwrap.dedent(APPLIER) + textwrap.dedent(script),
            ],
            capture_output=True,
            text=True,
            timeout=600,
        )
        self.assertEqual(0, ended.returncode, ended.stderr)
        return ended.stdout.splitlines()

    def test_process_that_takes_the_place_of_one_that_has_died_recovers(self):
        self.assertEqual(
            [*STARTS, *FIRST, *recovers('second'), *recovers('third')],
            self.said(
                """
                applier_startup_hook.recover_once()
                fork('first')
                fork('second')
                fork('third')
                """
            ),
        )

    def test_processes_of_these_do_not(self):
        self.assertEqual(
            [*STARTS, *FIRST, *recovers('second')],
            self.said(
                """
                def have_two():
                    del started[:]
                    fork('grandchild')
                    fork('grandchild')

                applier_startup_hook.recover_once()
                fork('first', have_two)
                fork('second', have_two)
                """
            ),
        )

    def test_what_was_forked_before_the_start_is_not_counted(self):
        self.assertEqual(
            [*STARTS, *FIRST],
            self.said(
                """
                fork('before')
                applier_startup_hook.recover_once()
                fork('first')
                """
            ),
        )

    def test_process_that_gets_no_thread_starts_all_the_same(self):
        self.assertEqual(
            [*STARTS, *FIRST[:2], 'first runs', 'second runs'],
            self.said(
                """
                def refuse(*args):
                    raise RuntimeError("can't start new thread")

                applier_startup_hook.recover_once()
                threads.start = refuse
                fork('first', say('runs'))
                name = 'applier'
                fork('second', say('runs'))
                """
            ),
        )

    def test_files_may_be_replaced_once_an_applier_has_started(self):
        self.assertEqual(
            [*STARTS, 'applier has loaded all: True'],
            self.said(
                """
                import sys
                module = 'zone_migration.workflow_engine.plan_run'
                before = module in sys.modules
                applier_startup_hook.recover_once()
                loaded = module in sys.modules and not before
                say(f'has loaded all: {loaded}')()
                """
            ),
        )
