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

"""What the documents show, as the tests read it."""

import pathlib
import re
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]

#: What a reader is to try first. No test runs them: the second runs the tests.
ENTRANCES = ['python3 -m sandbox demo', 'tools/run-tests']


def texts():
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
