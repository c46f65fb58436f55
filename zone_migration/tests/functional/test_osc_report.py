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

"""The report of a plan, as a table, for programs, and as a page."""

import csv
import html.parser
import io
import json
import pathlib
import tempfile

from zone_migration.tests.functional import base
from zone_migration.tests.functional import commands

#: Made to get out of the page.
ODD = '<script>alert(1)</script>'


class Tags(html.parser.HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.text = ''
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


class ReportTest(base.FunctionalTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.servers = cls.cloud.create_servers(
            [ODD, 'web-2', 'web-3'], host='compute1'
        )
        cls.cloud.behave('web-2', live_result='fail')
        cls.addClassCleanup(cls.cloud.forget_behaviour)
        cls.plan = base.plan_of(
            {
                'vm': {
                    id_: base.active('compute2')
                    for id_ in cls.servers.values()
                }
            },
            attempts=1,
        )
        cls.before = commands.run('report', cls.plan.uuid)
        cls.plan.run()

    def report(self, *arguments):
        """What it writes; it has to be a success."""
        ended = commands.run('report', self.plan.uuid, *arguments)
        self.assertEqual(0, ended.code, ended)
        return ended.stdout

    def test_before_the_start_all_is_to_come(self):
        self.assertEqual(0, self.before.code, self.before)
        self.assertIn('3 not started', self.before.stdout)
        self.assertNotIn('so far', self.before.stdout)

    def test_a_table_tells_what_failed_first_and_why(self):
        lines = self.report().splitlines()
        self.assertIn('| failed | web-2 ', lines[3])
        self.assertEqual(2, sum('| moved ' in line for line in lines))
        self.assertTrue(
            any(line.startswith('web-2: failed: ') for line in lines), lines
        )
        self.assertTrue(
            any('1 failed, 2 moved' in line for line in lines), lines
        )

    def test_the_newest_plan_is_meant(self):
        ended = commands.run('report', '-f', 'value', '-c', 'Name')
        self.assertEqual('web-2', ended.stdout.splitlines()[0], ended)

    def test_json_tells_from_where_to_where_and_when(self):
        rows = json.loads(self.report('-f', 'json', '--long'))
        moved = [row for row in rows if row['State'] == 'moved']
        self.assertEqual(
            {('compute1', 'compute2')},
            {(row['From'], row['To']) for row in moved},
        )
        self.assertEqual(
            set(self.servers.values()), {row['ID'] for row in rows}
        )
        for row in rows:
            self.assertEqual('admin', row['Project'])
            self.assertLess(0, row['Took'])
            self.assertRegex(row['Started'], r'^\d{4}-\d\d-\d\dT')
            self.assertLess(row['Started'], row['Ended'])

    def test_a_narrow_terminal_breaks_lines_between_words(self):
        terminal = commands.terminal('report', self.plan.uuid, columns=80)
        self.addCleanup(terminal.close)
        self.assertEqual(0, terminal.wait(), terminal.screen)
        self.assertIn(
            'mend it, then "openstack optimize zone retry ',
            ' '.join(terminal.screen.split()),
        )
        self.assertIn('| failed | web-2 ', terminal.screen)

    def test_csv_has_all_columns(self):
        rows = list(csv.DictReader(io.StringIO(self.report('-f', 'csv'))))
        self.assertEqual(3, len(rows))
        self.assertEqual('live migration', rows[0]['Type'])

    def test_a_page_shows_names_as_they_are(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / 'report.html'
            ended = commands.run('report', self.plan.uuid, '--html', str(path))
            self.assertEqual(0, ended.code, ended)
            self.assertIn(f'The page: {path.resolve()}', ended.stderr)
            page = Tags(path.read_text())
            again = commands.run('report', self.plan.uuid, '--html', str(path))
        self.assertEqual(1, page.tags.count('script'))
        self.assertIn(ODD, page.text)
        self.assertIn('Not moved, and why', page.text)
        self.assertEqual(1, again.code, again)
        self.assertIn('exists: name another file', again.stderr)

    def test_a_plan_that_is_not_there(self):
        ended = commands.run('report', 'no-such-plan')
        self.assertEqual(1, ended.code, ended)
        self.assertIn('neither an audit nor a plan', ended.stderr)
