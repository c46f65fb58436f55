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

from zone_migration.logic import resources
from zone_migration.logic.outcome import emptiness
from zone_migration.tests.unit.logic import builders


def record(source, dest, status='finished', server_id='9'):
    return resources.Migration(
        7, server_id, 'resize', status, source, dest, uuid='m'
    )


def on_c1(servers=(), migrations=()):
    return list(emptiness.on_host('c1', servers, migrations))


def evaluated(things, acts=None, left=(), unnamed=0):
    return emptiness.evaluate('c1', things, acts or {}, left, unnamed)


def told(state, message='', destination=''):
    """What is told of a server on c1 whose action has come to this."""
    things = on_c1([builders.server('1')])
    act = emptiness.Act(state, message, destination)
    return evaluated(things, {'1': act})


class HostTest(testtools.TestCase):
    def test_nothing_is_empty(self):
        found = evaluated(on_c1())
        self.assertEqual(
            ('found empty', True, 0),
            (found.text, found.is_as_planned, found.in_flight),
        )

    def test_what_came_since_is_named_with_its_status(self):
        found = evaluated(on_c1([builders.server('1', status='SUSPENDED')]))
        self.assertEqual(
            'not empty: 1 server: name of 1 (new, SUSPENDED)', found.text
        )
        self.assertFalse(found.is_as_planned)

    def test_what_is_about_to_leave_is_in_flight(self):
        servers = [builders.server('1', task_state='deleting')]
        self.assertEqual(1, evaluated(on_c1(servers)).in_flight)

    def test_what_stays_as_planned_is_not_waited_for(self):
        servers = [builders.server('1', task_state='deleting')]
        self.assertEqual(0, evaluated(on_c1(servers), left={'1'}).in_flight)

    def test_unconfirmed_migration_holds_its_source(self):
        found = evaluated(on_c1(migrations=[record('c1', 'c2')]))
        self.assertEqual(
            'not empty: 1 migration: 9 (new, resize to c2 finished)',
            found.text,
        )
        self.assertEqual(0, found.in_flight)

    def test_migration_of_another_host_holds_nothing(self):
        self.assertEqual([], on_c1(migrations=[record('c3', 'c2')]))

    def test_server_that_is_on_its_way_there_is_seen(self):
        (thing,) = on_c1(migrations=[record('c2', 'c1', 'running')])
        self.assertEqual('on its way from c2', thing.status)
        self.assertTrue(thing.is_in_flight)

    def test_server_that_shows_is_not_counted_twice(self):
        servers = [builders.server('9')]
        self.assertEqual(1, len(on_c1(servers, [record('c1', 'c2')])))


class WhyTest(testtools.TestCase):
    def test_what_the_plan_has_said_stays(self):
        for message in (
            'the server is locked: unlock it, or set move_locked',
            'the server is already on c1',
            'Action skipped by user. Reason: not tonight',
        ):
            self.assertTrue(told('SKIPPED', message).is_as_planned, message)

    def test_what_was_to_stay_elsewhere_was_not_said_to_be_here(self):
        act = emptiness.Act('SKIPPED', 'it is locked', source='c9')
        found = evaluated(on_c1([builders.server('1')]), {'1': act})
        self.assertIn('(skipped, ACTIVE)', found.text)
        self.assertFalse(found.is_as_planned)

    def test_what_keeps_room_on_two_hosts_is_said_of_both(self):
        act = emptiness.Act('SKIPPED', 'it waits: confirm it', source='c2')
        thing = emptiness.Thing('1', 'web', 'resize to c2 finished')
        for left, is_as_planned in (((), False), (('1',), True)):
            seen = evaluated([thing], {'1': act}, left)
            self.assertEqual(is_as_planned, seen.is_as_planned)

    def test_what_was_skipped_as_the_plan_ran_was_not_said(self):
        for message in (
            'depends on action 7, which is FAILED',
            'Action was skipped automatically: it has left',
        ):
            self.assertFalse(told('SKIPPED', message).is_as_planned, message)

    def test_what_was_there_already_and_is_here_came_back(self):
        message = (
            'Action was skipped automatically: the server is already on c2'
        )
        self.assertIn(
            '(came back, ACTIVE)', told('SKIPPED', message, 'c2').text
        )

    def test_what_has_failed_is_told_as_that(self):
        self.assertIn('(failed, ACTIVE)', told('FAILED', 'no route').text)

    def test_what_was_moved_and_is_there_came_back(self):
        found = told('SUCCEEDED', 'migrated from c1 to c2 in 1.0 s')
        self.assertIn('(came back, ACTIVE)', found.text)

    def test_what_the_plan_has_brought_is_as_planned(self):
        for message, destination in (
            ('migrated from c3 to c1 in 1.0 s', ''),
            ('', 'c1'),
        ):
            self.assertEqual(
                'found empty but for 1 server that stays as planned: '
                '1 brought by the plan',
                told('SUCCEEDED', message, destination).text,
            )

    def test_what_has_no_action_and_was_there_is_as_planned(self):
        things = on_c1([builders.server(id_) for id_ in '12'])
        found = evaluated(things, left={'1', '2'})
        self.assertEqual(
            'found empty but for 2 servers that stay as planned: 2 excluded '
            'or beyond max_items',
            found.text,
        )

    def test_as_many_as_there_were_make_nothing_new(self):
        things = on_c1([builders.server(id_) for id_ in '12'])
        self.assertTrue(evaluated(things, unnamed=2).is_as_planned)

    def test_more_than_there_were_are_not_planned(self):
        things = on_c1([builders.server(id_) for id_ in '12'])
        found = evaluated(things, unnamed=1)
        self.assertFalse(found.is_as_planned)
        self.assertIn('(new, or there before, ACTIVE)', found.text)

    def test_both_are_counted_where_one_is_not_planned(self):
        things = on_c1([builders.server(id_) for id_ in '12'])
        self.assertEqual(
            'not empty: 2 servers, 1 of them as planned: name of 2 (new, '
            'ACTIVE)',
            evaluated(things, left={'1'}).text,
        )

    def test_first_ones_are_named(self):
        servers = [
            builders.server(str(number), host='c1') for number in range(9)
        ]
        self.assertTrue(evaluated(on_c1(servers)).text.endswith('4 more'))


class PoolTest(testtools.TestCase):
    def test_volumes_of_one_type_are_told_apart(self):
        volumes = [
            builders.volume('1', type='gold'),
            builders.volume('2', type='silver'),
        ]
        things = list(emptiness.in_pool(volumes, 'silver'))
        self.assertEqual(
            'not empty: 2 volumes, 1 of them as planned: name of 2 (new, '
            'available)',
            evaluated(things).text,
        )
        self.assertEqual(
            'found empty but for 1 volume that stays as planned: 1 of another '
            'type',
            evaluated(things[:1]).text,
        )

    def test_copy_that_is_being_made_is_in_flight(self):
        volumes = [builders.volume('1', migration_status='target:7')]
        (thing,) = emptiness.in_pool(volumes)
        self.assertEqual('available, copy of 7', thing.status)
        self.assertTrue(thing.is_in_flight)


class LeftoversTest(testtools.TestCase):
    def test_what_is_there_or_unconfirmed_explains_an_allocation(self):
        things = on_c1([builders.server('1')])
        self.assertEqual(
            '',
            emptiness.leftovers({'1', 'm'}, things, [record('c1', 'c2')]),
        )

    def test_rest_is_counted(self):
        self.assertEqual(
            '; Placement has 2 allocations of nothing there',
            emptiness.leftovers({'1', '2'}, (), ()),
        )
