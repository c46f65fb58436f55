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

"""Deletes what tests have left, in whatever state it is."""

from sandbox import errors
from sandbox import waiting

#: Until then a deletion is given a chance to end by itself.
PATIENCE_SECONDS = 10
SECONDS = 300


def clean(client):
    """:raises errors.TimedOut: when something cannot be deleted"""
    for server in _servers(client):
        _delete_server(client, server)
    _wait_gone(lambda: _servers(client),
               lambda server: _force_delete_server(client, server),
               'the end of all servers')
    _forget_allocations(client)
    for group in client.call(
            'GET', 'nova',
            '/os-server-groups?all_projects=true')['server_groups']:
        client.request('DELETE', 'nova', f'/os-server-groups/{group["id"]}')
    for volume in _volumes(client):
        _delete_volume(client, volume)
    # Again and again: while a migration ends Cinder sets statuses too.
    _wait_gone(lambda: _volumes(client),
               lambda volume: _delete_volume(client, volume),
               'the end of all volumes')


def _wait_gone(remaining, insist, what):
    try:
        waiting.until(lambda: not remaining(), PATIENCE_SECONDS, what)
    except errors.TimedOut:
        def gone():
            left = remaining()
            for one in left:
                insist(one)
            return not left
        waiting.until(gone, SECONDS, what, interval=2)


def _servers(client):
    return client.call(
        'GET', 'nova', '/servers?all_tenants=1&soft_deleted=true')['servers']


def _delete_server(client, server):
    path = f'/servers/{server["id"]}'
    status, _ = client.request('DELETE', 'nova', path)
    if status == 404:
        # Deleted, to be reclaimed later.
        client.request('POST', 'nova', f'{path}/action', {'forceDelete': None})


def _force_delete_server(client, server):
    """Also in the middle of something that will never end."""
    path = f'/servers/{server["id"]}'
    for action in ({'unlock': None}, {'os-resetState': {'state': 'error'}},
                   {'forceDelete': None}):
        client.request('POST', 'nova', f'{path}/action', action)
    client.request('DELETE', 'nova', path)


def _forget_allocations(client):
    """What Nova leaves in Placement of servers deleted in mid-migration."""
    for provider in client.call(
            'GET', 'placement', '/resource_providers')['resource_providers']:
        path = f'/resource_providers/{provider["uuid"]}/allocations'
        for consumer in client.call('GET', 'placement', path)['allocations']:
            client.request('DELETE', 'placement', f'/allocations/{consumer}')


def _volumes(client):
    return client.call('GET', 'cinder',
                       '/volumes/detail?all_tenants=1')['volumes']


def _delete_volume(client, volume):
    """Also one that Cinder takes for attached, migrating or in error."""
    path = f'/volumes/{volume["id"]}'
    client.request('POST', 'cinder', f'{path}/action', {'os-reset_status': {
        'status': 'available', 'attach_status': 'detached',
        'migration_status': 'none'}})
    client.request('DELETE', 'cinder', f'{path}?cascade=true&force=true')
