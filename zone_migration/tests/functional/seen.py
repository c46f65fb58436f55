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

"""What the services show of a cloud before a plan changes it."""

import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Seen:
    """By what a reason for staying is held to be true, or not."""

    #: As Nova and Cinder show them, by id.
    servers: dict
    volumes: dict
    #: The members of each anti-affinity group.
    apart: list = ()
    #: ``{server id: {resource class: amount}}``, as Placement tells.
    needs: dict = dataclasses.field(default_factory=dict)
    #: ``{host: {resource class: amount}}`` that is left.
    rooms: dict = dataclasses.field(default_factory=dict)
    #: ``{pool: GB}`` that are left.
    pools: dict = dataclasses.field(default_factory=dict)
    #: ``{'gigabytes_<type>': amount}`` that is left.
    quotas: dict = dataclasses.field(default_factory=dict)
    encrypted_types: frozenset = frozenset()


def of(cloud):
    """All of it, from the services themselves."""
    servers = {server['id']: server for server in cloud.servers()}
    return Seen(
        servers, {volume['id']: volume for volume in cloud.volumes()},
        apart=[
            set(group['members']) for group in cloud.call(
                'GET', 'nova', '/os-server-groups?all_projects=1',
            )['server_groups'] if group['policy'] == 'anti-affinity'],
        needs={id_: _needs(cloud, id_) for id_ in servers},
        rooms=_rooms(cloud), pools=of_pools(cloud), quotas=_quotas(cloud),
        encrypted_types=frozenset(
            type_['name'] for type_ in cloud.call(
                'GET', 'cinder', '/types?is_public=none')['volume_types']
            if cloud.call('GET', 'cinder', f'/types/{type_["id"]}/encryption')
        ))


def _needs(cloud, server):
    needs = {}
    allocations = cloud.call('GET', 'placement', f'/allocations/{server}')
    for allocation in allocations['allocations'].values():
        for name, amount in allocation['resources'].items():
            needs[name] = needs.get(name, 0) + amount
    return needs


def _rooms(cloud):
    rooms = {}
    for provider in cloud.call(
            'GET', 'placement', '/resource_providers')['resource_providers']:
        path = f'/resource_providers/{provider["uuid"]}'
        used = cloud.call('GET', 'placement', f'{path}/usages')['usages']
        has = cloud.call('GET', 'placement', f'{path}/inventories')
        rooms[provider['name']] = {
            name: (one['total'] - one['reserved']) * one['allocation_ratio']
            - used.get(name, 0)
            for name, one in has['inventories'].items()}
    return rooms


def of_pools(cloud):
    """``{pool: GB}``; the sandbox's are neither thin nor infinite."""
    return {
        pool['name']: pool['capabilities']['free_capacity_gb']
        for pool in cloud.call(
            'GET', 'cinder', '/scheduler-stats/get_pools?detail=true'
        )['pools']}


def _quotas(cloud):
    shown = cloud.call(
        'GET', 'cinder', f'/os-quota-sets/{cloud.project_id}?usage=true')
    return {
        name: math.inf if one['limit'] < 0
        else one['limit'] - one['in_use'] - one['reserved']
        for name, one in shown['quota_set'].items() if name != 'id'}
