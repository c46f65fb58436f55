# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""The first contents of the cloud: users, endpoints, flavors, image, types."""

from sandbox import layout as layouts
from sandbox.hosts import guest
from sandbox.services import libvirt

SERVICE_USERS = ('nova', 'cinder', 'glance', 'neutron', 'placement',
                 'watcher')
#: Name -> RAM in MiB, VCPUs, disk in GB.
FLAVORS = {'tiny': (64, 1, 1), 'small': (512, 1, 1),
           'medium': (2048, 2, 10), 'large': (8192, 4, 20)}
IMAGE = 'tiny'


def endpoints(layout):
    """``[(type, name, url)]``."""
    url = layout.url
    cinder = url('cinder-api') + '/v3/%(project_id)s'
    return [
        ('placement', 'placement', url('placement')),
        ('image', 'glance', url('glance')),
        ('network', 'neutron', url('neutron')),
        ('compute', 'nova', url('nova-api') + '/v2.1'),
        ('block-storage', 'cinder', cinder),
        # the type that older clients look for
        ('volumev3', 'cinderv3', cinder),
        ('infra-optim', 'watcher', url('watcher-api')),
    ]


def images(layout):
    """``{name: bytes}``"""
    if libvirt.wanted(layout):
        return {name: guest.build(layout, busy)
                for name, busy in guest.IMAGES.items()}
    return {IMAGE: bytes(65536)}


def fill_keystone(layout, client):
    roles = {role['name']: role['id'] for role in
             client.call('GET', 'keystone', '/roles')['roles']}
    roles.setdefault('service', None)
    if not roles['service']:
        roles['service'] = _create(client, 'role', name='service')
    project = _create(client, 'project', name='service', domain_id='default')
    for name in SERVICE_USERS:
        user = _create_user(client, name)
        for role in ('admin', 'service'):
            _assign(client, project, user, roles[role])
    demo = _create(client, 'project', name='demo', domain_id='default')
    _assign(client, demo, _create_user(client, 'demo'), roles['member'])
    for kind, name, url in endpoints(layout):
        service = _create(client, 'service', type=kind, name=name)
        for interface in ('public', 'internal', 'admin'):
            _create(client, 'endpoint', interface=interface, url=url,
                    service_id=service, region_id=layouts.REGION)


def fill_cloud(layout, client):
    for name, (ram, vcpus, disk) in FLAVORS.items():
        client.call('POST', 'nova', '/flavors', {'flavor': {
            'id': name, 'name': name, 'ram': ram, 'vcpus': vcpus,
            'disk': disk}})
    for name, data in images(layout).items():
        image = client.call('POST', 'glance', '/images', {
            'name': name, 'disk_format': 'raw', 'container_format': 'bare',
            'visibility': 'public'})
        client.call('PUT', 'glance', f'/images/{image["id"]}/file', raw=data)
    for name in sorted(set(layouts.POOLS.values())):
        client.call('POST', 'cinder', '/types', {'volume_type': {
            'name': name, 'extra_specs': {'volume_backend_name': name}}})


def _create_user(client, name):
    return _create(client, 'user', name=name, domain_id='default',
                   password=layouts.PASSWORD)


def _assign(client, project, user, role):
    client.call('PUT', 'keystone',
                f'/projects/{project}/users/{user}/roles/{role}')


def _create(client, kind, **attributes):
    """The id of something new in Keystone."""
    return client.call('POST', 'keystone', f'/{kind}s',
                       {kind: attributes})[kind]['id']
