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

"""A Cinder volume driver over sparse files, whose operations go as told.

Each back end has a directory of its own and is its own and only pool.  A
volume is exported as a local path (os-brick's LocalConnector), so Cinder's
host-assisted migration runs unchanged and really copies from file to file.
"""

import os
import subprocess

from cinder import exception
from cinder import interface
from cinder.volume import configuration
from cinder.volume import driver
from oslo_config import cfg
from oslo_log import log as logging

from sandbox.drivers import behaviour
from sandbox.drivers import loop_devices

LOG = logging.getLogger(__name__)

OPTIONS = [
    cfg.StrOpt('file_directory', help='Directory of the volumes\' files.'),
    cfg.StrOpt('file_device_directory',
               help='Directory of block devices for guests; without it a '
                    'volume is attached to a guest as its file.'),
    cfg.IntOpt('file_capacity_gb', default=1000,
               help='Capacity that is reported to the scheduler, in GB.'),
]
cfg.CONF.register_opts(OPTIONS, group=configuration.SHARED_CONF_GROUP)

GB = 1024 ** 3


@interface.volumedriver
class FileDriver(driver.VolumeDriver):

    VERSION = '1.0.0'
    CI_WIKI_NAME = 'none'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)
        self._directory = self.configuration.file_directory
        self._devices = self.configuration.file_device_directory
        self._pool = self.configuration.config_group

    def check_for_setup_error(self):
        os.makedirs(self._directory, exist_ok=True)

    def _path(self, name):
        return os.path.join(self._directory, name)

    def _device(self, name):
        return os.path.join(self._devices, name)

    def _behaviour(self, volume):
        return behaviour.Behaviour(self._pool, volume['display_name'],
                                   volume['id'])

    def _take_time(self, operation, volume):
        if self._behaviour(volume).take_time(operation) == 'fail':
            raise exception.VolumeBackendAPIException(
                data=f'{operation} failed, as told')

    # -- the back end itself

    def freeze_backend(self, context):
        return self._change_backend('freeze')

    def thaw_backend(self, context):
        return self._change_backend('thaw')

    def _change_backend(self, operation):
        if behaviour.Behaviour(self._pool).take_time(operation) == 'fail':
            raise exception.VolumeDriverException(
                message=f'{operation} failed, as told')
        return True

    # -- the life of a volume

    def create_volume(self, volume):
        self._take_time('create', volume)
        self._make(volume)

    def delete_volume(self, volume):
        self._take_time('delete', volume)
        self._remove(volume['name'])

    def extend_volume(self, volume, new_size):
        os.truncate(self._path(volume['name']), new_size * GB)

    def create_snapshot(self, snapshot):
        self._copy(snapshot['volume_name'], snapshot['name'])

    def delete_snapshot(self, snapshot):
        self._remove(snapshot['name'])

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy(snapshot['name'], volume['name'])
        self.extend_volume(volume, volume['size'])

    def create_cloned_volume(self, volume, src_vref):
        self._copy(src_vref['name'], volume['name'])
        self.extend_volume(volume, volume['size'])

    def copy_image_to_volume(self, context, volume, image_service, image_id,
                             disable_sparse=False):
        super().copy_image_to_volume(
            context, volume, image_service, image_id, disable_sparse)
        # dd leaves a file that is as long as the image, unlike a device.
        self.extend_volume(volume, volume['size'])

    def _make(self, volume):
        with open(self._path(volume['name']), 'wb') as file:
            file.truncate(volume['size'] * GB)

    def _remove(self, name):
        if self._devices:
            loop_devices.detach(self._path(name), self._device(name))
        try:
            os.unlink(self._path(name))
        except FileNotFoundError:
            LOG.warning('%s is already gone', self._path(name))

    def _copy(self, source, target):
        subprocess.run(['cp', '--sparse=always', self._path(source),
                        self._path(target)], check=True)

    # -- its export

    def ensure_export(self, context, volume):
        """Guests in use of it find their device where it was."""
        if self._devices and volume['attach_status'] == 'attached':
            self._attach(volume)

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        path = self._path(volume['name'])
        # Cinder itself copies from file to file.
        if self._devices and connector['host'] != cfg.CONF.host:
            path = self._attach(volume)
        return {'driver_volume_type': 'local',
                'data': {'device_path': path, 'access_mode': 'rw'}}

    def _attach(self, volume):
        """Its block device, which stays as long as the volume."""
        device = self._device(volume['name'])
        loop_devices.attach(self._path(volume['name']), device)
        return device

    def terminate_connection(self, volume, connector, **kwargs):
        pass

    # -- its migration

    def before_volume_copy(self, context, src_vol, dest_vol, remote=None):
        self._take_time('copy', src_vol)

    def update_migrated_volume(self, ctxt, volume, new_volume,
                               original_volume_status):
        """Takes the old file name back, as LVM does, unless it is in use."""
        if original_volume_status == 'available':
            template = cfg.CONF.volume_name_template
            os.rename(self._path(template % new_volume['id']),
                      self._path(template % volume['id']))
            return {'_name_id': None, 'provider_location': None}
        return {'_name_id': new_volume['_name_id'] or new_volume['id'],
                'provider_location': new_volume['provider_location']}

    def retype(self, context, volume, new_type, diff, host):
        """True: done.  False: Cinder has to migrate the volume."""
        return self._behaviour(volume)['retype_in_place'] == 'yes', None

    # -- what the scheduler sees

    def _update_volume_stats(self):
        total = self.configuration.file_capacity_gb
        used = sum(entry.stat().st_size
                   for entry in os.scandir(self._directory)) / GB
        self._stats = {
            'volume_backend_name': self.configuration.volume_backend_name,
            'vendor_name': 'sandbox', 'driver_version': self.VERSION,
            'storage_protocol': 'local', 'sparse_copy_volume': True,
            'pools': [{
                'pool_name': self._pool,
                'total_capacity_gb': total,
                'free_capacity_gb': round(total - used, 2),
                'allocated_capacity_gb': round(used, 2),
                'provisioned_capacity_gb': round(used, 2),
                'reserved_percentage': 0,
                'max_over_subscription_ratio': 1.0,
                'thin_provisioning_support': False,
                'thick_provisioning_support': True,
                'QoS_support': False, 'multiattach': True,
                'sparse_copy_volume': True,
            }],
        }
