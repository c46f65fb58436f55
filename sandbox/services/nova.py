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

"""Servers: API, conductor, scheduler and a nova-compute for each host."""

from sandbox import daemon
from sandbox import ini
from sandbox import layout as layouts
from sandbox.services import common
from sandbox.services import libvirt

#: A host that has not reported for so long takes no servers.  A report that
#: is under way while nova-conductor stops is lost, and nova-compute waits 60
#: seconds for its answer (rpc_response_timeout) before it reports again.
DOWN_SECONDS = 180


#: The host where what is shelved stays until it is offloaded.
SHELVING_HOST = 'compute2'


def configure(layout):
    sections = _sections(layout)
    layouts.write(_conf(layout), ini.render(sections))
    layouts.write(_conf(layout, 'nova-cell0'), ini.render({
        **sections, 'database': common.database(layout, 'nova_cell0')}))
    # nova-api takes its paste file from beside nova.conf.
    paste = layout.venv('services') / 'etc/nova/api-paste.ini'
    layouts.write(layout.etc('nova', 'api-paste.ini'), paste.read_text())
    for host in layout.computes:
        layouts.write(_conf(layout, host), ini.render(
            _compute_sections(layout, host)))


def daemons(layout):
    conf = str(_conf(layout))
    arguments = ('--config-file', conf)
    return [
        daemon.Daemon(
            'nova-conductor', (layout.bin('services', 'nova-conductor'),
                               *arguments), files=(conf,), health='nova'),
        daemon.Daemon(
            'nova-scheduler', (layout.bin('services', 'nova-scheduler'),
                               *arguments), files=(conf,), health='nova'),
        common.api(
            layout, 'nova-api', 'nova.wsgi.osapi_compute', 12,
            env={'OS_NOVA_CONFIG_DIR': str(layout.etc('nova')),
                 'OS_NOVA_CONFIG_FILES': 'api-paste.ini;nova.conf'},
            files=(conf,)),
        *(_compute(layout, host) for host in layout.computes),
    ]


def create_tables(layout):
    manage = [layout.bin('services', 'nova-manage'), '--config-file']
    cell0 = common.database_url(layout, 'nova_cell0')
    for conf, command in (
            ('nova', ['api_db', 'sync']),
            ('nova', ['cell_v2', 'map_cell0',
                      '--database_connection', cell0]),
            ('nova', ['db', 'sync', '--local_cell']),
            ('nova', ['cell_v2', 'create_cell', '--name', 'cell1'])):
        daemon.run(layout, [*manage, _conf(layout, conf), *command], 'nova')


def create_cell0_tables(layout):
    """Apart from create_tables because both can be done at once."""
    daemon.run(layout, [
        layout.bin('services', 'nova-manage'), '--config-file',
        _conf(layout, 'nova-cell0'), 'db', 'sync', '--local_cell'],
        'nova-cell0')


def discover_hosts(layout):
    """Puts new nova-compute services into the cell, so they are used."""
    daemon.run(layout, [
        layout.bin('services', 'nova-manage'), '--config-file',
        _conf(layout), 'cell_v2', 'discover_hosts', '--by-service'], 'nova')


def _compute(layout, host):
    conf = str(_conf(layout, host))
    if libvirt.wanted(layout):
        return daemon.Daemon(
            f'nova-{host}', (layout.bin('services', 'nova-compute'),
                             '--config-file', conf),
            {'PYTHONPATH': libvirt.python_path(layout)},
            # It ends with its host, as it does on a real one.
            files=(conf, *daemon.record_files(
                layout, libvirt.daemon_name(host))),
            health='nova')
    drivers = common.PACKAGE / 'drivers'
    return daemon.Daemon(
        f'nova-{host}',
        (layout.bin('services', 'python'), '-m',
         'sandbox.drivers.nova_compute', '--config-file', conf),
        files=(conf, *(str(drivers / name) for name in (
            'behaviour.py', 'guests.py', 'live_migration.py',
            'nova_compute.py', 'nova_driver.py'))),
        health='nova')


def _sections(layout):
    internal = common.credentials(layout, 'nova',
                                  valid_interfaces='internal')
    return {
        'DEFAULT': common.defaults(
            layout, 'nova', my_ip='127.0.0.1',
            default_availability_zone='nova', report_interval=5,
            service_down_time=DOWN_SECONDS,
            max_concurrent_live_migrations=layout.options.live_per_host),
        'api': {'auth_strategy': 'keystone'},
        'api_database': common.database(layout, 'nova_api'),
        'database': common.database(layout, 'nova'),
        'keystone_authtoken': common.middleware(layout, 'nova'),
        'service_user': common.credentials(
            layout, 'nova', send_service_user_token=True),
        'placement': internal,
        'glance': internal,
        'neutron': internal,
        'keystone': common.credentials(layout, 'nova'),
        'cinder': common.credentials(
            layout, 'nova', os_region_name=layouts.REGION,
            catalog_info='block-storage:cinder:internalURL'),
        'vnc': {'enabled': False},
        'spice': {'enabled': False},
        'conductor': {'workers': 1},
        'scheduler': {'workers': 1},
        'quota': dict.fromkeys(
            ('instances', 'cores', 'ram', 'metadata_items', 'server_groups',
             'server_group_members'), -1),
        # Watcher's model of the cloud follows these.
        'notifications': {'notification_format': 'versioned',
                          'notify_on_state_change': 'vm_and_task_state'},
        'oslo_messaging_notifications': {'driver': 'messagingv2'},
        'oslo_concurrency': common.concurrency(layout, 'nova'),
        **common.privsep(
            layout, 'privsep_osbrick', 'vif_plug_ovs_privileged',
            'vif_plug_linux_bridge_privileged', 'nova_sys_admin'),
    }


def _compute_sections(layout, host):
    """No database, as on a real host: a nova-compute asks the conductor."""
    sections = {name: options for name, options in _sections(layout).items()
                if name not in ('api_database', 'database')}
    state = layout.path('state', host)
    state.mkdir(parents=True, exist_ok=True)
    sections['DEFAULT'].update(
        host=host, state_path=state,
        compute_driver='sandbox.SandboxDriver',
        # Nova would look for files of deleted servers every five minutes,
        # and Watcher takes its word of that for servers that exist.
        instance_delete_interval=-1)
    if host == SHELVING_HOST:
        sections['DEFAULT']['shelved_offload_time'] = -1
    sections['oslo_concurrency'] = common.concurrency(layout, host)
    if libvirt.wanted(layout):
        sections['DEFAULT'].update(_libvirt_defaults(layout))
        sections.update(_libvirt_sections(layout, host))
    return sections


def _libvirt_defaults(layout):
    """All hosts have the same my_ip, the control plane's.

    That is also how Nova knows that they share their instances_path; it
    would use SSH to find out else.
    """
    return {'compute_driver': 'libvirt.LibvirtDriver',
            'instances_path': libvirt.instances(layout),
            # Guests that sleep are many to a processor; their disks are
            # empty.
            'cpu_allocation_ratio': 64, 'disk_allocation_ratio': 64,
            # Its guests do not hear of a shutdown.
            'shutdown_timeout': 1,
            # "down" is a power failure to them.
            'resume_guests_state_on_host_boot': True}


def _libvirt_sections(layout, host):
    options = layout.options
    sections = {'libvirt': {
        'virt_type': options.hypervisor, 'cpu_mode': 'none',
        'connection_uri': libvirt.uri(layout, host),
        'disk_cachemodes': 'file=none', 'inject_partition': -2,
        'live_migration_scheme': 'tcp',
        'live_migration_inbound_addr': libvirt.address(layout, host),
        'live_migration_bandwidth': options.bandwidth,
        'live_migration_permit_post_copy': options.post_copy}}
    if options.hypervisor == 'kvm':
        # Inside a virtual machine the comparison may fail for nothing
        # ("Unacceptable CPU info"); all hosts are the same machine.
        sections['workarounds'] = {'skip_cpu_compare_on_dest': True}
    return sections


def _conf(layout, name='nova'):
    return layout.etc('nova', f'{name}.conf')
