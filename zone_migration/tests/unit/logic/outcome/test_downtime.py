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

import testtools

from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import downtime
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import route
from zone_migration.logic.outcome import server_outcomes


def server(status='ACTIVE', host='c1', task_state=None, power_state=1):
    return resources.Server(
        's', 'web', status, host, task_state, power_state=power_state
    )


def record(status, source='c1', id_=7, type_='live-migration'):
    return resources.Migration(id_, 's', type_, status, source, 'c2')


class UnharmedTest(testtools.TestCase):
    def test_server_is_where_it_was_and_runs(self):
        for records in (
            [],
            *([record(s)] for s in ('failed', 'error', 'cancelled')),
            # Of its way to the host that it is on.
            [record('completed', 'c0')],
            [record('failed', id_=9), record('completed', id_=8)],
            [record('confirmed', type_='migration')],
        ):
            self.assertTrue(
                downtime.is_unharmed(server(), records, 'c1'), records
            )

    def test_server_is_not_as_it_was(self):
        for shown in (
            None,
            server('ERROR'),
            server('PAUSED', power_state=3),
            server('SHUTOFF', power_state=4),
            server(power_state=4),
            server(host='c2'),
            server(task_state='migrating'),
            server('MIGRATING', task_state='migrating'),
        ):
            self.assertFalse(
                downtime.is_unharmed(shown, [record('failed')], 'c1'), shown
            )

    def test_server_whose_record_says_that_it_has_moved_may_run_elsewhere(
        self,
    ):
        for status in ('completed', 'running', resources.POST_COPY):
            self.assertFalse(
                downtime.is_unharmed(server(), [record(status)], 'c1')
            )


class ToldTest(testtools.TestCase):
    def test_it_does_not_tell_that_the_server_is_where_it_was(self):
        for why in ('live migration failed', 'refused; it is ACTIVE'):
            self.assertEqual(
                f'migrated from c1 to c2 (down for 3 s; not live: {why})',
                downtime.told(
                    'migrated from c1 to c2',
                    3.0,
                    f'{why}; the server is ACTIVE on c1',
                ),
            )

    def test_route_is_read_from_it(self):
        told = downtime.told('migrated from c1 to c2', 3.0, 'refused by c2')
        message = action_text.ended(told, 20.0, 3.0, 'c1')
        self.assertEqual('down for 3 s', downtime.read(message))
        text = action_text.read(message)
        self.assertEqual(20.0, text.took)
        self.assertEqual(route.Route('c1', 'c2'), route.read(text.text))

    def test_where_it_goes_is_read_while_it_is_down(self):
        outcome = downtime.going_on(
            server_outcomes.cold_migration(
                server('RESIZE', task_state='resize_migrating'),
                record('migrating', type_='migration'),
            )
        )
        self.assertEqual('copying to c2, with downtime', outcome.text)
        self.assertEqual('c2', route.read(outcome.text).destination)

    def test_what_has_ended_is_not_told_to_go_on(self):
        ended = outcomes.done('moved to c2, to be confirmed')
        self.assertEqual(ended, downtime.going_on(ended))

    def test_reason_leaves_the_time_in_the_message(self):
        told = downtime.told('migrated from c1 to c2', 3.0, 'x' * 500)
        self.assertLess(len(told), messages.LIMIT - 60)

    def test_other_messages_tell_of_no_downtime(self):
        for message in ('', 'migrated from c1 to c2', 'destination is down'):
            self.assertEqual('', downtime.read(message))
