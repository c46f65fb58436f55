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

"""Networks: the real server, without agents and mechanism drivers."""

from sandbox import daemon
from sandbox import ini
from sandbox import layout as layouts
from sandbox.services import common


def configure(layout):
    paste = layout.venv('services') / 'etc/neutron/api-paste.ini'
    layouts.write(_conf(layout), ini.render({
        'DEFAULT': common.defaults(
            layout, 'neutron', auth_strategy='keystone', core_plugin='ml2',
            service_plugins='router', api_paste_config=paste,
            notify_nova_on_port_status_changes=False,
            notify_nova_on_port_data_changes=False),
        'database': common.database(layout, 'neutron'),
        'keystone_authtoken': common.middleware(layout, 'neutron'),
        'oslo_concurrency': common.concurrency(layout, 'neutron'),
        'ml2': {'type_drivers': 'flat', 'tenant_network_types': '',
                'mechanism_drivers': '', 'extension_drivers': ''},
    }))


def daemons(layout):
    return [common.api(
        layout, 'neutron', 'neutron.wsgi.api', 8,
        env={'OS_NEUTRON_CONFIG_DIR': str(layout.etc('neutron')),
             'OS_NEUTRON_CONFIG_FILES': 'neutron.conf'},
        files=(str(_conf(layout)),))]


def create_tables(layout):
    daemon.run(layout, [layout.bin('services', 'neutron-db-manage'),
                        '--config-file', _conf(layout), 'upgrade', 'heads'],
               'neutron')


def _conf(layout):
    return layout.etc('neutron', 'neutron.conf')
