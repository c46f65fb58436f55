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

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from sandbox import layout


class TestPorts(unittest.TestCase):
    def test_ports_are_below_those_of_outgoing_connections(self):
        self.assertLess(max(layout.PORTS.values()), 32768 - 2000)

    def test_ports_differ(self):
        self.assertEqual(len(layout.PORTS), len(set(layout.PORTS.values())))

    def test_sandboxes_one_hundred_apart_share_no_port(self):
        first = set(layout.PORTS.values())
        self.assertEqual(set(), first & {port + 100 for port in first})

    def test_offset_moves_port_and_addresses(self):
        moved = layout.Layout('/s', layout.Options(port_offset=100))
        self.assertEqual(25100, moved.port('keystone'))
        self.assertEqual('http://127.0.0.1:28874', moved.url('nova-api'))
        self.assertEqual('http://127.0.0.1:25100/v3', moved.auth_url)


class TestState(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.state = pathlib.Path(directory.name)
        environment = mock.patch.dict(os.environ)
        environment.start()
        self.addCleanup(environment.stop)
        os.environ.pop('ZONE_MIGRATION_SANDBOX', None)
        os.environ.pop('ZONE_MIGRATION_SANDBOX_VENVS', None)

    def test_state_is_in_the_repository_by_default(self):
        self.assertEqual(layout.REPOSITORY / '.sandbox',
                         layout.Layout.load().state)

    def test_environment_names_the_state(self):
        os.environ['ZONE_MIGRATION_SANDBOX'] = '/from/environment'
        self.assertEqual(pathlib.Path('/from/environment'),
                         layout.Layout.load().state)

    def test_argument_beats_the_environment(self):
        os.environ['ZONE_MIGRATION_SANDBOX'] = '/from/environment'
        self.assertEqual(pathlib.Path('/given'),
                         layout.Layout.load('/given').state)

    def test_options_are_remembered(self):
        chosen = layout.Options(port_offset=300, computes=10,
                                live_per_host=4)
        layout.Layout(self.state, chosen).remember_options()
        self.assertEqual(chosen, layout.Layout.load(self.state).options)

    def test_options_have_defaults_before_the_first_up(self):
        self.assertEqual(layout.Options(),
                         layout.Layout.load(self.state).options)

    def test_computes_are_counted_from_one(self):
        self.assertEqual(
            ['compute1', 'compute2'],
            layout.Layout('/s', layout.Options(computes=2)).computes)

    def test_one_process_takes_it(self):
        # An interpreter that holds it until it may end.
        script = ('import sys; from sandbox import layout; '
                  'print(layout.Layout(sys.argv[1]).take(), flush=True); '
                  'sys.stdin.read()')
        with subprocess.Popen(
                [sys.executable, '-c', script, str(self.state)],
                cwd=layout.REPOSITORY, text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE) as other:
            self.assertEqual('True\n', other.stdout.readline())
            self.assertFalse(layout.Layout(self.state).take())
            other.stdin.close()
            other.wait()
        self.assertTrue(layout.Layout(self.state).take())
        self.assertFalse(layout.Layout(self.state).take())

    def test_environments_are_in_the_state_by_default(self):
        self.assertEqual(pathlib.Path('/s/venv/watcher'),
                         layout.Layout('/s').venv('watcher'))

    def test_environments_can_be_shared(self):
        os.environ['ZONE_MIGRATION_SANDBOX_VENVS'] = '/shared'
        self.assertEqual(pathlib.Path('/shared/watcher'),
                         layout.Layout('/s').venv('watcher'))
        chosen = layout.Options(venvs='/chosen')
        self.assertEqual(pathlib.Path('/chosen/watcher'),
                         layout.Layout('/s', chosen).venv('watcher'))

    def test_write_replaces_and_leaves_nothing_beside(self):
        path = self.state / 'new' / 'file.json'
        layout.write(path, json.dumps(1))
        layout.write(path, json.dumps(2))
        self.assertEqual('2', path.read_text())
        self.assertEqual([path], list(path.parent.iterdir()))
