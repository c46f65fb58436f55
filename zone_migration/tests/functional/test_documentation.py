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

"""Every command in the documents does what it should.

Commands stand in ``console`` blocks, behind ``$ ``; those of one document run
in one shell, in order, with variables that name servers and volumes made for
it.  What a sandbox has no use for is replaced: systemctl restarts its daemons,
pip installs nothing, and sleep lasts a moment.  A plan that is started with
--no-watch runs until it is cancelled.  Where a command asks a person, it is
told yes, and that something cannot be moved is no error.  The tables that a
document shows are among those that its commands print; ``...`` stands for a
part of one that differs, and how long an action took or waited need not be the
same.
"""

import functools
import os
import re
import subprocess

from sandbox import environment
from zone_migration.logic.outcome import action_text
from zone_migration.tests import documents
from zone_migration.tests.functional import base

_PRELUDE = """
set -eu -o pipefail
systemctl() { shift; python3 -m sandbox restart "$@"; }
pip() { command pip "$@" --dry-run --no-build-isolation; }
sleep() { command sleep 0.2; }
openstack() {
  local yes=
  case "$*" in
    "optimize zone start"*|"optimize zone cancel"*) yes=--yes ;;
    "optimize zone hosts --enable"*) yes=--yes ;;
  esac
  case "$*" in
    *--no-watch) python3 -m sandbox behave web-1 live_result=hang ;;
  esac
  command openstack "$@" $yes || [ $? -eq 3 ]
}
"""

_SECONDS = 1200


def same_table(shown, printed):
    """Whether what a document shows was printed, in any order of the rows."""
    left = list(printed)
    for row in shown:
        same = next((other for other in left if same_row(row, other)), None)
        if same is None:
            return False
        left.remove(same)
    return not left


def same_row(shown, printed):
    return len(shown) == len(printed) and all(
        '...' in cell or same_cell(cell, other)
        for cell, other in zip(shown, printed, strict=True))


def same_cell(shown, printed):
    """Whether both say the same, whatever time it took."""
    shown, printed = action_text.read(shown), action_text.read(printed)
    return shown.text == printed.text and (
        shown.took is None or printed.took is not None)


def _commands(text):
    """A document's commands, but for those that run all tests."""
    return [
        command for command in documents.commands(text)
        if command not in documents.ENTRANCES]


class DocumentationTest(base.FunctionalTest):
    """The documents are true."""

    maxDiff = None

    def resources(self):
        """The variables that the documents' commands use."""
        self.cloud.clean()
        for host in self.services():
            # Documents disable hosts, and enable them if they come that far.
            self.addCleanup(self.set_service, host, status='enabled')
        servers = self.cloud.create_servers(
            ('web-1', 'web-2'), host='compute1')
        stopped = self.cloud.create_server(
            'batch-1', host='compute1', stopped=True)
        volumes = self.cloud.create_volumes(
            ('archive-1', 'archive-2', 'web-2-data'), pool='b1')
        self.cloud.attach(servers['web-2'], volumes['web-2-data'])
        return {
            'SERVER': servers['web-1'],
            'SERVER2': servers['web-2'],
            'STOPPED': stopped,
            'VOLUME': volumes['archive-1'],
            'VOLUME2': volumes['archive-2'],
            'ATTACHED': volumes['web-2-data'],
        }

    def run_script(self, script):
        layout = self.cloud.layout
        variables = {
            **os.environ,
            **environment.variables(layout),
            **self.resources(),
            'PATH': f'{layout.path("bin")}{os.pathsep}{os.environ["PATH"]}',
        }
        return subprocess.run(
            ['bash', '-x', '-c', _PRELUDE + script],
            env=variables, cwd=documents.ROOT, text=True, timeout=_SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False)

    def check_commands(self, text):
        for written in ('rack.html', 'zone.json'):
            path = documents.ROOT / written
            self.addCleanup(path.unlink, missing_ok=True)
        done = self.run_script('\n'.join(_commands(text)))
        self.assertEqual(0, done.returncode, done.stdout[-3000:])
        printed = documents.tables(done.stdout)
        for shown in documents.tables(text):
            self.assertTrue(
                any(same_table(shown, table) for table in printed),
                f'not printed: {shown}; but: '
                f'{[t for t in printed if t[0] == shown[0]]}')


def _add_command_tests():
    """One test for each document that has commands of its own."""
    for name, text in documents.texts().items():
        if name == 'README.ja.rst' or not _commands(text):
            continue
        test = functools.partialmethod(
            DocumentationTest.check_commands, text)
        label = re.sub(r'\W+', '_', name.removesuffix('.rst'))
        setattr(DocumentationTest, f'test_commands_of_{label}', test)


_add_command_tests()
