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

"""Becomes a host: cable, mounts, then libvirtd, until that ends.

``python -m sandbox.hosts.namespaces SPECIFICATION``, in network, mount and
UTS namespaces of its own (unshare(1)).  It makes the PID namespace itself,
because the bridge at the other end of the cable is named by a pid that can be
seen from outside only.  When the first process of the PID namespace ends, the
kernel kills everything in it, guests too, and all namespaces go.
"""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys

#: Where libvirt looks for its files -> their place in a host's directory.
DIRECTORIES = {
    '/run': 'run', '/etc/libvirt': 'etc', '/var/lib/libvirt': 'lib',
    '/var/log/libvirt': 'log', '/var/cache/libvirt': 'cache',
}
#: libvirt looks for this account of Debian's, which another package makes,
#: although it is configured not to use it.
ACCOUNT = {
    'passwd': 'libvirt-qemu:x:0:0::/nonexistent:/usr/sbin/nologin\n',
    'group': 'libvirt-qemu:x:0:\n',
}


@dataclasses.dataclass(frozen=True)
class Specification:
    """What a host is to be; travels as JSON."""

    name: str
    #: With the length of the network's prefix.
    address: str
    #: Its own directory, with the files libvirt is to see.
    directory: str
    #: Directory that looks like a cluster's file system to its guests.
    shared: str
    #: Pid of a process in the network namespace of the bridge.
    switch: int
    bridge: str

    def dumps(self):
        return json.dumps(dataclasses.asdict(self))


def main():
    stage, text = sys.argv[1:]
    host = Specification(**json.loads(text))
    if stage == 'outside':
        _connect(host)
        _mount(host)
        os.execvp('unshare', [
            'unshare', '--pid', '--fork', '--kill-child', '--mount-proc',
            sys.executable, '-m', 'sandbox.hosts.namespaces', 'inside', text])
    _serve(host)


def _connect(host):
    """A cable from the host's eth0 to a port of its name on the switch."""
    ip = ['ip', 'link']
    switch = ['nsenter', f'--net=/proc/{host.switch}/ns/net', *ip]
    _run('hostname', host.name)
    for name in _network_devices():
        # Some kernels put devices into each new namespace that are of no use.
        if name != 'lo':
            subprocess.run([*ip, 'delete', name], check=False)
    _run(*ip, 'set', 'lo', 'up')
    _run(*ip, 'add', 'eth0', 'type', 'veth', 'peer', 'name', host.name,
         'netns', str(host.switch))
    _run(*switch, 'set', host.name, 'master', host.bridge, 'up')
    _run('ip', 'address', 'add', host.address, 'dev', 'eth0')
    _run(*ip, 'set', 'eth0', 'up')


def _network_devices():
    listed = subprocess.run(['ip', '-json', 'link'], check=True,
                            stdout=subprocess.PIPE).stdout
    return [one['ifname'] for one in json.loads(listed)]


def _mount(host):
    directory = pathlib.Path(host.directory)
    _run('mount', '-t', 'sysfs', 'sysfs', '/sys')  # its own network devices
    # As after any boot: libvirt must not look for the guests of a life
    # before.
    shutil.rmtree(directory / 'run', ignore_errors=True)
    for target, name in DIRECTORIES.items():
        (directory / name).mkdir(exist_ok=True)
        # Debian makes some of them in packages that are not needed.
        pathlib.Path(target).mkdir(exist_ok=True)
        _run('mount', '--bind', directory / name, target)
    for name in ('libvirt', 'lock'):
        pathlib.Path('/run', name).mkdir()
    _run('mount', '--bind', directory / 'hosts', '/etc/hosts')
    for name, line in ACCOUNT.items():
        file = directory / name
        file.write_text(pathlib.Path('/etc', name).read_text() + line)
        _run('mount', '--bind', file, f'/etc/{name}')


def _serve(host):
    """Runs libvirtd, and reaps what becomes an orphan.

    A dead QEMU that stays a zombie looks alive to libvirt.

    libvirt calls it unsafe to migrate a guest whose disk is on a local file
    system, all the more as it cannot know that the hosts share it.  A FUSE
    file system of a name it trusts, over the same directory, may be used.
    """
    _run('bindfs', '-o', 'subtype=glusterfs,attr_timeout=0,entry_timeout=0',
         host.shared, host.shared)
    libvirtd = subprocess.Popen(['libvirtd', '--listen'])
    while True:
        pid, status = os.wait()
        if pid == libvirtd.pid:
            sys.exit(f'libvirtd ended with status {status}')


def _run(*command):
    subprocess.run([str(part) for part in command], check=True)


if __name__ == '__main__':
    main()
