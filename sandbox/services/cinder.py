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

"""Volumes: API, scheduler and cinder-volume with a back end per pool."""

from sandbox import daemon
from sandbox import ini
from sandbox import layout as layouts
from sandbox.services import common
from sandbox.services import libvirt


def configure(layout):
    layouts.write(_conf(layout), ini.render(_sections(layout)))


def daemons(layout):
    conf = str(_conf(layout))
    arguments = ('--config-file', conf)
    drivers = common.PACKAGE / 'drivers'
    return [
        common.api(layout, 'cinder-api', 'cinder.wsgi.api', 12,
                   files=(conf,), arguments=arguments),
        daemon.Daemon(
            'cinder-scheduler', (layout.bin('services', 'cinder-scheduler'),
                                 *arguments), files=(conf,), health='cinder'),
        daemon.Daemon(
            'cinder-volume', (layout.bin('services', 'cinder-volume'),
                              *arguments),
            files=(conf, *(str(drivers / name) for name in (
                'behaviour.py', 'cinder_driver.py', 'loop_devices.py'))),
            health='cinder'),
    ]


def create_tables(layout):
    daemon.run(layout, [layout.bin('services', 'cinder-manage'),
                        '--config-file', _conf(layout), 'db', 'sync'],
               'cinder')


def _sections(layout):
    etc = layout.venv('services') / 'etc/cinder'
    return {
        'DEFAULT': common.defaults(
            layout, 'cinder', host=layouts.STORAGE_HOST, my_ip='127.0.0.1',
            auth_strategy='keystone',
            api_paste_config=etc / 'api-paste.ini',
            rootwrap_config=etc / 'rootwrap.conf',
            resource_query_filters_file=etc / 'resource_filters.json',
            enabled_backends=list(layouts.POOLS),
            default_volume_type='lvm1',
            # JsonFilter lets a volume be created in a chosen pool.
            scheduler_default_filters=[
                'AvailabilityZoneFilter', 'CapacityFilter',
                'CapabilitiesFilter', 'JsonFilter'],
            glance_api_servers=layout.url('glance'),
            # Every move that hangs holds one; 64 would be all of them.
            executor_thread_pool_size=200,
            quota_volumes=-1, quota_snapshots=-1, quota_gigabytes=-1,
            report_interval=2, backend_stats_polling_interval=5,
            volume_clear='none', image_conversion_disable=True),
        'database': common.database(layout, 'cinder'),
        'keystone_authtoken': common.middleware(layout, 'cinder'),
        'service_user': common.credentials(
            layout, 'cinder', send_service_user_token=True),
        # Migrating a volume in use means asking Nova, as an admin, to swap.
        'nova': common.credentials(layout, 'cinder', interface='internal',
                                   token_auth_url=layout.auth_url),
        # Keys of encrypted volumes, without a service for them.
        'key_manager': {
            'backend': 'cinder.keymgr.conf_key_mgr.ConfKeyManager',
            'fixed_key': '0' * 64},
        'coordination': {
            'backend_url': f'file://{layout.path("state", "coordination")}'},
        'oslo_messaging_notifications': {'driver': 'messagingv2'},
        'oslo_concurrency': common.concurrency(layout, 'cinder'),
        **common.privsep(layout, 'cinder_sys_admin', 'privsep_osbrick'),
        **{pool: {
            'volume_driver': 'sandbox.drivers.cinder_driver.FileDriver',
            'volume_backend_name': volume_type,
            'file_directory': layout.volumes(pool),
            'file_device_directory': (
                layout.devices(pool) if libvirt.wanted(layout) else None)}
           for pool, volume_type in layouts.POOLS.items()},
    }


def _conf(layout):
    return layout.etc('cinder', 'cinder.conf')
