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

"""Every command and every example in the documents does what it should.

Commands stand in ``console`` blocks, behind ``$ ``; those of one document run
in one shell, in order, with variables that name servers and volumes made for
it.  What a sandbox has no use for is replaced: systemctl restarts its daemons,
pip installs nothing, and sleep lasts a moment.  The tables that a document
shows are among those that its commands print; ``...`` stands for a part of
one that differs.
"""

import functools
import json
import os
import pathlib
import re
import subprocess
import textwrap

from sandbox import environment
from zone_migration.logic import params
from zone_migration.tests.functional import base

ROOT = pathlib.Path(__file__).resolve().parents[3]

#: The two commands that run everything, these tests included.
ENTRANCES = ['python3 -m sandbox demo', 'tools/run-tests']

_PRELUDE = """
set -eu -o pipefail
systemctl() { shift; python3 -m sandbox restart "$@"; }
pip() { command pip "$@" --dry-run --no-build-isolation; }
sleep() { command sleep 0.2; }
"""

_SECONDS = 400


def documents():
    """All documents, by their path from the root."""
    found = [*ROOT.glob('*.rst'), *(ROOT / 'doc' / 'source').rglob('*.rst')]
    return {str(path.relative_to(ROOT)): path.read_text() for path in found}


def blocks(text, language):
    """The contents of a document's code blocks of one language."""
    pattern = re.compile(
        rf'^( *)\.\. code-block:: {language}\n((?:\1 +\S.*\n|\s*\n)+)', re.M
    )
    return [
        textwrap.dedent(match[2]).strip('\n')
        for match in pattern.finditer(text + '\n')
    ]


def commands(text):
    """The commands of a document, those of several lines as one."""
    found = []
    for block in blocks(text, 'console'):
        for line in block.splitlines():
            if line.startswith('$ '):
                found.append(line[2:])
            elif line.startswith('> ') and found:
                found[-1] += '\n' + line[2:]
    return found


def tables(text):
    """The tables that a client printed, as lists of rows of cells."""
    found = [[]]
    for line in text.splitlines():
        row = re.fullmatch(r' *\| (.*) \| *', line)
        if row:
            cells = [cell.strip() for cell in row[1].split('|')]
            above = found[-1][-1] if found[-1] else ()
            if cells[0] or len(cells) != len(above):
                found[-1].append(cells)
            else:  # the row above goes on
                found[-1][-1] = [
                    ' '.join(parts).strip()
                    for parts in zip(above, cells, strict=True)]
        elif found[-1] and not re.match(r' *\+-', line):
            found.append([])
    return [table for table in found if table]


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
            env=variables, cwd=ROOT, text=True, timeout=_SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False)

    def check_commands(self, text):
        found = [c for c in commands(text) if c not in ENTRANCES]
        done = self.run_script('\n'.join(found))
        self.assertEqual(0, done.returncode, done.stdout[-3000:])
        printed = tables(done.stdout)
        for shown in tables(text):
            self.assertTrue(
                any(same_table(shown, table) for table in printed),
                f'not printed: {shown}; but: '
                f'{[t for t in printed if t[0] == shown[0]]}')

    def test_readme_starts_with_the_two_commands(self):
        for name in ('README.rst', 'README.ja.rst'):
            self.assertEqual(ENTRANCES, commands(documents()[name])[:2])
        self.assertTrue(os.access(ROOT / 'tools' / 'run-tests', os.X_OK))

    def test_both_readmes_have_the_same_commands_and_examples(self):
        english, japanese = (
            documents()[name] for name in ('README.rst', 'README.ja.rst'))
        self.assertEqual(commands(english), commands(japanese))
        self.assertEqual(blocks(english, 'json'), blocks(japanese, 'json'))
        self.assertEqual(blocks(english, 'ini'), blocks(japanese, 'ini'))
        self.assertEqual(tables(english), tables(japanese))

    def test_examples_of_parameters_are_accepted(self):
        examples = [
            (name, block) for name, text in documents().items()
            for block in blocks(text, 'json')]
        self.assertTrue(examples)
        for name, block in examples:
            with self.subTest(document=name, example=block):
                shown = json.loads(block)
                if {'vm', 'volume'} & set(shown):
                    shown = {'params': shown}
                self.assertTrue(params.parse(shown))

    def test_no_command_hides_in_a_block_of_another_kind(self):
        for name, text in documents().items():
            shown = len(re.findall(r'^ *\$ ', text, re.M))
            self.assertEqual(shown, len(commands(text)), name)


def _add_command_tests():
    """One test for each document that has commands of its own."""
    for name, text in documents().items():
        if name == 'README.ja.rst' or not [
            c for c in commands(text) if c not in ENTRANCES
        ]:
            continue
        test = functools.partialmethod(
            DocumentationTest.check_commands, text)
        label = re.sub(r'\W+', '_', name.removesuffix('.rst'))
        setattr(DocumentationTest, f'test_commands_of_{label}', test)


_add_command_tests()
