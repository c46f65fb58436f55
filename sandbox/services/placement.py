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

"""What each host has and what is used of it."""

from sandbox import daemon
from sandbox import ini
from sandbox import layout as layouts
from sandbox.services import common


def configure(layout):
    layouts.write(_conf(layout), ini.render({
        'api': {'auth_strategy': 'keystone'},
        'placement_database': common.database(layout, 'placement'),
        'keystone_authtoken': common.middleware(layout, 'placement'),
    }))


def daemons(layout):
    return [common.api(
        layout, 'placement', 'placement.wsgi.api', 8,
        env={'OS_PLACEMENT_CONFIG_DIR': str(layout.etc('placement'))},
        files=(str(_conf(layout)),))]


def create_tables(layout):
    daemon.run(layout, [layout.bin('services', 'placement-manage'),
                        '--config-file', _conf(layout), 'db', 'sync'],
               'placement')


def _conf(layout):
    return layout.etc('placement', 'placement.conf')
