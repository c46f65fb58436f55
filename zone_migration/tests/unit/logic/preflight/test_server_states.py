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

"""The table of states, walked with all that Nova has."""

import itertools
import re

import testtools

from zone_migration.logic import resources
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import evaluation
from zone_migration.logic.preflight import server_states
from zone_migration.tests import documents
from zone_migration.tests import nova_states
from zone_migration.tests.unit.logic.audit import clouds

START, ADOPT, REFUSE = (
    decisions.Kind.START,
    decisions.Kind.ADOPT,
    decisions.Kind.REFUSE,
)

#: What Nova is at work on that a plan sees through, by its task.
SEEN_THROUGH = {'migrating', 'shelving_offloading'}

#: The types of the actions, by what is done.
ACTIONS = {
    server_states.LIVE: 'live',
    server_states.COLD: 'cold',
    server_states.OFFLOADED: 'offload',
    server_states.CONFIRMED: 'confirm first',
}


def combinations():
    """Each server that Nova can show, with its vm_state."""
    for vm_state, task, power in itertools.product(
        nova_states.VM_STATES,
        [None, *nova_states.TASK_STATES],
        nova_states.POWER_STATES,
    ):
        status = nova_states.status(vm_state, task)
        yield clouds.server(
            's',
            None if vm_state == 'shelved_offloaded' else 'c1',
            status=status,
            vm_state=vm_state,
            task_state=task,
            power_state=power,
        )


def migration(server):
    """The newest migration of a server that is in the midst of one."""
    if server.task_state == 'migrating':
        return resources.Migration(
            1, 's', 'live-migration', 'running', 'c1', 'c2'
        )
    if server.status == 'RESIZE':
        return resources.Migration(1, 's', 'migration', 'migrating', 'c1', '')
    return resources.Migration(1, 's', 'resize', 'finished', 'c0', 'c1')


def result(server, hosts=('c0', 'c1', 'c2'), down=(), **more):
    """What the preflight says of the only server of a host to be emptied."""
    request = parsing.parse({'compute_nodes': clouds.nodes('c1'), **more})
    inventory = clouds.inventory(
        [server],
        hosts=[clouds.host(n, up=n not in down) for n in hosts],
        migrations={'s': (migration(server),)},
    )
    report = evaluation.evaluate(
        request, selection.select(request, inventory), inventory
    )
    return report.results[0] if report.results else None


def way(item):
    """What is done with a server."""
    if item.instead:
        return item.instead
    if item.confirm_first:
        return 'confirm first'
    return 'live' if item.status == 'active' else 'cold'


def rows(path):
    """The rows of a document's first list-table, without its header."""
    text = documents.texts()[path]
    table = text[text.index('.. list-table') :].split('\n\n')[1]
    return [
        [
            ' '.join(cell.split()).strip('`')
            for cell in re.split(r'^ {5}- ', row, flags=re.M)
        ]
        for row in re.split(r'^ {3}\* - ', table, flags=re.M)[2:]
    ]


class TableTest(testtools.TestCase):
    def test_nova_has_no_other_status(self):
        shown = {server.status for server in combinations()}
        self.assertEqual(
            shown | {resources.UNKNOWN}, set(server_states.STATES)
        )

    def test_each_state_is_done_as_the_table_says_or_refused(self):
        for server in combinations():
            found = result(server, confirm_resizes=True)
            state = server_states.of(server.status)
            if server.host is None:
                self.assertIsNone(found, server)
                self.assertFalse(state.holds)
                continue
            kind = found.decision.kind
            if kind is START:
                self.assertIsNone(server.task_state, server)
                self.assertEqual(ACTIONS[state.done], way(found.item), server)
            elif kind is ADOPT:
                self.assertTrue(
                    server.task_state in SEEN_THROUGH
                    or server.status == 'RESIZE',
                    server,
                )
            else:
                self.assertIs(REFUSE, kind, server)
                cause, colon, remedy = found.decision.text.rpartition(': ')
                self.assertTrue(cause and remedy, found.decision.text)

    def test_each_that_is_done_is_done_when_nothing_else_keeps_it(self):
        done = {
            server.status
            for server in combinations()
            if server.host
            and result(server, confirm_resizes=True).decision.kind is START
        }
        self.assertEqual(
            {
                s
                for s, state in server_states.STATES.items()
                if state.done in ACTIONS
            },
            done,
        )

    def test_unconfirmed_resize_is_refused_unless_it_is_allowed(self):
        server = clouds.server('s', 'c1', status='VERIFY_RESIZE')
        decision = result(server).decision
        self.assertIs(REFUSE, decision.kind)
        self.assertIn('or set confirm_resizes', decision.text)
        for allowed in (['s'], ['*'], True):
            self.assertIs(
                START, result(server, confirm_resizes=allowed).decision.kind
            )

    def test_what_cannot_leave_a_host_that_is_down_has_its_remedy(self):
        for status, state in server_states.STATES.items():
            if state.is_busy or status in ('UNKNOWN', 'SHELVED_OFFLOADED'):
                continue
            server = clouds.server('s', 'c1', status=status)
            decision = result(server, down=('c1',)).decision
            self.assertIs(REFUSE, decision.kind, status)
            self.assertEqual(
                'nova-compute on c1 is down, nothing can leave it: '
                + state.remedy_if_down,
                decision.text,
            )

    def test_resize_whose_old_host_is_down_cannot_be_confirmed(self):
        server = clouds.server('s', 'c1', status='VERIFY_RESIZE')
        decision = result(server, down=('c0',), confirm_resizes=True).decision
        self.assertEqual(
            'resize 1 cannot be confirmed: nova-compute on c0, which the '
            'server has left, is down: bring it up',
            decision.text,
        )

    def test_table_is_that_of_the_documentation(self):
        self.assertEqual(
            {
                status: [
                    'yes' if state.holds else 'no',
                    state.done,
                    state.remedy,
                ]
                for status, state in server_states.STATES.items()
            },
            {
                cells[0]: cells[1:]
                for cells in rows('doc/source/reference/server_states.rst')
            },
        )
