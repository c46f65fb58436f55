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

from zone_migration import exception
from zone_migration.actions import verify_empty
from zone_migration.client import exception as client_exception
from zone_migration.logic import resources
from zone_migration.logic.outcome import emptiness
from zone_migration.tests.unit.actions import fakes


class VerifyEmptyTestCase(fakes.ActionTestCase):
    ACTION = verify_empty.VerifyEmptyAction
    PARAMETERS = {'resource_id': 'c1', 'place': 'host'}

    def setUp(self):
        super().setUp()
        self.acts = {}
        self.allocations = frozenset()
        for service, name, give in (
            (self.nova, 'servers_on', self.servers_on),
            (self.nova, 'unfinished', self.unfinished),
            (self.nova, 'host', self.nova.compute_hosts.get),
            (self.nova, 'provider_of', lambda host: f'of {host}'),
            (self.cinder, 'volumes_in', self.volumes_in),
            (self.cloud, 'placement', self),
        ):
            setattr(service, name, give)

    def servers_on(self, host):
        self.nova.reach()
        server = self.nova.seen()[0]
        return [server] if server is not None and server.host == host else []

    def unfinished(self):
        return self.nova.seen()[1]

    def volumes_in(self, pool):
        volume = self.cinder.seen()
        return [volume] if volume.host == pool else []

    def consumers(self, provider):
        if isinstance(self.allocations, Exception):
            raise self.allocations
        return self.allocations

    def make(self, **parameters):
        action = super().make(**parameters)
        action.acts = lambda: self.acts
        self.told = []
        action.report = self.told.append
        return action


class VerifyEmptyTest(VerifyEmptyTestCase):
    def test_host_without_anything_is_empty(self):
        self.nova.show((0, (None, [])))
        self.run_action()
        self.assertEqual('found empty', self.told[-1])

    def test_what_is_there_is_told(self):
        self.assert_fails(
            exception.NotEmpty,
            'not empty: 1 server: web (new, ACTIVE)',
            self.make().execute,
        )
        self.assertEqual(0, self.time.now)

    def test_what_the_plan_leaves_is_no_failure(self):
        self.run_action(left=f'x {fakes.SERVER_ID}')
        self.assertIn('found empty but for 1 server', self.told[-1])

    def test_what_became_of_an_action_counts(self):
        self.acts[fakes.SERVER_ID] = emptiness.Act('FAILED', 'no route')
        error = self.assertRaises(exception.NotEmpty, self.make().execute)
        self.assertIn('(failed, ACTIVE)', str(error))

    def test_what_is_about_to_leave_is_waited_for(self):
        self.nova.show(
            (0, (fakes.server(task_state='deleting'), [])), (7, (None, []))
        )
        self.run_action()
        self.assertEqual(7, self.time.now)

    def test_what_never_leaves_is_waited_for_like_a_move(self):
        self.nova.show((0, (fakes.server(task_state='deleting'), [])))
        self.assertRaises(exception.NotEmpty, self.make().execute)
        self.assertEqual(10, self.time.now)

    def test_host_that_nova_does_not_show_cannot_be_seen(self):
        # That of a cell that is down, which shows no server either.
        self.nova.show((0, (None, [])))
        del self.nova.compute_hosts['c1']
        error = self.assertRaises(exception.MoveFailed, self.make().execute)
        self.assertIn('Nova shows no compute host c1', str(error))

    def test_server_that_arrives_between_two_readings_is_seen(self):
        arrived = []

        def servers_on(host):
            found = [fakes.server(host='c1')] if arrived else []
            arrived.append(True)
            return found

        def unfinished():
            on_its_way = resources.Migration(
                7, fakes.SERVER_ID, 'live-migration', 'running', 'c0', 'c1'
            )
            found = [] if arrived else [on_its_way]
            arrived.append(True)
            return found

        self.nova.servers_on, self.nova.unfinished = servers_on, unfinished
        error = self.assertRaises(exception.NotEmpty, self.make().execute)
        self.assertIn('web (new, ACTIVE)', str(error))

    def test_abort_ends_the_waiting(self):
        self.nova.show((0, (fakes.server(task_state='deleting'), [])))
        action = self.make()
        self.abort_at(action, 5)
        self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertEqual(5, self.time.now)

    def test_nova_that_is_away_is_another_try_worth(self):
        self.nova.away = (0, 100)
        self.assertRaises(exception.ServiceUnavailable, self.make().execute)

    def test_engine_that_does_not_run_it_as_the_last_has_it_skipped(self):
        action = self.make()
        action.acts = None
        error = self.assertRaises(
            exception.NotTheLast, action.pre_condition
        )
        self.assertIn('only the engine "parallel"', str(error))

    def test_nothing_is_taken_back(self):
        self.nova.show((0, (None, [])))
        action = self.run_action()
        action.revert()
        self.assertEqual([], self.nova.requests)

    def test_allocations_of_nothing_there_are_told(self):
        self.nova.show((0, (None, [])))
        self.allocations = frozenset({'x'})
        self.run_action()
        self.assertEqual(
            'found empty; Placement has 1 allocation of nothing there',
            self.told[-1],
        )

    def test_what_nova_takes_away_in_a_moment_is_not_told(self):
        self.nova.show((0, (None, [])))
        held = [frozenset({'x'}), frozenset({'x'}), frozenset()]
        self.consumers = lambda provider: held.pop(0)
        self.run_action()
        self.assertEqual(['found empty'], self.told[-1:])
        self.assertEqual([], held)

    def test_placement_that_does_not_tell_fails_nothing(self):
        self.nova.show((0, (None, [])))
        self.allocations = client_exception.CloudUnavailable(
            service='Placement', reason='HTTP 503'
        )
        self.run_action()
        self.assertIn('could not be read', self.told[-1])


class PoolTest(VerifyEmptyTestCase):
    PARAMETERS = {'resource_id': 'h@a#a', 'place': 'pool'}

    def test_pool_that_has_a_volume_is_not_empty(self):
        self.assert_fails(
            exception.NotEmpty,
            'not empty: 1 volume: data (new, available)',
            self.make().execute,
        )

    def test_volume_of_another_type_does_not_matter(self):
        self.run_action(src_type='silver')
        self.assertEqual(
            'found empty but for 1 volume that stays as planned: 1 of another '
            'type',
            self.told[-1],
        )

    def test_data_of_a_volume_get_their_time_to_be_deleted(self):
        deleting = fakes.volume('deleting', size_gb=1)
        self.cinder.show((0, deleting), (50, fakes.volume(host='h@b#b')))
        self.options('zone_migration', slowest_copy=10.0)
        self.run_action()
        self.assertEqual(50, self.time.now)
