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

"""A Nova virt driver without a hypervisor, whose operations go as told.

Everything around it is the real nova-compute.  Unlike nova.virt.fake, on
which it builds, guests outlive the process, operations take time, report
progress as libvirt's driver does, can be aborted, and fail on demand (see
:mod:`sandbox.drivers.behaviour`); and what is on a volume really gets to the
other one when volumes are swapped.
"""

import os
import subprocess
import time

from nova import exception
from nova.compute import power_state
from nova.compute import vm_states
from nova.virt import fake
from nova.virt import node
from oslo_log import log as logging

from sandbox.drivers import behaviour
from sandbox.drivers import guests
from sandbox.drivers import live_migration

LOG = logging.getLogger(__name__)

#: Seconds between two looks at what was asked of a live migration.
LOOK_SECONDS = 0.1


def _behaviour(instance):
    return behaviour.Behaviour(instance.display_name, instance.uuid)


class SandboxDriver(fake.FakeDriver):

    vcpus = 64
    memory_mb = 131072
    local_gb = 10000

    def __init__(self, virtapi, read_only=False):
        super().__init__(virtapi, read_only)
        self._live_migrations = {}

    # -- the host

    def init_host(self, host):
        super().init_host(host)
        self.instances = guests.Guests(
            os.path.join(fake.CONF.state_path, 'guests.json'))

    # The fake driver's node ids are made for a test in one process: another
    # one after each start.  These are kept in the state path.

    def get_available_resource(self, nodename):
        return dict(super().get_available_resource(nodename),
                    uuid=node.get_local_node_uuid())

    def get_nodenames_by_uuid(self, refresh=False):
        return {node.get_local_node_uuid(): self.get_available_nodes()[0]}

    # -- the life of a guest

    def spawn(self, context, instance, *args, **kwargs):
        if _behaviour(instance).take_time('spawn') == 'fail':
            raise exception.InstanceDeployFailure(reason='as told')
        super().spawn(context, instance, *args, **kwargs)

    def pause(self, instance):
        self.instances[instance.uuid].state = power_state.PAUSED

    def unpause(self, instance):
        self.instances[instance.uuid].state = power_state.RUNNING

    def suspend(self, context, instance):
        self.instances[instance.uuid].state = power_state.SHUTDOWN

    def resume(self, context, instance, *args, **kwargs):
        self.instances[instance.uuid].state = power_state.RUNNING

    # -- live migration

    def check_can_live_migrate_destination(self, context, instance, *args,
                                           **kwargs):
        if _behaviour(instance)['live_result'] == 'check_fail':
            raise exception.MigrationPreCheckError(
                reason='refused by the destination, as told')
        return super().check_can_live_migrate_destination(
            context, instance, *args, **kwargs)

    def check_can_live_migrate_source(self, context, instance, *args,
                                      **kwargs):
        if _behaviour(instance)['live_result'] == 'source_check_fail':
            raise exception.MigrationPreCheckError(
                reason='refused by the source, as told')
        return super().check_can_live_migrate_source(
            context, instance, *args, **kwargs)

    def pre_live_migration(self, context, instance, *args, **kwargs):
        told = _behaviour(instance)
        start = time.monotonic()
        while time.monotonic() - start < told['live_pre_seconds']:
            time.sleep(LOOK_SECONDS)
        if told['live_result'] == 'pre_fail':
            raise exception.NovaException(
                'pre_live_migration failed, as told')
        return super().pre_live_migration(context, instance, *args, **kwargs)

    def live_migration(self, context, instance, dest, post_method,
                       recover_method, block_migration=False,
                       migrate_data=None):
        requests = live_migration.Requests()
        self._live_migrations[instance.uuid] = requests
        try:
            end = self._copy_memory(instance, migrate_data, requests)
        finally:
            del self._live_migrations[instance.uuid]
        if end == 'raise':
            raise exception.MigrationError(reason='as told')
        if end == 'complete':
            post_method(context, instance, dest, block_migration,
                        migrate_data)
        elif end == 'cancel':
            recover_method(context, instance, dest, migrate_data,
                           migration_status='cancelled')
        else:
            recover_method(context, instance, dest, migrate_data)

    def _copy_memory(self, instance, migrate_data, requests):
        """How the migration ended, see live_migration.outcome()."""
        told = _behaviour(instance)
        start, reported = time.monotonic(), None
        while True:
            now = time.monotonic()
            result = told['live_result']
            part = live_migration.part_copied(
                now - start, told['live_seconds'], result)
            end = live_migration.outcome(
                part, result, requests.abort.is_set(),
                requests.force_complete.is_set())
            if end != 'go_on':
                return end
            if reported is None or now - reported >= told['live_interval']:
                reported = now
                _report_progress(instance, migrate_data, part)
            time.sleep(LOOK_SECONDS)

    def live_migration_force_complete(self, instance):
        if _behaviour(instance)['live_force_complete'] == 'ok':
            self._live_migrations[instance.uuid].force_complete.set()

    def live_migration_abort(self, instance):
        if _behaviour(instance)['live_abort'] == 'ok':
            self._live_migrations[instance.uuid].abort.set()

    def post_live_migration(self, context, instance, block_device_info,
                            migrate_data=None):
        # As libvirt's: the source has no guest any more.
        self.destroy(context, instance, network_info=None,
                     block_device_info=block_device_info)

    def post_live_migration_at_destination(self, context, instance, *args,
                                           **kwargs):
        if _behaviour(instance)['live_result'] == 'post_fail':
            raise exception.NovaException(
                'post_live_migration_at_destination failed, as told')
        super().post_live_migration_at_destination(
            context, instance, *args, **kwargs)
        if instance.vm_state == vm_states.PAUSED:
            self.instances[instance.uuid].state = power_state.PAUSED

    # -- cold migration

    def migrate_disk_and_power_off(self, context, instance, *args, **kwargs):
        result = _behaviour(instance).take_time('cold')
        if result == 'fail':
            raise exception.ResizeError(reason='at the source, as told')
        if result == 'rollback':
            raise exception.InstanceFaultRollback(
                exception.ResizeError(reason='rolled back, as told'))
        if instance.uuid in self.instances:
            self.instances[instance.uuid].state = power_state.SHUTDOWN
        return super().migrate_disk_and_power_off(
            context, instance, *args, **kwargs)

    def finish_migration(self, context, migration, instance, *args, **kwargs):
        if _behaviour(instance)['cold_result'] == 'finish_fail':
            raise exception.NovaException(
                'finish_migration failed, as told')
        super().finish_migration(context, migration, instance, *args,
                                 **kwargs)

    def finish_revert_migration(self, context, instance, *args, **kwargs):
        if _behaviour(instance)['cold_result'] == 'revert_fail':
            raise exception.NovaException(
                'finish_revert_migration failed, as told')
        super().finish_revert_migration(context, instance, *args, **kwargs)

    def confirm_migration(self, context, migration, instance, network_info):
        if _behaviour(instance)['cold_result'] == 'confirm_fail':
            raise exception.NovaException(
                'confirm_migration failed, as told')
        super().confirm_migration(context, migration, instance, network_info)

    # -- volumes

    def swap_volume(self, context, old_connection_info, new_connection_info,
                    instance, mountpoint, resize_to):
        if _behaviour(instance).take_time('swap') == 'fail':
            raise exception.VolumeRebaseFailed(reason='as told')
        old = old_connection_info['data']['device_path']
        new = new_connection_info['data']['device_path']
        LOG.info('Copying %s to %s', old, new, instance=instance)
        # notrunc: the new file may be larger, and stays so.
        subprocess.run(['dd', f'if={old}', f'of={new}', 'bs=1M',
                        'conv=sparse,notrunc', 'status=none'], check=True)
        super().swap_volume(context, old_connection_info,
                            new_connection_info, instance, mountpoint,
                            resize_to)


def _report_progress(instance, migrate_data, part):
    """Writes the figures where libvirt's driver writes them."""
    migration = migrate_data.migration
    flavor = instance.flavor
    memory = live_migration.figures(flavor.memory_mb * 1024 ** 2, part)
    block_migration = (
        migrate_data.obj_attr_is_set('block_migration') and
        migrate_data.block_migration)
    disk = live_migration.figures(
        flavor.root_gb * 1024 ** 3 if block_migration else 0, part)
    migration.memory_total = memory.total
    migration.memory_processed = memory.processed
    migration.memory_remaining = memory.remaining
    migration.disk_total = disk.total
    migration.disk_processed = disk.processed
    migration.disk_remaining = disk.remaining
    migration.save()
    instance.progress = int(100 * part)
    instance.save()
