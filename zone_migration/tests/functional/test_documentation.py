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
pip installs nothing, and sleep lasts a moment.  The tables that a document
shows are among those that its commands print; ``...`` stands for a part of
one that differs.
"""

import functools
import os
import re
import subprocess

from sandbox import environment
from zone_migration.tests import documents
from zone_migration.tests.functional import base

_PRELUDE = """
set -eu -o pipefail
systemctl() { shift; python3 -m sandbox restart "$@"; }
pip() { command pip "$@" --dry-run --no-build-isolation; }
sleep() { command sleep 0.2; }
"""

_SECONDS = 400


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
        '...' in cell or cell == other
        for cell, other in zip(shown, printed, strict=True))


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
            ('server', 'server2'), host='compute1')
        stopped = self.cloud.create_server(
            'stopped', host='compute1', stopped=True)
        volumes = self.cloud.create_volumes(
            ('volume', 'volume2', 'attached'), pool='b1')
        self.cloud.attach(servers['server2'], volumes['attached'])
        return {
            'SERVER': servers['server'],
            'SERVER2': servers['server2'],
            'STOPPED': stopped,
            'VOLUME': volumes['volume'],
            'VOLUME2': volumes['volume2'],
            'ATTACHED': volumes['attached'],
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
