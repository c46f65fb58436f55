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

"""Real hypervisors, if wanted: a switch, and hosts with libvirt and QEMU."""

import subprocess
import uuid

from sandbox import daemon
from sandbox import debian
from sandbox import errors
from sandbox import layout as layouts
from sandbox import process
from sandbox.hosts import namespaces
from sandbox.services import common

SWITCH = 'switch'
BRIDGE = 'hosts'
#: Of the network of the hosts, which no other namespace sees.
NETWORK = '10.77.0'

_LIBVIRTD = """\
listen_tls = 0
listen_tcp = 1
listen_addr = "{address}"
auth_tcp = "none"
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
host_uuid = "{uuid}"
log_outputs = "2:stderr"
"""
# As root on shared storage nobody has to own files.  Without cgroups: two
# hosts would make the same ones for a guest that migrates.  What a guest says
# goes to its file without virtlogd.
_QEMU = """\
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
"""


def wanted(layout):
    """Whether the sandbox has such hosts."""
    return layout.options.hypervisor != layouts.NO_HYPERVISOR


def configure(layout):
    names = ['127.0.0.1 localhost'] + [
        f'{address(layout, host)} {host}' for host in layout.computes]
    for host in layout.computes:
        etc = directory(layout, host) / 'etc'
        layouts.write(etc / 'libvirtd.conf', _LIBVIRTD.format(
            address=address(layout, host),
            # The same hardware must not look like the same host.
            uuid=uuid.uuid5(uuid.NAMESPACE_URL, f'{layout.state}/{host}')))
        layouts.write(etc / 'qemu.conf', _QEMU)
        layouts.write(directory(layout, host) / 'hosts',
                      '\n'.join([*names, '']))
    instances(layout).mkdir(parents=True, exist_ok=True)
    _link_python(layout)


def daemons(layout):
    if not wanted(layout):
        return []
    switch = daemon.Daemon(
        SWITCH, ('unshare', '--net', 'sh', '-ec',
                 f'ip link add {BRIDGE} type bridge; '
                 f'ip link set {BRIDGE} up; exec sleep infinity'),
        health='running', stop_seconds=0)
    return [switch, *(_host(layout, host) for host in layout.computes)]


def daemon_name(host):
    return f'libvirt-{host}'


def hosts(layout):
    """Names of the daemons that are the hosts."""
    return [daemon_name(host) for host in layout.computes
            ] if wanted(layout) else []


def directory(layout, host):
    """What a host has for itself."""
    return layout.path('hosts', host)


def instances(layout):
    """Nova's instances_path, the same on all hosts."""
    return layout.path('instances')


def address(layout, host):
    return f'{NETWORK}.{layout.computes.index(host) + 1}'


def uri(layout, host):
    """Of a host's libvirtd, for a client that works in the state directory.

    The kernel allows 107 characters for the path of a socket, and the state
    directory may be deep.
    """
    socket = directory(layout, host).relative_to(layout.state)
    return f'qemu+unix:///system?socket={socket}/run/libvirt/libvirt-sock'


def python_path(layout):
    """PYTHONPATH of a program that talks to libvirt."""
    return f'{layout.path("lib")}:{layout.path("lib-libvirt")}'


def virsh(layout, host, *arguments):
    """What virsh prints about a host.

    :raises errors.SandboxError: when it fails
    """
    done = subprocess.run(
        ['virsh', '--quiet', '--connect', uri(layout, host), *arguments],
        cwd=layout.state, check=False, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, env=daemon.environment(layout))
    if done.returncode:
        raise errors.SandboxError(
            f'virsh {" ".join(arguments)} on {host}: {done.stderr.strip()}')
    return done.stdout


def answers(layout, host):
    """Whether the libvirtd of a host does."""
    try:
        virsh(layout, host, 'version')
    except errors.SandboxError:
        return False
    return True


def set_cable(layout, host, plugged):
    """Pulls the cable between a host and the switch, or plugs it in again.

    What runs on the host, and Nova's services, notice nothing: it is the
    network between libvirt and libvirt, and QEMU and QEMU.

    :raises errors.NotFound: when there is no such host
    """
    if not wanted(layout) or host not in layout.computes:
        raise errors.NotFound('host with a cable', host)
    switch = daemon.running(layout, SWITCH)
    if not switch:
        raise errors.SandboxError('the switch is down')
    process.run(
        ['nsenter', f'--net=/proc/{switch.pid}/ns/net', 'ip', 'link', 'set',
         host, 'up' if plugged else 'down'],
        daemon.environment(layout), layout.state, layout.log('cables'))


def _host(layout, host):
    switch = daemon.record(layout, SWITCH)
    specification = namespaces.Specification(
        name=host, address=f'{address(layout, host)}/24',
        directory=str(directory(layout, host)),
        shared=str(instances(layout)),
        switch=switch.pid if switch else 0, bridge=BRIDGE)
    etc = directory(layout, host) / 'etc'
    return daemon.Daemon(
        daemon_name(host),
        ('unshare', '--net', '--mount', '--uts',
         layout.bin('services', 'python'), '-m', 'sandbox.hosts.namespaces',
         'outside', specification.dumps()),
        files=(str(etc / 'libvirtd.conf'), str(etc / 'qemu.conf'),
               str(common.PACKAGE / 'hosts' / 'namespaces.py')),
        health='libvirt', stop_seconds=0)


def _link_python(layout):
    """Makes Debian's modules of libvirt known, and nothing else of Debian."""
    links = layout.path('lib-libvirt')
    links.mkdir(exist_ok=True)
    for module in debian.PYTHON_MODULES.glob('libvirt*'):
        if module.suffix in ('.py', '.so'):
            link = links / module.name
            if not link.is_symlink():
                link.symlink_to(module)
