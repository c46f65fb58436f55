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

"""Who may import whom."""

import ast
import collections
import graphlib
import pathlib
import subprocess
import sys

import testtools

import zone_migration

PACKAGE = 'zone_migration'
ROOT = pathlib.Path(zone_migration.__file__).parent

#: What can be used where Watcher is not installed.
BORDER = ('client', 'inventory', 'logic', 'osc', 'waiting')


def _modules():
    """The name of each module of the plugin, and its syntax tree."""
    for path in sorted(ROOT.rglob('*.py')):
        parts = path.relative_to(ROOT.parent).with_suffix('').parts
        if parts[1] == 'tests':
            continue
        if parts[-1] == '__init__':
            parts = parts[:-1]
        yield '.'.join(parts), ast.parse(path.read_text())


def _imports(tree):
    """The full names of all that is imported, wherever it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise AssertionError('relative imports are not used')
            for alias in node.names:
                yield f'{node.module}.{alias.name}'


#: Which rooms of the package, and of logic, each of them imports.
MAY_ASK = {
    'actions': {
        'applier_recovery',
        'client',
        'conf',
        'engine_interfaces',
        'exception',
        'inventory',
        'logic.audit',
        'logic.messages',
        'logic.outcome',
        'logic.preflight',
        'logic.resources',
        'logic.schedule',
        'logic.storage_backends',
        'waiting',
    },
    'applier_recovery': {
        'compute_hosts',
        'conf',
        'exception',
        'logic.messages',
        'logic.outcome',
        'logic.plan',
        'logic.schedule',
        'waiting',
        'watcher_db',
        'workflow_engine',
    },
    'client': {
        'logic.cloud_inventory',
        'logic.messages',
        'logic.outcome',
        'logic.preflight',
        'logic.resources',
        'logic.storage_backends',
        'logic.units',
        'waiting',
    },
    'compute_hosts': {
        'client',
        'conf',
        'exception',
        'logic.outcome',
        'logic.resources',
        'logic.schedule',
        'logic.storage_backends',
        'waiting',
        'watcher_db',
    },
    'conf': {'logic.schedule'},
    'engine_interfaces': {
        'client',
        'conf',
        'exception',
        'logic.outcome',
        'logic.resources',
        'logic.schedule',
    },
    'exception': {'client', 'logic.outcome'},
    'goal': {'logic.plan'},
    'inventory': {
        'client',
        'logic.audit',
        'logic.cloud_inventory',
        'logic.preflight',
        'logic.resources',
    },
    'logic.audit': {
        'logic.cloud_inventory',
        'logic.messages',
        'logic.resources',
        'logic.schedule',
    },
    'logic.cloud_inventory': {
        'logic.resources',
        'logic.storage_backends',
    },
    'logic.outcome': {
        'logic.messages',
        'logic.preflight',
        'logic.resources',
        'logic.schedule',
        'logic.storage_backends',
        'logic.units',
    },
    'logic.plan': {
        'logic.audit',
        'logic.cloud_inventory',
        'logic.messages',
        'logic.outcome',
        'logic.preflight',
        'logic.resources',
        'logic.schedule',
        'logic.storage_backends',
        'logic.units',
    },
    'logic.preflight': {
        'logic.audit',
        'logic.cloud_inventory',
        'logic.messages',
        'logic.resources',
    },
    'logic.resources': {'logic.messages'},
    'logic.storage_backends': {'logic.resources'},
    'logic.schedule': {'logic.resources', 'logic.units'},
    'osc': {
        'logic.audit',
        'logic.messages',
        'logic.outcome',
        'logic.plan',
        'logic.preflight',
        'logic.schedule',
        'logic.units',
    },
    'planner': {'conf', 'logic.schedule', 'watcher_db'},
    'strategy': {
        'client',
        'conf',
        'exception',
        'inventory',
        'logic.audit',
        'logic.messages',
        'logic.outcome',
        'logic.plan',
        'logic.preflight',
        'logic.schedule',
    },
    'waiting': {'logic.outcome', 'logic.units'},
    'watcher_db': {'logic.outcome', 'waiting'},
    'workflow_engine': {
        'compute_hosts',
        'conf',
        'engine_interfaces',
        'exception',
        'logic.messages',
        'logic.outcome',
        'logic.plan',
        'logic.resources',
        'logic.schedule',
        'waiting',
        'watcher_db',
    },
}

#: {module: {what it imports}}
IMPORTS = {name: set(_imports(tree)) for name, tree in _modules()}


def _within(name, *rooms):
    return any(
        name == room or name.startswith(f'{room}.')
        for room in (f'{PACKAGE}.{room}' for room in rooms)
    )


def _of(name, *packages):
    return any(name == p or name.startswith(f'{p}.') for p in packages)


def _reached(*rooms):
    """The modules of the rooms and what of the plugin these import, by name.

    With the way to each, for instance ``('client.nova', 'client.service')``.
    The packages that a module is in are imported with it.
    """
    ways = {name: (name,) for name in IMPORTS if _within(name, *rooms)}
    todo = list(ways)
    while todo:
        module = todo.pop()
        for name in {module, *IMPORTS[module]}:
            parts = name.split('.')
            for length in range(1, len(parts) + 1):
                found = '.'.join(parts[:length])
                if found in IMPORTS and found not in ways:
                    ways[found] = (*ways[module], found)
                    todo.append(found)
    return ways


def _room(name):
    """The room that a module is in, or what it imports; None: elsewhere."""
    package, *parts = name.split('.')
    if package != PACKAGE or not parts:
        return None
    return '.'.join(parts[: 2 if parts[0] == 'logic' else 1])


def _asked():
    """As :data:`MAY_ASK`, what is."""
    asked = collections.defaultdict(set)
    for module, names in IMPORTS.items():
        for room in map(_room, names):
            if room not in (None, _room(module)):
                asked[_room(module)].add(room)
    return dict(asked)


class ImportsTest(testtools.TestCase):
    def assert_only(self, allowed, rooms, refused):
        """Nothing but the allowed rooms imports what is refused."""
        self.assertEqual(
            [],
            [
                f'{module} imports {name}'
                for module, names in sorted(IMPORTS.items())
                if (not rooms or _within(module, *rooms))
                and not (allowed and _within(module, *allowed))
                for name in sorted(names)
                if refused(name)
            ],
        )

    def test_modules_are_found(self):
        for name in ('logic.audit.params', 'client.nova', 'waiting', 'client'):
            self.assertIn(f'{PACKAGE}.{name}', IMPORTS)

    def test_logic_imports_only_itself_jsonschema_and_the_library(self):
        self.assert_only(
            (),
            ('logic',),
            lambda name: (
                not (
                    _of(name, 'jsonschema', f'{PACKAGE}.logic')
                    or name.split('.')[0] in sys.stdlib_module_names
                )
            ),
        )

    def test_logic_knows_no_clock_and_no_thread(self):
        # But that what all plans occupy is looked at by several threads.
        self.assert_only(
            ('logic.schedule.occupancy',),
            ('logic',),
            lambda name: _of(
                name,
                'asyncio',
                'concurrent',
                'datetime',
                'os',
                'queue',
                'random',
                'socket',
                'subprocess',
                'threading',
                'time',
                'urllib.request',
            ),
        )

    def test_clients_are_imported_at_the_border_only(self):
        self.assert_only(
            ('client', 'osc.watcher_errors'),
            (),
            lambda name: _of(
                name,
                'cinderclient',
                'glanceclient',
                'keystoneauth1',
                'keystoneclient',
                'novaclient',
                'openstack',
            ),
        )

    def test_the_commands_ask_logic_alone(self):
        self.assert_only(
            (),
            ('osc',),
            lambda name: (
                _of(name, PACKAGE)
                and not _of(name, f'{PACKAGE}.osc', f'{PACKAGE}.logic')
            ),
        )

    def test_the_libraries_of_commands_are_used_by_them_alone(self):
        self.assert_only(
            ('osc',),
            (),
            lambda name: _of(
                name, 'cliff', 'jinja2', 'osc_lib', 'rich', 'watcherclient'
            ),
        )

    def test_nothing_that_the_border_imports_knows_watcher(self):
        self.assertEqual(
            [],
            [
                ' imports '.join((*way, name))
                for module, way in sorted(_reached(*BORDER).items())
                for name in sorted(IMPORTS[module])
                if _of(name, 'watcher')
            ],
        )

    def test_the_border_can_be_imported_without_watcher(self):
        script = (
            'import importlib, sys\n'
            # Python imports nothing of a package that is None there.
            'sys.modules["watcher"] = None\n'
            'for name in sys.argv[1:]:\n'
            '    importlib.import_module(name)\n'
        )
        border = [name for name in IMPORTS if _within(name, *BORDER)]
        ended = subprocess.run(
            [sys.executable, '-c', script, *border],
            cwd=ROOT.parent,
            capture_output=True,
            text=True,
        )
        self.assertEqual(0, ended.returncode, ended.stderr)

    def test_rooms_ask_whom_they_may(self):
        self.assertEqual(MAY_ASK, _asked())

    def test_rooms_ask_each_other_one_way(self):
        # Raises CycleError otherwise.
        order = [*graphlib.TopologicalSorter(MAY_ASK).static_order()]
        self.assertEqual({*MAY_ASK}, {*order} & {*MAY_ASK})

    def test_time_is_told_in_few_places_only(self):
        self.assert_only(
            (
                'waiting',
                'client.server_observer',
                'client.volume_observer',
                'osc.clock',
                'osc.view',
                'workflow_engine.action_run',
                'workflow_engine.foreign_looks',
                'workflow_engine.plan_run',
            ),
            (),
            lambda name: _of(name, 'time', 'sched'),
        )

    def test_nobody_sleeps(self):
        self.assertEqual(
            [],
            [
                f'{name}:{node.lineno}'
                for name, tree in _modules()
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and node.attr == 'sleep'
            ],
        )

    def test_tests_are_no_part_of_the_plugin(self):
        self.assert_only(
            (), (), lambda name: _of(name, f'{PACKAGE}.tests', 'sandbox')
        )
