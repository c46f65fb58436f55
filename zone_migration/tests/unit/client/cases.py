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

"""What the tests of Nova share, and those of Cinder."""

from zone_migration.client import cinder
from zone_migration.client import nova
from zone_migration.tests.unit import base
from zone_migration.tests.unit.client import http

SERVER = {
    'id': 's',
    'name': 'web',
    'status': 'ERROR',
    'OS-EXT-SRV-ATTR:host': 'c1',
    'OS-EXT-STS:task_state': 'migrating',
    'OS-EXT-STS:vm_state': 'active',
    'OS-EXT-STS:power_state': 1,
    'progress': 42,
    'fault': {'message': 'boom'},
    'flavor': {
        'vcpus': 2,
        'ram': 2048,
        'disk': 10,
        'ephemeral': 5,
        'swap': 512,
        'extra_specs': {'hw:cpu_policy': 'shared'},
    },
    'image': {'id': 'i'},
    'tenant_id': 'p',
    'created': '2026-11-21T08:00:00Z',
    'updated': '2026-11-24T08:00:00Z',
    'locked': True,
    'os-extended-volumes:volumes_attached': [{'id': 'v'}],
}

#: A record of a migration.
RECORD = {
    'id': 7,
    'uuid': 'u7',
    'instance_uuid': 's',
    'migration_type': 'live-migration',
    'status': 'running',
    'source_compute': 'c1',
    'dest_compute': 'c2',
    'updated_at': '2026-01-01T00:00:09.000000',
}

VOLUME = {
    'id': 'v',
    'name': 'data',
    'status': 'in-use',
    'os-vol-host-attr:host': 'h@a#a',
    'volume_type': 'gold',
    'migration_status': 'success',
    'size': 10,
    'attachments': [{'server_id': 's'}, {'server_id': 's'}],
    'group_id': None,
    'consistencygroup_id': None,
    'os-vol-tenant-attr:tenant_id': 'p',
    'created_at': '2026-11-21T08:00:00.000000',
    'updated_at': '2026-11-24T08:00:00.000000',
    'multiattach': True,
    'encrypted': True,
    'replication_status': 'enabled',
    'availability_zone': 'nova',
}


class NovaTest(base.TestCase):
    """Asks a Nova that answers from a table."""

    def setUp(self):
        super().setUp()
        session, self.http = http.make_session()
        self.nova = nova.Nova(session, {'interface': 'public'})

    def version(self):
        return self.http.requests[-1][4]['OpenStack-API-Version']

    def body(self):
        return self.http.requests[-1][3]

    def query(self):
        return self.http.requests[-1][2]


class CinderTest(base.TestCase):
    """Asks a Cinder that answers from a table."""

    def setUp(self):
        super().setUp()
        session, self.http = http.make_session()
        self.cinder = cinder.Cinder(session, {'interface': 'public'})

    def body(self):
        return self.http.requests[-1][3]

    def query(self):
        return self.http.requests[-1][2]
