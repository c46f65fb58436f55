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

import datetime
import unittest

from testtools import content

from tools import results


def test(id_, status, began, ended, worker='worker-0', **details):
    """A test, as testtools' StreamToDict gives it; times in seconds."""
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    return {
        'id': id_, 'status': status, 'tags': {worker},
        'timestamps': [
            at + datetime.timedelta(seconds=s) if s is not None else None
            for s in (began, ended)],
        'details': {
            name: content.text_content(text)
            for name, text in details.items()},
    }


class ResultsTest(unittest.TestCase):
    def test_each_status_is_counted(self):
        found = results.results([
            test('m.A.t1', 'success', 0, 1),
            test('m.A.t2', 'xfail', 1, 2),
            test('m.A.t3', 'skip', 2, 3),
            test('m.A.t4', 'fail', 3, 4),
            test('m.A.t5', 'uxsuccess', 4, 5),
            test('m.A.t6', 'exists', None, None),
        ])
        self.assertEqual(
            (2, 2, 1), (found['passed'], found['failed'], found['skipped']))

    def test_one_that_never_ended_has_failed(self):
        found = results.results([test('m.A.t', 'inprogress', 0, None)])
        self.assertEqual(1, found['failed'])
        self.assertEqual({'m.A.t': ''}, found['failures'])

    def test_one_that_never_began_has_failed(self):
        found = results.results(
            [test('m.A.t1', 'success', 0, 1),
             test('setUpClass (m.B)', 'fail', 1, 2, traceback='broken')],
            listed=['m.A.t1', 'm.A.t2', 'm.B.t1', 'm.BC.t1'])
        self.assertEqual((1, 3), (found['passed'], found['failed']))
        self.assertEqual(
            {'setUpClass (m.B)': 'broken',
             'm.A.t2': 'never ran: its worker died',
             'm.BC.t1': 'never ran: its worker died'},
            found['failures'])

    def test_failure_of_a_subtest_says_which(self):
        found = results.results([test(
            'm.A.t', 'fail', 0, 1, **{'traceback (seed=3)': 'broken'})])
        self.assertEqual(
            'traceback (seed=3)\nbroken', found['failures']['m.A.t'])

    def test_failure_keeps_the_end_of_its_traceback(self):
        found = results.results([test(
            'm.A.t', 'fail', 0, 1, stdout='noise',
            traceback='\n'.join(f'line {n}' for n in range(99)))])
        self.assertEqual(
            'line 59', found['failures']['m.A.t'].splitlines()[0])
        self.assertEqual(
            'line 98', found['failures']['m.A.t'].splitlines()[-1])

    def test_time_before_the_first_test_of_a_class_is_its_own(self):
        found = results.results([
            test('p.tests.A.t1', 'success', 10, 11),
            test('p.tests.B.t1', 'success', 20, 21, worker='worker-1'),
            test('p.tests.A.t2', 'success', 13, 15),
            test('p.tests.C.t1', 'success', 22, 25),
        ])
        self.assertEqual(
            {'p.tests.A.t1': 1, 'p.tests.B.t1': 1, 'p.tests.A.t2': 2,
             'p.tests.C': 7, 'p.tests.C.t1': 3},
            found['seconds'])

    def test_time_between_two_runs_is_nobodys(self):
        found = results.results([
            test('a.tests.m.A.t', 'success', 10, 11),
            test('b.tests.m.A.t', 'success', 50, 51),
        ])
        self.assertEqual(
            {'a.tests.m.A.t': 1, 'b.tests.m.A.t': 1}, found['seconds'])
