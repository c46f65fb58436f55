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

"""Files as block devices, under names that stay: links to /dev/loop*.

Nova keeps the path of a volume's device, and a loop device has another number
each time.
"""

import pathlib
import subprocess

BLOCK = pathlib.Path('/sys/block')


def attach(file, link):
    """Makes a file a block device with that link to it, if it is none."""
    link = pathlib.Path(link)
    devices = _devices(lambda backing: backing == str(file))
    if not devices:
        done = subprocess.run(
            ['losetup', '--find', '--show', str(file)], check=True,
            stdout=subprocess.PIPE, text=True)
        devices = [done.stdout.strip()]
    link.parent.mkdir(parents=True, exist_ok=True)
    if not (link.is_symlink() and str(link.readlink()) == devices[0]):
        link.unlink(missing_ok=True)
        link.symlink_to(devices[0])


def detach(file, link):
    """Ends the device of a file, which may have none, and its link.

    What uses it may go on; the kernel keeps it until then.
    """
    pathlib.Path(link).unlink(missing_ok=True)
    _detach(_devices(lambda backing: backing == str(file)))


def detach_all(files, links):
    """Ends the devices of all files in a directory, also deleted ones."""
    _detach(_devices(lambda backing: backing.startswith(f'{files}/')))
    for link in pathlib.Path(links).glob('*/*'):
        link.unlink()


def _devices(chosen):
    """Devices whose files are ``chosen(path)``."""
    found = []
    for device in BLOCK.glob('loop*'):
        try:
            backing = (device / 'loop' / 'backing_file').read_text()
        except OSError:  # it has none
            continue
        if chosen(backing.strip()):
            found.append(f'/dev/{device.name}')
    return found


def _detach(devices):
    for device in devices:
        subprocess.run(['losetup', '--detach', device], check=True)
