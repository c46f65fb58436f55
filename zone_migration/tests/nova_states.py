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

"""The states of servers that Nova 34 has, and how its API shows them.

A functional test compares them with those of the Nova that it runs on.
"""

#: ``nova.objects.fields.InstanceState``
VM_STATES = [
    'active',
    'building',
    'deleted',
    'error',
    'paused',
    'rescued',
    'resized',
    'shelved',
    'shelved_offloaded',
    'soft-delete',
    'stopped',
    'suspended',
]

#: ``nova.objects.fields.InstanceTaskState``
TASK_STATES = [
    'block_device_mapping',
    'deleting',
    'image_backup',
    'image_pending_upload',
    'image_snapshot',
    'image_snapshot_pending',
    'image_uploading',
    'migrating',
    'networking',
    'pausing',
    'powering-off',
    'powering-on',
    'reboot_pending',
    'reboot_pending_hard',
    'reboot_started',
    'reboot_started_hard',
    'rebooting',
    'rebooting_hard',
    'rebuild_block_device_mapping',
    'rebuild_spawning',
    'rebuilding',
    'rescuing',
    'resize_confirming',
    'resize_finish',
    'resize_migrated',
    'resize_migrating',
    'resize_prep',
    'resize_reverting',
    'restoring',
    'resuming',
    'scheduling',
    'shelving',
    'shelving_image_pending_upload',
    'shelving_image_uploading',
    'shelving_offloading',
    'soft-deleting',
    'spawning',
    'suspending',
    'unpausing',
    'unrescuing',
    'unshelving',
    'updating_password',
]

#: ``nova.compute.power_state.STATE_MAP``
POWER_STATES = [0, 1, 3, 4, 6, 7]

#: The status that the API shows, by vm_state and task_state, 'default' for all
#: others (``nova.api.openstack.common._STATE_MAP``).
STATUSES = {
    'active': {
        'default': 'ACTIVE',
        'migrating': 'MIGRATING',
        'reboot_pending': 'REBOOT',
        'reboot_pending_hard': 'HARD_REBOOT',
        'reboot_started': 'REBOOT',
        'reboot_started_hard': 'HARD_REBOOT',
        'rebooting': 'REBOOT',
        'rebooting_hard': 'HARD_REBOOT',
        'rebuild_block_device_mapping': 'REBUILD',
        'rebuild_spawning': 'REBUILD',
        'rebuilding': 'REBUILD',
        'resize_finish': 'RESIZE',
        'resize_migrated': 'RESIZE',
        'resize_migrating': 'RESIZE',
        'resize_prep': 'RESIZE',
        'updating_password': 'PASSWORD',
    },
    'building': {
        'default': 'BUILD',
    },
    'deleted': {
        'default': 'DELETED',
    },
    'error': {
        'default': 'ERROR',
        'rebuild_block_device_mapping': 'REBUILD',
        'rebuild_spawning': 'REBUILD',
        'rebuilding': 'REBUILD',
    },
    'paused': {
        'default': 'PAUSED',
        'migrating': 'MIGRATING',
    },
    'rescued': {
        'default': 'RESCUE',
    },
    'resized': {
        'default': 'VERIFY_RESIZE',
        'resize_reverting': 'REVERT_RESIZE',
    },
    'shelved': {
        'default': 'SHELVED',
    },
    'shelved_offloaded': {
        'default': 'SHELVED_OFFLOADED',
    },
    'soft-delete': {
        'default': 'SOFT_DELETED',
    },
    'stopped': {
        'default': 'SHUTOFF',
        'rebuild_block_device_mapping': 'REBUILD',
        'rebuild_spawning': 'REBUILD',
        'rebuilding': 'REBUILD',
        'resize_finish': 'RESIZE',
        'resize_migrated': 'RESIZE',
        'resize_migrating': 'RESIZE',
        'resize_prep': 'RESIZE',
    },
    'suspended': {
        'default': 'SUSPENDED',
    },
}


def status(vm_state, task_state):
    """The status that Nova's API shows."""
    tasks = STATUSES[vm_state]
    return tasks.get(task_state, tasks['default'])
