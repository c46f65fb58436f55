# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
# http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or
# implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Units, as Nova and Cinder count them."""

#: Megabytes in a gigabyte.
MB_PER_GB = 1024


def size(size_mb: float) -> str:
    """A size as people say it.

    >>> size(512), size(1536), size(20480), size(3 * 1024 * 1024)
    ('512 MiB', '1.5 GiB', '20 GiB', '3 TiB')
    """
    if size_mb < MB_PER_GB:
        return f'{size_mb:.0f} MiB'
    number, unit = size_mb / MB_PER_GB, 'GiB'
    if number >= 1024:
        number, unit = number / 1024, 'TiB'
    return f'{number:.1f}'.removesuffix('.0') + f' {unit}'
