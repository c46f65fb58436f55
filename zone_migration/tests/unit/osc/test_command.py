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

import argparse
import contextlib
import io
import types

import fixtures
from osc_lib import exceptions
import testtools

from zone_migration.osc import command
from zone_migration.osc import patience
from zone_migration.osc import usage
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


class Asking(command.ZoneCommand):
    """Notes how long an answer is waited for."""

    def take_action(self, parsed_args):
        self.timeouts = (
            self.watcher and self.session.timeout,
            self.cloud and self.session.timeout,
        )


class LimitsTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        session = types.SimpleNamespace(timeout=None)
        http = types.SimpleNamespace(session=session, conflict_max_retries=5)
        manager = types.SimpleNamespace(
            session=session,
            sdk_connection='cloud',
            **{'infra-optim': types.SimpleNamespace(http_client=http)},
        )
        self.command = Asking(
            types.SimpleNamespace(client_manager=manager),
            argparse.Namespace(),
            cmd_name='',
        )
        self.command.session = session
        fakes.run(self.command)

    def test_no_request_waits_for_ever(self):
        self.assertEqual((60, 60), self.command.timeouts)

    def test_other_commands_of_the_shell_wait_as_before(self):
        self.assertIsNone(self.command.session.timeout)


class Waiting(command.ZoneCommand):
    """Asks a Watcher that is away for a moment."""

    def take_action(self, parsed_args):
        answers = iter([watcher_errors.Unavailable('Watcher is away'), None])

        def request():
            error = next(answers)
            if error:
                raise error

        self.watcher.patience.ask(request)


class TellingTest(testtools.TestCase):
    def test_stderr_tells_that_watcher_is_asked_again(self):
        http = types.SimpleNamespace(
            session=types.SimpleNamespace(timeout=None), conflict_max_retries=5
        )
        client = types.SimpleNamespace(http_client=http)
        app = types.SimpleNamespace(
            client_manager=types.SimpleNamespace(**{'infra-optim': client}),
            stderr=io.StringIO(),
        )
        self.useFixture(fixtures.MockPatchObject(patience, '_PAUSE', 0))
        fakes.run(Waiting(app, argparse.Namespace(), cmd_name=''))
        self.assertIn('; asking again ...\n', app.stderr.getvalue())


class Refused(command.ZoneCommand):
    """Is not allowed."""

    def take_action(self, parsed_args):
        raise watcher_errors.Forbidden(
            'Watcher', "Policy doesn't allow audit:create to be performed."
        )


class Unfit(command.ZoneCommand):
    """Has options that do not fit each other."""

    def take_action(self, parsed_args):
        raise usage.UsageError('give one')


class UsageTest(testtools.TestCase):
    def test_the_command_is_called_as_argparse_calls_it(self):
        made = fakes.make(Unfit)
        made.cmd_name = 'optimize zone plan'
        self.assertEqual(2, fakes.run(made))
        self.assertEqual(
            'openstack optimize zone plan: error: give one\n',
            made.output.getvalue(),
        )


class ParserTest(testtools.TestCase):
    def told(self, *words):
        """What is told of options that argparse does not take."""
        parser = fakes.make(Unfit).get_parser('openstack optimize zone plan')
        parser.add_argument('--host')
        parser.add_argument('--force', action='store_true')
        output = io.StringIO()
        with contextlib.redirect_stderr(output):
            error = self.assertRaises(SystemExit, parser.parse_args, words)
        self.assertEqual(2, error.code)
        return output.getvalue()

    def test_option_that_is_meant_is_named_in_place_of_all(self):
        self.assertEqual(
            'openstack optimize zone plan: error: unrecognized arguments: '
            '--hosts=c1 --farce\n'
            'Did you mean --host or --force?\n'
            'All options: openstack optimize zone plan --help\n',
            self.told('--hosts=c1', '--farce'),
        )

    def test_nothing_is_guessed_of_what_is_like_no_option(self):
        for words in (['--xyz'], ['c1'], ['--host']):
            self.assertNotIn('Did you mean', self.told(*words), words)


class ForbiddenTest(testtools.TestCase):
    def assert_told(self, text, access):
        made = fakes.make(Refused)
        made.cmd_name = 'optimize zone plan'
        made.app.client_manager = types.SimpleNamespace(auth_ref=access)
        self.assertRaisesRegex(exceptions.CommandError, text, fakes.run, made)

    def test_the_user_the_command_and_the_policy_are_named(self):
        self.assert_told(
            r'^The user demo \(project rack\) may not use "openstack optimize '
            "zone plan\": Watcher's policy 'audit:create'",
            types.SimpleNamespace(username='demo', project_name='rack'),
        )

    def test_who_has_no_project_is_named_all_the_same(self):
        self.assert_told(
            '^The user demo may not use',
            types.SimpleNamespace(username='demo', project_name=None),
        )

    def test_nobody_has_a_name_without_keystone(self):
        self.assert_told('^You may not use', None)
