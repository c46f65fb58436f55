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

"""What holds for all tests."""

import ast
import collections
import pathlib

import testtools

ROOT = pathlib.Path(__file__).resolve().parents[3]
TREES = {
    path: ast.parse(path.read_text())
    for folder in (
        'zone_migration/tests', 'sandbox/tests', 'benchmarks/tests',
        'tools/tests',
    )
    for path in sorted((ROOT / folder).rglob('*.py'))
}


def _functions():
    """``{name: [all functions of that name]}``."""
    found = collections.defaultdict(list)
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found[node.name].append(node)
    return found


FUNCTIONS = _functions()


def _calls(function):
    """The names of what a function calls that may assert.

    Those of assertions, whoever's; else functions, and methods of its own.
    """
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name):
            yield called.id
        elif isinstance(called, ast.Attribute) and (
            called.attr.startswith('assert')
            or isinstance(called.value, ast.Name)
            and called.value.id in ('self', 'cls')
        ):
            yield called.attr


def _asserts(name, above=()):
    """Whether something so called asserts, itself or by what it calls."""
    if name.startswith('assert') or name == 'fail':
        return True
    return name not in above and any(
        _asserts(called, (*above, name))
        for function in FUNCTIONS.get(name, ())
        for called in set(_calls(function))
    )


class TestsTest(testtools.TestCase):
    def test_each_test_asserts_something(self):
        self.assertEqual(
            [],
            [
                f'{path.relative_to(ROOT)}:{node.lineno} {node.name}'
                for path, tree in TREES.items()
                if path.name.startswith('test_')
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef)
                and node.name.startswith('test_')
                and not any(map(_asserts, set(_calls(node))))
            ],
        )
