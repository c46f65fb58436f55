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

"""Clouds of a few resources, and what an audit selects in them."""

import testtools

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import selection
from zone_migration.tests.unit.logic.audit import builders


def host(name, zone='nova', *, enabled=True, up=True):
    return resources.ComputeHost(name, enabled, up, zone=zone)


def server(id_, on='c1', status='ACTIVE', **more):
    return resources.Server(id_, more.pop('name', id_), status, on, **more)


def volume(id_, on='h@b#p1', status='available', type_='fast', **more):
    return resources.Volume(
        id_, more.pop('name', id_), status, on, type_, **more
    )


def pool(name):
    return resources.Pool(name, 100)


def inventory(
    servers=(),
    volumes=(),
    hosts=('c1', 'c2', 'c3'),
    pools=('h@b#p1', 'h@b#p2', 'h@c#p3'),
    types=('fast', 'slow'),
    **more,
):
    """A cloud of the given resources; hosts can be names."""
    hosts = [host(h) if isinstance(h, str) else h for h in hosts]
    return cloud_inventory.Inventory(
        {s.id: s for s in servers},
        {v.id: v for v in volumes},
        {h.name: h for h in hosts},
        {name: pool(name) for name in pools},
        {name: resources.VolumeType(name) for name in types},
        **more,
    )


def select(seen, **parameters):
    return selection.select(parsing.parse(parameters), seen)


def nodes(*entries):
    """compute_nodes of pairs, or of sources alone."""
    return [
        {'src_node': e}
        if isinstance(e, str)
        else {'src_node': e[0], 'dst_node': e[1]}
        for e in entries
    ]


def pools(*entries, **more):
    return [{'src_pool': s, 'dst_pool': d, **more} for s, d in entries]


AGGREGATES = {
    name: resources.Aggregate(name, frozenset(hosts))
    for name, hosts in {'old': ('c2', 'c1'), 'gone': ('c9',)}.items()
}


class SelectionTest(testtools.TestCase):
    def servers(self, seen, **parameters):
        return [item.id for item in select(seen, **parameters).servers]

    def volumes(self, seen, **parameters):
        return [item.id for item in select(seen, **parameters).volumes]


class FaultsTest(testtools.TestCase):
    """A cloud, and the faults of audits of it."""

    seen = inventory(
        [server(builders.S1), server('s', name='web')],
        [volume(builders.V1), volume('v', 'h@c#p3', type_='slow')],
        hosts=[
            host('c1', 'az1'),
            host('c2', 'az1'),
            host('c3', 'az2', up=False),
        ],
        aggregates=AGGREGATES,
        projects={'p': 'sales'},
    )

    def faults(self, **parameters):
        error = self.assertRaises(
            errors.InvalidParameters, select, self.seen, **parameters
        )
        return [str(fault) for fault in error.faults]
