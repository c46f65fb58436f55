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

"""The host that a second attempt names, by a real preflight."""

from unittest import mock

from zone_migration import exception
from zone_migration import inventory
from zone_migration.actions import another_host
from zone_migration.actions import live_migration
from zone_migration.client import exception as client_exception
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.tests.unit import base
from zone_migration.tests.unit.actions import fakes

ROOM = cloud_inventory.HostCapacity(vcpus=8, memory_mb=8192, disk_gb=100)
LESS = cloud_inventory.HostCapacity(vcpus=8, memory_mb=4096, disk_gb=100)
NONE = cloud_inventory.HostCapacity(vcpus=8, memory_mb=10, disk_gb=100)


def host(name, enabled=True, up=True):
    return resources.ComputeHost(name, enabled, up)


class FitTest(base.TestCase):
    """c1 is left, c2 has failed, c4 to c6 can take nothing."""

    def setUp(self):
        super().setUp()
        self.hosts = {one.name: one for one in (
            host('c1'), host('c2'), host('c3'), host('c4', enabled=False),
            host('c5', up=False), host('c6'), host('c7'))}
        self.capacities = {
            'c2': ROOM, 'c3': LESS, 'c4': ROOM, 'c5': ROOM, 'c6': NONE,
            'c7': ROOM}
        self.server = fakes.server(memory_mb=512, vcpus=1, locked=True)
        self.aggregates = {}
        self.cloud = mock.Mock()
        self.cloud.nova.hosts.side_effect = lambda: self.hosts
        for name, stand_in in (
            ('collect', lambda cloud, request: cloud_inventory.Inventory(
                {fakes.SERVER_ID: self.server}, {}, self.hosts, {}, {}, {})),
            ('examine', self.examine),
        ):
            patch = mock.patch.object(inventory, name, stand_in)
            patch.start()
            self.addCleanup(patch.stop)

    def examine(self, cloud, found, selected, filters):
        (item,) = selected.servers
        return cloud_inventory.Inventory(
            found.servers, {}, self.hosts, {}, {}, self.aggregates,
            nova_version=(2, 104),
            capacities={
                name: self.capacities[name] for name in item.destinations})

    def fit(self, *avoided, status='active', may_unpin=False):
        return [*another_host.fit(
            self.cloud, fakes.SERVER_ID, status, {'c1', *avoided}, may_unpin,
            ())]

    def test_roomiest_that_is_fit_and_not_avoided(self):
        self.assertEqual(['c3'], self.fit('c2', 'c7'))
        self.assertEqual(['c7', 'c3'], self.fit('c2'))

    def test_host_whose_name_was_cut_is_avoided(self):
        self.capacities['c3.rack.example.net'] = ROOM
        self.hosts['c3.rack.example.net'] = host('c3.rack.example.net')
        self.assertEqual(['c3'], self.fit('c2', 'c7', 'c3.rack....'))

    def test_none_that_is_fit(self):
        self.assertEqual([], self.fit('c2', 'c3', 'c7'))
        self.assertEqual([], self.fit('c2', 'c3', 'c6', 'c7'))

    def test_zone_binds_a_server_that_may_not_be_unpinned(self):
        self.server = fakes.server(memory_mb=512, vcpus=1, pinned_zone='z1')
        self.aggregates = {'a': resources.Aggregate(
            'a', frozenset(['c1']), {'availability_zone': 'z1'})}
        self.assertEqual([], self.fit('c2'))
        self.assertEqual(['c7', 'c3'], self.fit('c2', may_unpin=True))

    def test_server_that_cannot_move_any_more(self):
        self.server = fakes.server('ERROR')
        self.assertEqual([], self.fit('c2'))

    def test_cloud_that_does_not_tell_lets_nova_choose(self):
        self.cloud.nova.hosts.side_effect = (
            client_exception.CloudUnavailable(service='Nova', reason='away'))
        self.assertEqual([], self.fit('c2'))


class ElsewhereTest(fakes.ActionTestCase):
    """An attempt after one that has failed at c2."""

    ACTION = live_migration.LiveMigrationAction
    PARAMETERS = {'resource_id': fakes.SERVER_ID, 'source': 'c1'}

    def setUp(self):
        super().setUp()
        self.nova.after['live_migrate'] = ((0, (
            fakes.server(host='c3'), [fakes.record('completed', 'c3')])),)
        patch = mock.patch.object(
            another_host, 'fit', autospec=True, return_value=['c3'])
        self.fit = patch.start()
        self.addCleanup(patch.stop)

    def run_again(
        self, failed_at=('c2',), plan_is_cancelled=lambda: False,
        claim=lambda host: True, **parameters
    ):
        action = self.make(**parameters)
        action.claim_destination = claim
        action.plan_is_cancelled = plan_is_cancelled
        action.failed_at = failed_at
        action.left_hosts = lambda: {'c1', 'c4'}
        self.told = []
        action.on_destination = self.told.append
        action.pre_condition()
        action.execute()

    def test_names_a_host_and_tells_the_engine(self):
        self.run_again()
        self.assertEqual(
            [('live_migrate', 'c3', False)], self.nova.requests)
        self.assertEqual(['c3'], self.told)
        self.assertEqual(
            ('active', {'c1', 'c2', 'c4'}), self.fit.call_args.args[2:4])

    def meanwhile(self, happen):
        """Let something happen while a host is looked for."""
        def fit(*arguments):
            happen()
            return ['c3']

        self.fit.side_effect = fit

    def test_server_that_has_left_meanwhile_is_not_moved_on(self):
        self.meanwhile(lambda: self.nova.show((0, (
            fakes.server(host='c5'), [fakes.record('completed', 'c5')]))))
        error = self.assertRaises(exception.MoveRefused, self.run_again)
        self.assertIn('it is on c5', str(error))
        self.assertEqual([], self.nova.requests)

    def test_nothing_is_started_once_the_plan_is_cancelled(self):
        cancelled = []
        self.meanwhile(lambda: cancelled.append(True))
        self.assertRaises(
            exception.MoveCancelled, self.run_again,
            plan_is_cancelled=lambda: bool(cancelled))
        self.assertEqual([], self.nova.requests)

    def test_host_that_is_full_is_left_to_the_others(self):
        self.fit.return_value = ['c5', 'c3', 'c6']
        self.run_again(claim=lambda host: host != 'c5')
        self.assertEqual(['c3'], self.told)

    def test_roomiest_is_taken_where_all_are_full(self):
        self.fit.return_value = ['c3', 'c5']
        self.run_again(claim=lambda host: False)
        self.assertEqual(['c3'], self.told)

    def test_nova_chooses_where_none_is_fit(self):
        self.fit.return_value = []
        self.run_again()
        self.assertEqual(
            [('live_migrate', None, False)], self.nova.requests)

    def test_nova_chooses_where_none_has_failed(self):
        self.run_again(failed_at=())
        self.assertEqual(
            [('live_migrate', None, False)], self.nova.requests)
        self.fit.assert_not_called()

    def test_named_destination_is_kept(self):
        self.run_again(dst_hostname='c3')
        self.fit.assert_not_called()
