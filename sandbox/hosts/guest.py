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

"""Images of the guests: a boot sector, assembled when the cloud is made."""

import pathlib
import struct

from sandbox import debian
from sandbox import process

SOURCE = pathlib.Path(__file__).with_name('guest.s')
#: Image -> whether its guest keeps writing to half of its memory.
IMAGES = {'tiny': False, 'busy': True}

SECTOR = 512
#: Where the BIOS puts a boot sector.
ADDRESS = 0x7c00
PARTITION_TABLE = 446
#: On FUSE, QEMU wants whole pages (else "Cannot get 'write' permission
#: without 'resize'").
IMAGE_BYTES = 1024 ** 2


def build(layout, busy):
    """The image of a guest, as bytes.

    :raises errors.CommandFailed: when it cannot be assembled
    """
    name = f'guest-{"busy" if busy else "idle"}'
    directory = layout.path('state', 'guests')
    directory.mkdir(parents=True, exist_ok=True)
    unlinked, linked = directory / f'{name}.o', directory / f'{name}.bin'
    for command in (
            ('as', '--32', '--defsym', f'DIRTY={int(busy)}', '-o', unlinked,
             SOURCE),
            ('ld', '-m', 'elf_i386', '--oformat', 'binary',
             f'-Ttext={ADDRESS:#x}', '-o', linked, unlinked)):
        process.run([debian.program(command[0]), *command[1:]], {}, '/',
                    layout.log('setup-guests'))
    return disk(linked.read_bytes())


def disk(code):
    """A disk that starts with the code.

    With one bootable partition over the rest: Glance refuses a boot sector
    that has none ("Image failed safety checks").

    :raises ValueError: when the code reaches into the partition table
    """
    if len(code) > PARTITION_TABLE:
        raise ValueError(f'{len(code)} bytes of code are too many')
    partition = struct.pack('<B3xB3xII', 0x80, 0x0c, 1,
                            IMAGE_BYTES // SECTOR - 1)
    table = partition.ljust(SECTOR - 2 - PARTITION_TABLE, b'\0')
    sector = code.ljust(PARTITION_TABLE, b'\0') + table + b'\x55\xaa'
    return sector.ljust(IMAGE_BYTES, b'\0')
