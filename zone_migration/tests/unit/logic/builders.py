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

"""Clouds for the tests of the preflight, said in a few words."""

import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import evaluation

GOLD = frozenset({'gold'})


def server(id_, host='c1', status='ACTIVE', **more):
    more.setdefault('memory_mb', 1024)
    more.setdefault('image_known', 'image_properties' in more)
    return resources.Server(id_, f'name of {id_}', status, host, **more)


def volume(id_, host='h@a#a', status='available', **more):
    more.setdefault('type', 'gold')
    more.setdefault('size_gb', 10)
    more.setdefault('project_id', 'p')
    return resources.Volume(id_, f'name of {id_}', status, host, **more)


def attached(id_, *server_ids, **more):
    return volume(id_, status='in-use', server_ids=server_ids, **more)


def host(name, enabled=True, up=True, **more):
    return resources.ComputeHost(name, enabled, up, **more)


def aggregate(name, *hosts, **metadata):
    return resources.Aggregate(name, frozenset(hosts), metadata)


def pool(
    name,
    free_gb=100.0,
    types=GOLD,
    thick_free_gb=0.0,
    thick_types=(),
    **more,
):
    return resources.Pool(
        name,
        free_gb,
        frozenset(types),
        thick_free_gb,
        frozenset(thick_types),
        **more,
    )


def volume_type(name, encryption='', **more):
    return resources.VolumeType(name, encryption, **more)


def by_id(things):
    return {thing.id: thing for thing in things}


def by_name(things):
    return {thing.name: thing for thing in things}


def inventory(servers=(), volumes=(), **more):
    """Three hosts and two pools of type gold, unless it is said otherwise."""
    more.setdefault('hosts', [host('c1'), host('c2'), host('c3')])
    more.setdefault('pools', [pool('h@a#a'), pool('h@b#b')])
    more.setdefault(
        'volume_types', [volume_type('gold'), volume_type('silver')]
    )
    more.setdefault('aggregates', ())
    for key in ('hosts', 'pools', 'volume_types', 'aggregates'):
        more[key] = by_name(more[key])
    return cloud_inventory.Inventory(by_id(servers), by_id(volumes), **more)


def live(id_, *hosts, **more):
    return _to(params.ServerItem(id_, 'active', **more), hosts)


def cold(id_, *hosts, **more):
    return _to(params.ServerItem(id_, 'shutoff', **more), hosts)


def available(id_, *pools, **more):
    return _to(params.VolumeItem(id_, 'available', **more), pools)


def in_use(id_, *pools, **more):
    return _to(params.VolumeItem(id_, 'in-use', **more), pools)


def _to(item, places):
    """The item with one destination, or several to choose from."""
    if len(places) == 1:
        return dataclasses.replace(item, dst_hostname=places[0])
    return dataclasses.replace(item, destinations=tuple(places))


def report(items, cloud, emptied=(), emptied_pools=(), **request):
    """Evaluate the items, those of servers first."""
    selected = selection.Selection(
        tuple(i for i in items if isinstance(i, params.ServerItem)),
        tuple(i for i in items if isinstance(i, params.VolumeItem)),
        frozenset(emptied),
        frozenset(emptied_pools),
        leaving=frozenset((pool, '') for pool in emptied_pools),
    )
    return evaluation.evaluate(params.Request(**request), selected, cloud)


def ids(found):
    """The ids in a report, in its order."""
    return [result.item.id for result in found.results]


def results(items, cloud, **more):
    """By id: the destination of what is started, else kind and reason."""
    found = {}
    for result in report(items, cloud, **more).results:
        decision = result.decision
        if decision.kind is decisions.Kind.START:
            found[result.item.id] = result.item.dst_hostname
        else:
            found[result.item.id] = decision.kind, decision.text
    return found
