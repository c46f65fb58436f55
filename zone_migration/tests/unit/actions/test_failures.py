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

"""What kind of failure an action tells the engine."""

from zone_migration import exception
from zone_migration.actions import cold_migration
from zone_migration.actions import live_migration
from zone_migration.actions import volume_migration
from zone_migration.actions import volume_update
from zone_migration.client import exception as client_exception
from zone_migration.logic import resources
from zone_migration.logic.outcome import failures
from zone_migration.tests.unit.actions import fakes

server = fakes.server
record = fakes.record


def refused(status=409):
    return client_exception.RequestRefused(
        service='Nova', status=status, reason='no'
    )


class FailureTest(fakes.ActionTestCase):
    #: What is asked for.
    REQUEST = ''

    def failure(self, **parameters):
        """The kind of the failure of an action."""
        action = self.make(**parameters)
        action.pre_condition()
        error = self.assertRaises(exception.MoveError, action.execute)
        return error.failure

    def shows(self, *shown):
        self.service.after[self.REQUEST] = tuple((0, one) for one in shown)


class LiveTest(FailureTest):
    ACTION = live_migration.LiveMigrationAction
    PARAMETERS = {'resource_id': fakes.SERVER_ID, 'source': 'c1'}
    REQUEST = 'live_migrate'

    def setUp(self):
        super().setUp()
        self.service = self.nova
        self.shows((server(), [record('failed')]))

    def test_rolled_back_copy(self):
        self.assertIs(failures.ENDED, self.failure())

    def test_no_host(self):
        self.nova.error = 'No valid host was found.'
        self.shows((server(), [record('error', None)]))
        self.assertIs(failures.NO_HOST, self.failure())

    def test_server_in_error(self):
        self.shows((server('ERROR'), [record('error')]))
        self.assertIs(failures.HARMED, self.failure())

    def test_server_in_error_for_which_nova_found_no_host(self):
        self.nova.error = 'No valid host was found.'
        self.shows((server('ERROR'), [record('error', None)]))
        self.assertIs(failures.HARMED, self.failure())

    def test_destination_with_another_cpu(self):
        self.nova.error = 'Unacceptable CPU info: no such feature'
        self.assertIs(failures.UNFIT, self.failure(dst_hostname='c2'))
        self.nova.show((0, (server(), [])))
        self.assertIs(failures.ENDED, self.failure())

    def test_refused(self):
        self.nova.refuse['live_migrate'] = [refused()]
        self.assertIsNone(self.failure())

    def test_cancelled_by_others(self):
        self.shows((server(), [record('cancelled')]))
        self.assertIs(failures.BY_OTHERS, self.failure())

    def test_stalled_and_aborted(self):
        self.shows((
            server('MIGRATING', task_state='migrating'), [record('running')]))
        self.nova.after['abort'] = ((0, (server(), [record('cancelled')])),)
        self.assertIs(failures.STALLED, self.failure())

    def test_stalled_and_left(self):
        self.options('zone_migration', on_no_progress='leave')
        self.shows((
            server('MIGRATING', task_state='migrating'), [record('running')]))
        self.assertIs(failures.IN_FLIGHT, self.failure())

    def test_lost_request(self):
        self.options('zone_migration', request_retries=0)
        self.shows((server(), []))
        self.nova.lose = {'live_migrate'}
        self.assertIs(failures.LOST, self.failure())

    def test_server_that_is_not_seen_afterwards(self):
        looks = self.nova.migrations_of

        def look(server_id):
            if self.nova.requests:
                raise client_exception.CloudUnavailable(
                    service='Nova', reason='away')
            return looks(server_id)

        self.nova.migrations_of = look
        self.assertIs(failures.UNSEEN, self.failure())

    def test_migration_that_was_under_way_is_an_attempt(self):
        self.nova.show(
            (0, (server('MIGRATING', task_state='migrating'),
                 [record('running')])),
            (3, (server(), [record('failed')])))
        self.assertIs(failures.ENDED, self.failure())


class ColdTest(FailureTest):
    ACTION = cold_migration.ColdMigrationAction
    PARAMETERS = {'resource_id': fakes.SERVER_ID, 'source': 'c1'}
    REQUEST = 'migrate'

    def setUp(self):
        super().setUp()
        self.service = self.nova
        self.nova.show((0, (server('SHUTOFF', power_state=4), [])))

    def failed(self, status):
        self.shows((server(status, power_state=4), [
            record('error', kind='migration')]))

    def test_rolled_back(self):
        self.failed('SHUTOFF')
        self.assertIs(failures.ENDED, self.failure())

    def test_server_that_runs_afterwards(self):
        self.failed('ACTIVE')
        self.assertIs(failures.HARMED, self.failure())


class VolumeTest(FailureTest):
    ACTION = volume_migration.VolumeMigrationAction
    PARAMETERS = {
        'resource_id': fakes.VOLUME_ID, 'source': 'h@a#a',
        'dst_hostname': 'h@b#b'}
    REQUEST = 'migrate'

    def setUp(self):
        super().setUp()
        self.service = self.cinder

    def test_unharmed(self):
        self.shows(fakes.volume(migration_status='error'))
        self.assertIs(failures.VOLUME, self.failure())

    def test_in_error(self):
        self.shows(fakes.volume('error'))
        self.assertIs(failures.HARMED, self.failure())

    def test_copy_that_goes_on(self):
        self.shows(fakes.volume('maintenance', migration_status='migrating'))
        self.assertIs(failures.IN_FLIGHT, self.failure())

    def test_deleted(self):
        self.shows(None)
        self.assertIs(failures.GONE, self.failure())


class AnotherPoolTest(FailureTest):
    """A volume whose pool the action chooses."""

    ACTION = volume_update.VolumeUpdateAction
    PARAMETERS = {
        'resource_id': fakes.VOLUME_ID, 'source': 'h@a#a',
        'server_id': fakes.SERVER_ID, 'status': 'in-use'}

    def pool_after(self, *failed_at, **parameters):
        """The pool that an attempt goes to after others."""
        self.cinder.show((0, fakes.volume(
            'in-use', server_ids=(fakes.SERVER_ID,))))
        self.cinder.storage_pools = [
            resources.Pool(name, free, frozenset({'gold'}))
            for name, free in (
                ('h@a#a', 900.0), ('h@b#b', 100.0), ('h@c#c', 50.0))]
        action = self.make(**parameters)
        action.failed_at = failed_at
        action.pre_condition()
        return action._decision.pool

    def test_first_goes_to_the_roomiest(self):
        self.assertEqual('h@b#b', self.pool_after())

    def test_next_goes_to_another(self):
        self.assertEqual('h@c#c', self.pool_after('h@b#b'))

    def test_next_goes_to_another_where_the_name_was_cut(self):
        self.assertEqual('h@c#c', self.pool_after('h@b...'))

    def test_there_is_no_other(self):
        self.assertEqual('h@b#b', self.pool_after('h@b#b', 'h@c#c'))

    def test_named_pool_is_kept(self):
        self.assertEqual(
            'h@b#b', self.pool_after('h@b#b', dst_hostname='h@b#b'))
