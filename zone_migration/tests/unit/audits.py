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

"""Parameters of random audits of an invented cloud."""

from zone_migration.tests.unit import cloud_objects


def audit(random):
    """Parameters of an audit, as its author gives them."""
    given = {}
    if random.random() < 0.5:
        given['params'] = _items(random)
    if random.random() < 0.6:
        given['compute_nodes'] = [
            cloud_objects.some(
                random,
                ('src_node',),
                src_node=random.choice([*cloud_objects.HOSTS, '*', 'rack*']),
                dst_node=random.choice([*cloud_objects.HOSTS, '*']),
            )
        ]
    if random.random() < 0.2:
        given['aggregates'] = ['rack']
    if random.random() < 0.6:
        given['storage_pools'] = [
            {
                'src_pool': random.choice([*cloud_objects.POOLS, 'h@a', '*']),
                **random.choice(
                    [
                        {
                            'dst_pool': random.choice(
                                [*cloud_objects.POOLS, '*']
                            )
                        },
                        {'dst_type': random.choice(cloud_objects.TYPES)},
                    ]
                ),
            }
        ]
    if random.random() < 0.3:
        given['exclude'] = {
            kind: [random.choice([*names, *['db-*', 'web'] * 3, '*'])]
            for kind, names in (
                ('servers', cloud_objects.SERVERS),
                ('volumes', cloud_objects.VOLUMES),
                (
                    'projects',
                    [
                        *cloud_objects.PROJECTS,
                        *cloud_objects.PROJECTS.values(),
                    ],
                ),
            )
            if random.random() < 0.5
        }
    if random.random() < 0.3:
        given['allow_downtime'] = random.choice(
            [True, False, ['*'], [random.choice(cloud_objects.SERVERS)]]
        )
    if random.random() < 0.3:
        given['confirm_resizes'] = random.choice(
            [True, False, ['*'], [random.choice(cloud_objects.SERVERS)]]
        )
    if random.random() < 0.3:
        given['unpin'] = random.choice([True, ['*']])
        given['leave_unpinned'] = random.choice([True, False])
    if random.random() < 0.3:
        given['max_items'] = random.choice([1, 2, 5])
    if random.random() < 0.3:
        given['priority'] = {
            'project': ['billing'],
            'compute': ['created_at', 'mem_size'],
            'storage': 'size',
        }
    for name in (
        'with_attached_volume',
        'disable_compute_nodes',
        'move_locked',
        'all_or_nothing',
    ):
        if random.random() < 0.2:
            given[name] = True
    return given


def _items(random):
    """Servers and volumes that are named one by one."""
    return {
        'vm': {
            id_: cloud_objects.some(
                random,
                ('status',),
                status=random.choice(['active', 'shutoff']),
                dst_hostname=random.choice([*cloud_objects.HOSTS, '', 'none']),
                src_hostname=random.choice([*cloud_objects.HOSTS, '\ud800']),
            )
            for id_ in random.sample(cloud_objects.SERVERS, 3)
        },
        'volume': {
            id_: cloud_objects.some(
                random,
                ('status',),
                status=random.choice(['available', 'in-use']),
                dst_hostname=random.choice(
                    [*cloud_objects.POOLS, 'h@a', 'none']
                ),
                dst_type=random.choice([*cloud_objects.TYPES, 'none']),
            )
            for id_ in random.sample(cloud_objects.VOLUMES, 3)
        },
    }
