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
import pathlib
import tempfile
import unittest

from sandbox import layout as layouts
from sandbox.drivers import behaviour


class TestParse(unittest.TestCase):
    def test_texts_become_values(self):
        self.assertEqual(
            ({'live_seconds': 2.5, 'live_result': 'hang'}, []),
            behaviour.parse({'live_seconds': '2.5', 'live_result': 'hang'}))

    def test_numbers_are_taken_as_they_are(self):
        self.assertEqual(({'copy_seconds': 3.0}, []),
                         behaviour.parse({'copy_seconds': 3}))

    def test_no_value_means_forget(self):
        self.assertEqual(({'copy_seconds': None, 'copy_result': None}, []),
                         behaviour.parse({'copy_seconds': '',
                                          'copy_result': None}))

    def test_all_faults_are_told(self):
        values, faults = behaviour.parse({
            'live_secs': '1', 'live_seconds': '-1', 'cold_seconds': 'nan',
            'swap_seconds': 'inf', 'copy_seconds': 'x',
            'swap_result': 'okay'})
        self.assertEqual({}, values)
        self.assertEqual(6, len(faults))
        self.assertIn('swap_result=okay: must be one of ok, fail, hang',
                      faults)

    def test_defaults_are_valid(self):
        defaults = {name: setting.default
                    for name, setting in behaviour.SETTINGS.items()}
        self.assertEqual((defaults, []), behaviour.parse(defaults))

    def test_operations_that_take_time_have_a_result(self):
        for operation in ('spawn', 'cold', 'swap', 'create', 'copy',
                          'delete'):
            self.assertIn(f'{operation}_seconds', behaviour.SETTINGS)
            self.assertIn(behaviour.HANG, behaviour.SETTINGS[
                f'{operation}_result'].choices)


class TestTable(unittest.TestCase):
    def test_change_adds_and_replaces(self):
        table = {'web': {'live_seconds': 1.0}}
        self.assertEqual(
            {'web': {'live_seconds': 2.0, 'live_result': 'fail'}},
            behaviour.change(table, 'web', {'live_seconds': 2.0,
                                            'live_result': 'fail'}))
        self.assertEqual({'web': {'live_seconds': 1.0}}, table)

    def test_change_forgets(self):
        self.assertEqual({}, behaviour.change(
            {'web': {'live_seconds': 1.0}}, 'web', {'live_seconds': None}))

    def test_most_particular_wins(self):
        table = {'id': {'live_seconds': 3.0}, '*': {'live_seconds': 1.0},
                 'web': {'live_seconds': 2.0}}
        for names, seconds in ((('*', 'web', 'id'), 3.0),
                              (('*', 'web', 'other'), 2.0),
                              (('*', 'db', 'other'), 1.0)):
            self.assertEqual(seconds, behaviour.look_up(
                table, names, 'live_seconds'))

    def test_default_when_nothing_was_said(self):
        self.assertEqual('ok', behaviour.look_up({}, ('*',), 'live_result'))


class TestBehaviour(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / 'behaviour.json'
        self.slept = []

    def say(self, table):
        layouts.write(self.path, json.dumps(table))

    def behaviour(self, *names, sleep=None):
        return behaviour.Behaviour(*names, path=self.path,
                                   sleep=sleep or self.slept.append)

    def test_without_a_file_all_is_as_by_default(self):
        self.assertEqual('ok', self.behaviour('web').take_time('cold'))
        self.assertEqual([1.0], self.slept)

    def test_is_read_each_time(self):
        told = self.behaviour('web')
        self.say({'web': {'cold_result': 'fail'}})
        self.assertEqual('fail', told['cold_result'])
        self.say({})
        self.assertEqual('ok', told['cold_result'])

    def test_volume_without_a_name(self):
        self.say({'*': {'copy_result': 'fail'}})
        self.assertEqual('fail', self.behaviour(
            'b1', None, 'id')['copy_result'])

    def test_hangs_until_told_otherwise(self):
        self.say({'web': {'cold_result': 'hang'}})

        def sleep(seconds):
            self.slept.append(seconds)
            if len(self.slept) == 5:
                self.say({'web': {'cold_result': 'fail'}})

        told = self.behaviour('web', sleep=sleep)
        self.assertEqual('fail', told.take_time('cold'))
        self.assertEqual(5, len(self.slept))
