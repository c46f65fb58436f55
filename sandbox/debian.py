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

"""The programs that do not come from PyPI."""

import contextlib
import importlib.util
import os
import pathlib
import shutil

from sandbox import errors
from sandbox import process

#: Package -> programs we need of it, to make the virtual environments: pbr
#: asks git for the version of the plugin.
TOOLS = {
    'git': ('git',),
    'python3-venv': (),
}
#: Package -> programs we need of it, to run.  Cinder asks qemu-img what an
#: image is before it makes a volume from it.
SERVERS = {
    'mariadb-server': ('mariadbd', 'mariadb-install-db'),
    'qemu-utils': ('qemu-img',),
    'rabbitmq-server': ('rabbitmq-server', 'epmd'),
}
#: Debian's modules, which its own python3 finds there.
PYTHON_MODULES = pathlib.Path('/usr/lib/python3/dist-packages')
#: Package -> programs and files we need of it, for hosts with real guests.
HYPERVISOR = {
    'bindfs': ('bindfs',),
    'binutils': ('as', 'ld'),
    'iproute2': ('ip',),
    'libvirt-clients': ('virsh',),
    'libvirt-daemon': ('libvirtd',),
    'libvirt-daemon-driver-qemu': (
        '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver'
        '/libvirt_driver_qemu.so',),
    'python3-libvirt': (f'{PYTHON_MODULES}/libvirt.py',),
    'qemu-system-x86': ('qemu-system-x86_64',),
    'qemu-utils': ('qemu-img',),
}
#: Debian starts a daemon when it installs one, unless this file says no.
POLICY = pathlib.Path('/usr/sbin/policy-rc.d')
POLICY_TEXT = """\
#!/bin/sh
# Made by the zone_migration sandbox for the time it installs packages; says
# yes (0) once that process is gone, no (101) before.
kill -0 {pid} 2>/dev/null && exit 101
exit 0
"""


def program(name):
    """Full path of a program, also one that is only on root's PATH.

    :param name: or the full path of any file
    """
    if name.startswith('/'):
        return name if pathlib.Path(name).exists() else None
    path = os.environ.get('PATH', '') + ':/usr/sbin:/sbin:/usr/bin'
    return shutil.which(name, path=path)


def missing(packages):
    """Those of the packages that are not installed."""
    found = [package for package, programs in packages.items()
             if not all(program(name) for name in programs)]
    if 'python3-venv' in packages and not _has_venv():
        found.append('python3-venv')
    return found


def _has_venv():
    """Whether this Python can make virtual environments with pip in them.

    Debian keeps what that needs in a package of its own.
    """
    return importlib.util.find_spec('ensurepip') is not None


def ensure_packages(layout, progress, wanted):
    """Installs what is missing, when we may; never starts a daemon.

    :param wanted: TOOLS, SERVERS or HYPERVISOR
    :raises errors.PackagesMissing: when we are not root or have no apt-get
    """
    packages = missing(wanted)
    if not packages:
        return
    if os.geteuid() != 0 or not program('apt-get'):
        raise errors.PackagesMissing(packages)
    progress.step(f'installing {", ".join(packages)} with apt-get')
    env = dict(os.environ, DEBIAN_FRONTEND='noninteractive')
    log = layout.log('setup-apt')
    with _no_daemon_is_started():
        process.run(['apt-get', 'update', '-q'], env, '/', log)
        process.run(['apt-get', 'install', '-q', '-y',
                     '--no-install-recommends', *packages], env, '/', log)
    progress.step('system packages installed')


@contextlib.contextmanager
def _no_daemon_is_started():
    """Denies it through policy-rc.d, unless there is a policy already.

    The file is removed at the end.  Should we be killed in between, it is
    harmless (see its text), and removed the next time.
    """
    ours = POLICY_TEXT.partition('{pid}')[0]
    if POLICY.exists() and not POLICY.read_text().startswith(ours):
        yield
        return
    POLICY.write_text(POLICY_TEXT.format(pid=os.getpid()))
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
