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

import datetime
from unittest import mock
import uuid

from keystoneauth1 import identity
from keystoneauth1 import session

from benchmarks import audit
from benchmarks import generated_cloud
from benchmarks import services
from zone_migration import client
from zone_migration import conf
from zone_migration import strategy
from zone_migration.tests.unit import base


class Clients:
    """What Watcher gives to strategies, as far as they use it."""

    def __init__(self, served):
        self.session = session.Session(
            identity.V3Password(
                served.auth_url,
                username='watcher',
                password='secret',  # noqa: S106 (of services that check none)
                user_domain_name='Default',
                project_name='service',
                project_domain_name='Default',
            )
        )


class ServicesTest(base.TestCase):
    def serve(self, servers, volumes, few=0):
        serving = services.serving(
            generated_cloud.Cloud(servers, volumes, few)
        )
        served = serving.__enter__()
        self.addCleanup(serving.__exit__, None, None, None)
        self.clients = Clients(served)
        self.cloud = client.cloud_of(self.clients, conf.CONF)
        return served

    def pages(self, served, listing):
        return sum(
            count
            for path, count in served.counts().pages.items()
            if path.partition('?')[0].endswith(listing)
        )

    def execute(self, name):
        """The actions of the solution of one of the benchmark's audits."""
        made = strategy.ParallelMigrationStrategy(
            mock.Mock(), osc=self.clients
        )
        made.input_parameters = (audit.AUDITS | audit.AUDITS_OF_PARTS)[name]
        made.do_execute()
        return made.solution.actions

    def ids(self, actions):
        return [a['input_parameters'].get('resource_id') for a in actions]

    def test_all_servers_are_listed_page_by_page(self):
        served = self.serve(1001, 0)
        self.assertEqual(1001, len(self.cloud.nova.servers()))
        # The last one is empty.
        self.assertEqual(3, self.pages(served, '/servers/detail'))

    def test_all_volumes_are_listed_page_by_page(self):
        served = self.serve(1001, 1001)
        self.assertEqual(1001, len(self.cloud.cinder.volumes()))
        self.assertEqual(2, self.pages(served, '/volumes/detail'))

    def test_snapshots_are_counted_over_all_pages(self):
        served = self.serve(0, 20_001)
        counts = self.cloud.cinder.snapshot_counts()
        self.assertEqual(1001, len(counts))
        self.assertEqual(2, self.pages(served, '/snapshots'))

    def test_all_ports_are_listed_page_by_page(self):
        served = self.serve(1000, 0)
        kinds = self.cloud.neutron.vnic_types()
        self.assertEqual(
            {frozenset({'accelerator-direct'})}, set(kinds.values())
        )
        self.assertEqual(10, len(kinds))
        self.assertEqual(2, self.pages(served, '/ports'))

    def test_all_groups_and_their_members_are_listed(self):
        self.serve(1000, 0)
        groups = self.cloud.nova.groups()
        self.assertEqual([5, 5, 5, 5], [len(g.server_ids) for g in groups])

    def test_one_of_each_kind_is_found_by_its_id(self):
        self.serve(4, 4)
        (listed, *_) = self.cloud.nova.servers().values()
        self.assertEqual(listed, self.cloud.nova.server(listed.id))
        (listed, *_) = self.cloud.cinder.volumes().values()
        self.assertEqual(listed, self.cloud.cinder.volume(listed.id))

    def test_what_is_not_there_is_not_found(self):
        self.serve(4, 4)
        self.assertIsNone(self.cloud.nova.server(str(uuid.UUID(int=7))))

    def test_hosts_audit_plans_each_server_and_host(self):
        self.serve(100, 40)
        actions = self.execute('hosts')
        # Each host is disabled first, and looked at in the end.
        self.assertEqual(100 + 2 * generated_cloud.HOSTS, len(actions))

    def test_zone_audit_leaves_alone_what_it_excludes(self):
        self.serve(150, 60)
        excluded = {
            id_
            for found in (self.cloud.nova.servers, self.cloud.cinder.volumes)
            for id_, thing in found().items()
            if thing.project_id == generated_cloud.project(1)['id']
        }
        self.assertEqual(6, len(excluded))
        planned = set(self.ids(self.execute('zone')))
        self.assertEqual(set(), excluded & planned)

    def test_requests_of_an_audit_do_not_grow_with_what_it_moves(self):
        counts = []
        for servers, volumes in ((600, 240), (900, 360)):
            served = self.serve(servers, volumes)
            self.execute('types')
            counts.append(served.counts().requests)
        self.assertEqual(*counts)

    def test_servers_of_all_hosts_are_all_servers(self):
        for few in (0, 60):
            self.serve(250, 0, few)
            nova = self.cloud.nova
            on_hosts = [
                nova.servers(host=name) for name in generated_cloud.hosts()
            ]
            self.assertEqual(250, sum(map(len, on_hosts)))
            self.assertEqual(
                nova.servers(),
                {k: v for each in on_hosts for k, v in each.items()},
            )

    def test_migrations_from_all_hosts_are_all_migrations(self):
        for few in (0, 60):
            self.serve(250, 0, few)
            nova = self.cloud.nova
            unconfirmed = [
                one
                for name in generated_cloud.hosts()
                for one in nova.unconfirmed_from(name)
            ]
            self.assertEqual(3, len(unconfirmed))
            self.assertEqual(
                {one.id: one for one in nova.unconfirmed_from(None)},
                {one.id: one for one in unconfirmed},
            )
            newest, *_ = nova.migrations(None)
            since = datetime.datetime.fromisoformat(newest.updated_at)
            self.assertEqual([newest], nova.migrations(since))

    def test_volumes_of_all_pools_are_all_volumes(self):
        for few in (0, 60):
            self.serve(250, 250, few)
            cinder = self.cloud.cinder
            in_pools = [
                cinder.volumes(place=pool.name) for pool in cinder.pools()
            ]
            self.assertEqual(250, sum(map(len, in_pools)))
            self.assertEqual(
                cinder.volumes(),
                {k: v for each in in_pools for k, v in each.items()},
            )
            self.assertEqual(
                cinder.snapshot_counts(),
                cinder.snapshot_counts('block1@b0')
                | {
                    id_: count
                    for pool in cinder.pools()[1:]
                    for id_, count in cinder.snapshot_counts(pool.name).items()
                },
            )

    def test_what_is_asked_for_by_ids_is_what_is_listed(self):
        self.serve(250, 250)
        volumes = self.cloud.cinder.volumes()
        self.assertEqual(volumes, self.cloud.cinder.volumes_of(volumes))
        servers = list(self.cloud.nova.servers())
        self.assertEqual(
            self.cloud.neutron.vnic_types(),
            self.cloud.neutron.vnic_types(servers),
        )
        for group in self.cloud.nova.groups():
            self.assertEqual(group, self.cloud.nova.group(group.id))

    def test_servers_show_the_groups_that_they_are_in(self):
        self.serve(1000, 0)
        servers = self.cloud.nova.servers(whole=True)
        for group in self.cloud.nova.groups():
            self.assertEqual(
                {(group.id,)},
                {servers[id_].hints['group'] for id_ in group.server_ids},
            )

    def test_audit_of_a_part_does_not_see_the_cloud_around_it(self):
        for name in audit.AUDITS_OF_PARTS:
            counts = []
            for servers in (600, 3000):
                served = self.serve(servers, servers, 300)
                actions = self.execute(name)
                counts.append((served.counts().requests, len(actions)))
            self.assertEqual(*counts)
