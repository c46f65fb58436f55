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

import collections
import json
import re
import types

import testtools

from zone_migration.logic.outcome import states
from zone_migration.logic.outcome import summary_text
from zone_migration.osc import report
from zone_migration.osc.page import page
from zone_migration.tests.unit.osc import ended_plans
from zone_migration.tests.unit.osc import fakes

LOCKED = 'the server is locked: unlock it, or set move_locked'
BY_USER = 'Action skipped by user. Reason: ask Ann'
THERE = 'the server is already on c2'
AGAIN = 'Action was skipped automatically: '
ENDED = '2026-11-28T03:14:20'
MOVED = 'migrated from compute1 to c2 in 5.0 s'
RUNS = 'copying to c2 (since 2026-11-28 03:14:00)'


def plan_of(state, *moves, hosts=()):
    """A plan in a state, with actions in the states and with the messages."""
    actions = [
        fakes.action(
            f'web-{number}',
            state=one,
            message=message,
            updated_at=ENDED,
            project_id=f'p{number % 2}',
        )
        for number, (one, message) in enumerate(moves)
    ] + [
        ended_plans.host(f'c{number}', 'disabled', state=one)
        for number, one in enumerate(hosts)
    ]
    return state, actions


SKIPPED = [
    ('SKIPPED', LOCKED),
    ('SKIPPED', BY_USER),
    ('SKIPPED', THERE),
    ('SKIPPED', 'the server is on c3, not on compute1'),
]
FAILED = ('FAILED', 'Action failed in execute: no route')

#: A plan in each of its lives, and one of a thousand.
PLANS = {
    'finished': plan_of(
        'FAILED',
        *SKIPPED,
        FAILED,
        FAILED,
        ('SUCCEEDED', MOVED),
        ('SKIPPED', AGAIN + THERE),
        ('SKIPPED', AGAIN + 'the server is on c3, not on compute1'),
        hosts=('SUCCEEDED', 'SUCCEEDED', 'FAILED', 'SKIPPED'),
    ),
    'cancelled': plan_of(
        'CANCELLED',
        ('SUCCEEDED', MOVED),
        ('CANCELLED', 'live migration cancelled (after 3.0 s)'),
        ('CANCELLED', 'not started: the plan was cancelled'),
        ('CANCELLED', ''),
        hosts=('SUCCEEDED',),
    ),
    'running': plan_of(
        'ONGOING',
        *SKIPPED,
        ('ONGOING', RUNS),
        ('PENDING', 'waits: 2 of 2 leave compute1'),
        ('SUCCEEDED', MOVED),
        hosts=('SUCCEEDED', 'ONGOING'),
    ),
    'recommended': plan_of(
        'RECOMMENDED', *SKIPPED, ('PENDING', ''), hosts=('PENDING',)
    ),
    'hosts alone': plan_of('SUCCEEDED', hosts=('SUCCEEDED', 'SKIPPED')),
    'nothing to move': plan_of('RECOMMENDED'),
    'of a thousand': ('FAILED', ended_plans.actions()),
}


class SumsTest(testtools.TestCase):
    """Figures that two places show are equal."""

    def run_report(self, name, *arguments):
        state, actions = PLANS[name]
        command = fakes.make(
            report.ReportPlan,
            fakes.FakeWatcher(fakes.plan(state=state, message=''), actions),
            types.SimpleNamespace(),
        )
        fakes.run(command, *arguments)
        return command.output.getvalue()

    def of_rows(self, name):
        """How often JSON's rows have each state, hosts apart."""
        rows = json.loads(self.run_report(name, '-f', 'json'))
        return collections.Counter(
            ('hosts: ' if row['Type'].endswith(' host') else '') + row['State']
            for row in rows
        )

    def of_table(self, name):
        """The sums below the table."""
        (line,) = re.findall(
            r"^Plan '.*': [A-Z]+(?: so far)?; (.*)\.$",
            self.run_report(name),
            re.M,
        )
        return self.numbers(line)

    def numbers(self, line):
        """The numbers of a line of sums, by what they count."""
        found = collections.Counter()
        for number, host, outcome in re.findall(
            r'(\d+) (hosts? )?([a-z ]+)', line
        ):
            outcome = outcome.replace('stay as they are', 'stays as it is')
            found[('hosts: ' if host else '') + outcome] += int(number)
        return found

    def page(self, name):
        state, actions = PLANS[name]
        return page.render(
            ended_plans.report(actions, state=state, message='')
        )

    def test_the_table_has_the_sums_of_the_rows(self):
        for name in PLANS:
            self.assertEqual(self.of_rows(name), self.of_table(name), name)

    def test_the_page_has_the_sums_of_the_rows(self):
        for name in PLANS:
            tiles = re.findall(
                r'data-outcome="(host )?([a-z ]+)"><b>(\d+)</b>',
                self.page(name),
            )
            found = collections.Counter(
                {
                    f'{"hosts: " if host else ""}{outcome}': int(number)
                    for host, outcome, number in tiles
                }
            )
            self.assertEqual(self.of_rows(name), found, name)

    def test_a_sum_on_the_page_leads_to_as_many_rows(self):
        for name in PLANS:
            rows = re.findall(
                r'<tr id="m\d+"( data-of="host ")?><td><span class="o [^"]+">'
                r'([a-z ]+)</span>',
                self.page(name),
            )
            found = collections.Counter(
                f'{"hosts: " if host else ""}{outcome}'
                for host, outcome in rows
            )
            self.assertEqual(self.of_rows(name), found, name)

    def test_projects_have_all_servers_and_volumes(self):
        for name in PLANS:
            rows = self.of_rows(name)
            heads = re.findall(
                r': (\d+) of (\d+) (moved|to be)', self.page(name)
            )
            self.assertEqual(
                sum(n for of, n in rows.items() if 'hosts' not in of),
                sum(int(total) for _, total, _ in heads),
                name,
            )
            outcome = (
                'not started' if PLANS[name][0] == 'RECOMMENDED' else 'moved'
            )
            self.assertEqual(
                rows[outcome], sum(int(moved) for moved, _, _ in heads), name
            )

    def test_lists_of_projects_are_as_long_as_their_headings_say(self):
        for name in PLANS:
            for number, lines in re.findall(
                r'^[A-Z][a-z ]+ \((\d+)\):\n((?:- .*\n)*)',
                self.page(name),
                re.M,
            ):
                self.assertEqual(int(number), lines.count('\n'), name)

    def test_the_engine_counts_alike(self):
        for name in ('finished', 'cancelled', 'of a thousand'):
            ended = [
                one
                for one in PLANS[name][1]
                if one.type != 'change_nova_service_state'
                and states.has_ended(one.state)
            ]
            found = collections.Counter(
                summary_text.outcome(one.state, one.message) for one in ended
            )
            rows = self.of_rows(name)
            self.assertEqual(rows['moved'], found['succeeded'], name)
            for outcome in ('already there', 'cannot move', 'left out'):
                self.assertEqual(rows[outcome], found[outcome], name)
            self.assertEqual(rows['skipped'], found['skipped'], name)
            self.assertEqual(rows['failed'], found['failed'], name)
            self.assertEqual(
                rows['cancelled'] + rows['not started'],
                found['cancelled'],
                name,
            )
