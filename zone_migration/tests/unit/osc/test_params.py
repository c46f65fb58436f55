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

import errno
import json
import pathlib
from unittest import mock

import fixtures
from osc_lib import exceptions
import testtools

from zone_migration.osc import params
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


def full(error):
    """A way to open files in which the writing of new ones fails."""
    unpatched = pathlib.Path.open

    def opened(path, mode='r', *arguments, **options):
        file = unpatched(path, mode, *arguments, **options)
        if mode == 'x':
            file.write = mock.Mock(side_effect=error)
        return file

    return opened


class WriteParamsTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.path = self.directory / 'list.json'
        self.watcher = fakes.FakeWatcher(
            actions=[fakes.action('web-1', status='active')]
        )
        self.command = fakes.make(params.WriteParams, self.watcher)
        self.command.app.stderr = type(self.command.output)()

    def run_it(self, *arguments):
        return fakes.run(self.command, '--host', 'compute1', *arguments)

    def assert_refused(self, text, *arguments):
        error = self.assertRaises(
            exceptions.CommandError, self.run_it, *arguments
        )
        self.assertIn(text, str(error))

    def told(self):
        return self.command.app.stderr.getvalue()

    def many(self):
        self.watcher.actions_ = [
            fakes.action(f's{number}', status='active')
            for number in range(700)
        ]

    def deleted(self):
        return [call for call in self.watcher.calls if 'delete' in call[0]]

    def test_the_list_is_written_to_the_output(self):
        self.assertEqual(0, self.run_it())
        self.assertEqual(
            {
                'vm': {
                    self.watcher.actions_[0].resource_id: {
                        'status': 'active',
                        'src_hostname': 'compute1',
                    }
                }
            },
            json.loads(self.command.output.getvalue()),
        )

    def test_the_plan_is_made_beside_others_and_deleted(self):
        self.run_it()
        self.assertEqual(True, self.watcher.calls[0][3])
        self.assertEqual(
            [('delete_plan', fakes.PLAN), ('delete_audit', fakes.AUDIT)],
            self.deleted(),
        )

    def test_the_name_tells_that_the_plan_is_only_read(self):
        self.run_it()
        self.assertRegex(
            self.watcher.calls[0][1], '^list-for-compute1-2[0-9:T-]+$'
        )

    def test_who_leaves_leaves_no_plan(self):
        def interrupt(*_):
            raise KeyboardInterrupt

        self.watcher.actions = interrupt
        self.assertRaises(KeyboardInterrupt, self.run_it)
        self.assertEqual(
            [('delete_plan', fakes.PLAN), ('delete_audit', fakes.AUDIT)],
            self.deleted(),
        )
        self.assertNotIn('optimize zone start', self.told())

    def test_an_audit_that_was_left_early_is_deleted_or_told(self):
        def interrupt(*_):
            raise KeyboardInterrupt

        self.watcher.audits[0] = fakes.audit(state='ONGOING')
        self.watcher.audit = interrupt
        self.watcher.plans_ = []
        self.watcher.errors['delete_audit'] = watcher_errors.WatcherError(
            'it is ONGOING'
        )
        self.assertRaises(KeyboardInterrupt, self.run_it)
        self.assertIn('is left, do not start it: it is ONGOING', self.told())

    def test_a_plan_that_is_left_is_told(self):
        self.watcher.errors['delete_plan'] = watcher_errors.WatcherError('no')
        self.assertEqual(0, self.run_it())
        self.assertIn('is left, do not start it: no', self.told())

    def test_a_file_is_written_and_told(self):
        self.assertEqual(0, self.run_it('--output', str(self.path)))
        self.assertEqual('', self.command.output.getvalue())
        self.assertEqual(['vm'], [*json.loads(self.path.read_text())])
        self.assertEqual(f'{self.path}: 1 server, 0 volumes\n', self.told())

    def test_a_file_that_is_there_is_left_before_anything_is_made(self):
        self.path.write_text('mine')
        self.assert_refused('exists already', '--output', str(self.path))
        self.assertEqual('mine', self.path.read_text())
        self.assertEqual([], self.watcher.calls)

    def test_a_file_that_cannot_be_written_is_told(self):
        self.assert_refused(
            'No such file or directory',
            *('--output', str(self.directory / 'none' / 'list.json')),
        )
        self.assertEqual(2, len(self.deleted()))

    def test_no_piece_of_a_list_is_left(self):
        for error, expected in (
            (OSError(errno.ENOSPC, 'No space left'), exceptions.CommandError),
            (KeyboardInterrupt(), KeyboardInterrupt),
        ):
            with mock.patch.object(pathlib.Path, 'open', full(error)):
                self.assertRaises(
                    expected, self.run_it, '--output', str(self.path)
                )
            self.assertFalse(self.path.exists(), repr(error))

    def test_a_long_list_is_split_into_files(self):
        self.many()
        self.run_it('--output', str(self.path))
        self.assertEqual(
            ['list-1.json', 'list-2.json'],
            sorted(path.name for path in self.directory.iterdir()),
        )

    def test_no_file_is_written_where_one_of_them_is_there(self):
        self.many()
        (self.directory / 'list-2.json').write_text('mine')
        self.assert_refused('list-2.json', '--output', str(self.path))
        self.assertEqual(1, len([*self.directory.iterdir()]))
        self.assertEqual(2, len(self.deleted()))

    def test_a_long_list_needs_files(self):
        self.many()
        self.assert_refused('give --output for as many files')
        self.assertEqual('', self.command.output.getvalue())

    def test_what_cannot_move_is_left_out_and_told(self):
        self.watcher.actions_.append(
            fakes.action('web-2', state='SKIPPED', message='it is locked')
        )
        self.assertEqual(3, self.run_it())
        self.assertEqual(
            1, len(json.loads(self.command.output.getvalue())['vm'])
        )
        self.assertEqual('web-2: cannot move: it is locked\n', self.told())

    def test_an_empty_list_is_not_written(self):
        self.watcher.actions_ = []
        self.assert_refused('Nothing would move', '--output', str(self.path))
        self.assertFalse(self.path.exists())
        self.assertEqual(2, len(self.deleted()))
