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

"""Images, in files."""

from sandbox import daemon
from sandbox import ini
from sandbox import layout as layouts
from sandbox.services import common


def configure(layout):
    store = layout.path('state', 'glance')
    paste = layout.venv('services') / 'etc/glance/glance-api-paste.ini'
    layouts.write(_conf(layout), ini.render({
        'DEFAULT': common.defaults(
            layout, 'glance', enabled_backends='file:file',
            enabled_import_methods='[]',
            worker_self_reference_url=layout.url('glance')),
        'database': common.database(layout, 'glance'),
        'glance_store': {'default_backend': 'file'},
        'file': {'filesystem_store_datadir': store / 'images'},
        'os_glance_tasks_store': {
            'filesystem_store_datadir': store / 'tasks'},
        'os_glance_staging_store': {
            'filesystem_store_datadir': store / 'staging'},
        'keystone_authtoken': common.middleware(layout, 'glance'),
        'paste_deploy': {'flavor': 'keystone', 'config_file': paste},
        'oslo_concurrency': common.concurrency(layout, 'glance'),
    }))


def daemons(layout):
    return [common.api(
        layout, 'glance', 'glance.wsgi.api', 4,
        env={'OS_GLANCE_CONFIG_DIR': str(layout.etc('glance'))},
        files=(str(_conf(layout)),))]


def create_tables(layout):
    daemon.run(layout, [layout.bin('services', 'glance-manage'),
                        '--config-file', _conf(layout), 'db_sync'], 'glance')


def _conf(layout):
    return layout.etc('glance', 'glance-api.conf')
