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

"""What is in a file: writes data that can be recognised, and sums it up."""

import errno
import hashlib
import os

MIB = 1024 ** 2
#: A block is written in every so many MiB; the file stays sparse.
EVERY_MIB = 64


def fill(path, seed, size_gb):
    """Writes blocks of 1 MiB that differ by seed and place."""
    with path.open('r+b') as file:
        for offset in range(0, size_gb * 1024, EVERY_MIB):
            digest = hashlib.sha256(f'{seed} {offset}'.encode()).digest()
            file.seek(offset * MIB)
            file.write(digest * (MIB // len(digest)))


def checksum(path):
    """SHA-256 of its size and of all that is not zero, with its place.

    In hexadecimal digits.  Holes are not read, and are the same as zeros: a
    copy may have them elsewhere.
    """
    with path.open('rb') as file:
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.sha256(b'%d' % size)
        offset = _next_data(file, 0, size)
        while offset < size:
            file.seek(offset)
            block = file.read(MIB)
            if any(block):
                digest.update(b'%d:' % offset + block)
            offset = _next_data(file, offset + MIB, size)
    return digest.hexdigest()


def _next_data(file, offset, size):
    """The next whole MiB from an offset on that may hold data."""
    try:
        found = os.lseek(file.fileno(), offset, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:  # nothing but a hole is left
            return size
        raise
    return found - found % MIB
