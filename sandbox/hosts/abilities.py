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

"""What the machine must be able to do for hosts with real guests."""

import os
import pathlib
import subprocess

from sandbox import debian
from sandbox import errors

_NAMESPACES = ('unshare', '--net', '--mount', '--uts', '--pid', '--fork',
               '--mount-proc')
_DEVICES = {
    'FUSE (/dev/fuse)': '/dev/fuse',
    'loop devices (/dev/loop-control)': '/dev/loop-control',
}
KVM = 'KVM (/dev/kvm)'


def check(kvm, python):
    """:raises errors.MachineLacks: naming all that is not there

    :param kvm: whether the guests are to run on KVM
    :param python: the interpreter of nova-compute
    """
    lacking = missing(kvm, python)
    if lacking:
        raise errors.MachineLacks(lacking)


def missing(kvm, python):
    """Names of what the machine cannot do, with debian.HYPERVISOR there."""
    if os.geteuid() != 0:
        return ['root']
    devices = dict(_DEVICES, **({KVM: '/dev/kvm'} if kvm else {}))
    return [*_missing_namespaces(),
            *(name for name, path in devices.items() if not _opens(path)),
            *_missing_modules(python)]


def _missing_namespaces():
    if not _succeeds(*_NAMESPACES, 'true'):
        return ['namespaces (network, mount, UTS and PID)']
    if not _succeeds(*_NAMESPACES, 'sh', '-ec',
                     'ip link add one type bridge; '
                     'ip link add two type veth peer name three'):
        return ['bridges and virtual Ethernet']
    return []


def _missing_modules(python):
    if _succeeds('env', f'PYTHONPATH={debian.PYTHON_MODULES}', python, '-c',
                 'import libvirt'):
        return []
    return [f'a {python} of the version that python3-libvirt is made for']


def _succeeds(*command):
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL,
                          capture_output=True).returncode == 0


def _opens(path):
    try:
        with pathlib.Path(path).open('r+b', buffering=0):
            return True
    except OSError:
        return False
