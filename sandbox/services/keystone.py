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

"""Identity."""

import grp
import os
import pwd

from sandbox import daemon
from sandbox import ini
from sandbox import layout as layouts
from sandbox.services import common


def configure(layout):
    etc = layout.etc('keystone')
    layouts.write(etc / 'keystone.conf', ini.render({
        'DEFAULT': {'log_date_format': '%Y-%m-%d %H:%M:%S'},
        'database': common.database(layout, 'keystone'),
        'cache': {'enabled': True, 'backend': 'oslo_cache.dict'},
        'fernet_tokens': {'key_repository': etc / 'fernet-keys'},
        'credential': {'key_repository': etc / 'credential-keys'},
        'token': {'provider': 'fernet'},
        # The default takes 0.3 s of a processor for each token.
        'identity': {'password_hash_rounds': 4},
    }))


def daemons(layout):
    return [common.api(
        layout, 'keystone', 'keystone.wsgi.api', 8,
        env={'OS_KEYSTONE_CONFIG_DIR': str(layout.etc('keystone'))},
        files=(str(layout.etc('keystone', 'keystone.conf')),))]


def create_tables(layout):
    manage = [layout.bin('services', 'keystone-manage'), '--config-file',
              layout.etc('keystone', 'keystone.conf')]
    owner = ['--keystone-user', pwd.getpwuid(os.getuid()).pw_name,
             '--keystone-group', grp.getgrgid(os.getgid()).gr_name]
    url = layout.auth_url
    for command in (
            ['db_sync'],
            ['fernet_setup', *owner],
            ['credential_setup', *owner],
            ['bootstrap', '--bootstrap-password', layouts.PASSWORD,
             '--bootstrap-region-id', layouts.REGION,
             '--bootstrap-admin-url', url, '--bootstrap-internal-url', url,
             '--bootstrap-public-url', url]):
        daemon.run(layout, manage + command, 'keystone')
