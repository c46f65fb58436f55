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

from zone_migration.logic.preflight import aggregate_isolation
from zone_migration.logic.preflight import decisions
from zone_migration.tests.unit.logic.builders import aggregate
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server

BOTH = frozenset([aggregate_isolation.PROJECTS, aggregate_isolation.IMAGES])


class IsolationTest(testtools.TestCase):
    """What each filter says, as Nova's own class does."""

    def kept_out(self, name, properties=(), **metadata):
        """Whether the filter is certain to refuse the host; or may."""
        of = server('s', project_id='p', image_properties=dict(properties))
        aggregates = [aggregate('a', 'c2', **metadata)]
        found = aggregate_isolation.Isolation(aggregates, [name])
        doubted = aggregate_isolation.Isolation(aggregates, []).doubted(
            of, ['c2']
        )
        return 'c2' in found.refused(of), name in doubted

    def test_projects(self):
        for metadata, expected in (
            ({}, False),
            ({'filter_tenant_id': 'q'}, True),
            ({'filter_tenant_id': 'p'}, False),
            ({'filter_tenant_id': 'q, p'}, False),
            ({'filter_tenant_id': 'q', 'filter_tenant_id2': 'p'}, False),
            ({'filter_tenant_id2': 'q'}, True),
            ({'hw_disk_bus': 'ide'}, False),
        ):
            self.assertEqual(
                (expected, expected),
                self.kept_out(aggregate_isolation.PROJECTS, **metadata),
                metadata,
            )

    def test_images(self):
        for metadata, properties, certain, possible in (
            ({'os_distro': 'windows'}, {}, False, False),
            ({'os_distro': 'windows'}, {'os_distro': 'debian'}, True, True),
            ({'os_distro': 'win'}, {'vmware_ostype': 'debian'}, True, True),
            ({'os_distro': 'windows'}, {'os_distro': 'windows'}, False, False),
            ({'os_distro': 'a, b'}, {'os_distro': 'b'}, False, False),
            ({'os_admin_user': 'ROOT'}, {'os_admin_user': 'root'}, True, True),
            ({'hw_boot_menu': 'True'}, {'hw_boot_menu': 'yes'}, False, False),
            ({'hw_boot_menu': 'true'}, {'hw_boot_menu': 'yes'}, False, True),
            ({'hw_boot_menu': 'true'}, {'hw_boot_menu': 'no'}, False, False),
            ({'hw_cpu_cores': '04'}, {'hw_cpu_cores': '4'}, False, True),
            ({'hw_cpu_cores': '4'}, {'hw_cpu_cores': '04'}, False, False),
            ({'img_hv_type': 'QEMU'}, {'img_hv_type': 'QEMU'}, False, True),
            ({'img_hv_type': 'kvm'}, {'hypervisor_type': 'xen'}, False, True),
            ({'hw_architecture': 'ppc'}, {'architecture': 'arm'}, False, True),
            ({'traits_required': 'CUSTOM_A'}, {}, False, True),
            ({'img_owner_id': '01'}, {'owner_id': '1'}, False, True),
            ({'img_owner_id': '1'}, {'owner_id': '1'}, False, False),
            # No property that Nova knows.
            ({'ssd': 'true'}, {'ssd': 'false'}, False, False),
            ({'filter_tenant_id': 'q'}, {}, False, False),
        ):
            self.assertEqual(
                (certain, possible),
                self.kept_out(
                    aggregate_isolation.IMAGES, properties, **metadata
                ),
                (metadata, properties),
            )

    def test_aggregates_of_a_host_count_together(self):
        found = aggregate_isolation.Isolation(
            [
                aggregate('a', 'c2', 'c3', filter_tenant_id='q'),
                aggregate('b', 'c2', filter_tenant_id='p'),
            ],
            BOTH,
        )
        self.assertEqual(
            {'c3': aggregate_isolation.PROJECTS},
            found.refused(server('s', project_id='p')),
        )

    def test_project_is_told_before_image(self):
        of = server('s', project_id='p', image_properties={'os_distro': 'x'})
        both = aggregate('a', 'c2', filter_tenant_id='q', os_distro='y')
        self.assertEqual(
            {'c2': aggregate_isolation.PROJECTS},
            aggregate_isolation.Isolation([both], BOTH).refused(of),
        )
        self.assertEqual(
            {aggregate_isolation.PROJECTS},
            aggregate_isolation.Isolation([both], ()).doubted(of, ['c2']),
        )

    def test_image_metadata_of_a_host_is_told_as_such(self):
        of = server('s', project_id='p', image_properties={'os_distro': 'x'})
        found = aggregate_isolation.Isolation(
            [
                aggregate('a', 'c2', filter_tenant_id='q'),
                aggregate('b', 'c3', filter_tenant_id='p', os_distro='y'),
            ],
            BOTH,
        )
        self.assertEqual(
            {
                'c2': aggregate_isolation.PROJECTS,
                'c3': aggregate_isolation.IMAGES,
            },
            found.refused(of),
        )

    def test_filter_that_is_not_enabled_keeps_nobody_out(self):
        found = aggregate_isolation.Isolation(
            [aggregate('a', 'c2', filter_tenant_id='q')], ['ComputeFilter']
        )
        self.assertEqual({}, found.refused(server('s', project_id='p')))


class PlanTest(testtools.TestCase):
    """One server of project p; c2 is for project q."""

    HOSTS = (host('c1'), host('c2'), host('c3'))

    def cloud(self, *for_q, filters=()):
        return inventory(
            [server('s', project_id='p')],
            hosts=self.HOSTS,
            aggregates=[aggregate('vip', *for_q, filter_tenant_id='q')],
            scheduler_filters=frozenset(filters),
        )

    def risks(self, *items, cloud, **more):
        return report(items, cloud, **more).risks

    def test_named_host_is_a_risk(self):
        cloud = self.cloud('c2')
        self.assertEqual({'s': 'c2'}, results([live('s', 'c2')], cloud))
        self.assertEqual(
            (
                'Nova may refuse 1 server for filter_tenant_id of '
                'aggregates, if AggregateMultiTenancyIsolation is enabled, '
                'or limit_tenants_to_placement_aggregate set: name other '
                'destinations',
            ),
            self.risks(live('s', 'c2'), cloud=cloud),
        )

    def test_host_that_nobody_isolates_is_none(self):
        self.assertEqual(
            (), self.risks(live('s', 'c3'), cloud=self.cloud('c2'))
        )

    def test_forced_migration_is_none(self):
        item = live('s', 'c2', force=True)
        self.assertEqual((), self.risks(item, cloud=self.cloud('c2')))
        cloud = self.cloud('c2', filters=BOTH)
        self.assertEqual({'s': 'c2'}, results([item], cloud))

    def test_scheduler_with_another_host_is_none(self):
        self.assertEqual((), self.risks(live('s'), cloud=self.cloud('c2')))

    def test_scheduler_without_another_host_is_one(self):
        self.assertEqual(
            1, len(self.risks(live('s'), cloud=self.cloud('c2', 'c3')))
        )

    def test_named_host_is_refused_where_the_filter_is_known(self):
        cloud = self.cloud('c2', filters=BOTH)
        self.assertEqual(
            {
                's': (
                    decisions.Kind.REFUSE,
                    'destination c2 is kept from the server by metadata of '
                    'its aggregates (AggregateMultiTenancyIsolation): name '
                    'another host',
                )
            },
            results([live('s', 'c2')], cloud),
        )
        self.assertEqual((), self.risks(live('s', 'c2'), cloud=cloud))

    def test_of_several_hosts_another_is_chosen(self):
        self.assertEqual(
            {'s': 'c3'},
            results([live('s', 'c2', 'c3')], self.cloud('c2', filters=BOTH)),
        )

    def test_scheduler_without_a_host_is_refused(self):
        cloud = self.cloud('c2', 'c3', filters=BOTH)
        self.assertEqual(
            {
                's': (
                    decisions.Kind.REFUSE,
                    'no other host takes the server: all are disabled, down, '
                    'being emptied or kept from it by metadata of '
                    'aggregates: enable or add one',
                )
            },
            results([live('s')], cloud),
        )
        self.assertEqual((), self.risks(live('s'), cloud=cloud))

    def test_scheduler_does_not_count_hosts_that_take_nobody(self):
        for more in ({'enabled': False}, {'up': False}):
            cloud = inventory(
                [server('s', project_id='p')],
                hosts=[host('c1'), host('c2'), host('c3', **more)],
                aggregates=[aggregate('vip', 'c2', filter_tenant_id='q')],
            )
            self.assertEqual(1, len(self.risks(live('s'), cloud=cloud)))

    def test_scheduler_is_bound_to_the_zone_of_the_server(self):
        cloud = inventory(
            [server('s', project_id='p', pinned_zone='z')],
            aggregates=[
                aggregate('z', 'c1', 'c2', availability_zone='z'),
                aggregate('vip', 'c2', filter_tenant_id='q'),
            ],
        )
        self.assertEqual(1, len(self.risks(live('s'), cloud=cloud)))

    def test_image_that_is_not_shown_is_a_risk(self):
        for filters in ((), BOTH):
            cloud = inventory(
                [server('s')],
                aggregates=[aggregate('a', 'c2', 'c3', os_distro='windows')],
                scheduler_filters=frozenset(filters),
            )
            self.assertEqual(
                (
                    'Nova may refuse 1 server for metadata of aggregates '
                    'about images, if AggregateImagePropertiesIsolation is '
                    'enabled: name other destinations',
                ),
                self.risks(live('s'), cloud=cloud),
            )

    def test_project_outside_its_own_aggregates_is_a_risk(self):
        for filters in ((), BOTH):
            cloud = inventory(
                [server('s', project_id='p')],
                aggregates=[aggregate('own', 'c3', filter_tenant_id='p')],
                scheduler_filters=frozenset(filters),
            )
            self.assertEqual(1, len(self.risks(live('s', 'c2'), cloud=cloud)))
            self.assertEqual((), self.risks(live('s', 'c3'), cloud=cloud))
            self.assertEqual((), self.risks(live('s'), cloud=cloud))
            found = self.risks(
                live('s'),
                cloud=cloud,
                emptied=('c3',),
                disable_compute_nodes=True,
            )
            self.assertEqual(1, len(found))
