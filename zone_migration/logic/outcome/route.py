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

"""Where a resource was and is, read from the message of its action.

The outcomes of servers and volumes write these texts, and the checks before
a plan is made.
"""

import dataclasses
import re

_MIGRATED = re.compile(r'migrated from (?P<source>\S+) to (?P<there>[^\s;,]+)')
_RETYPED = re.compile(r'retyped from .* to .*, now on (?P<there>[^\s;,]+)')
_RUNNING = re.compile(
    r'(copying to|preparing|starting on) (?P<there>[^\s,]+)(,|$| after | \()'
)


@dataclasses.dataclass(frozen=True)
class Route:
    """The way that a resource has gone; '' where the message tells none."""

    source: str = ''
    destination: str = ''


def read(text: str) -> Route:
    """The hosts or pools that a success names, or a move that runs.

    >>> read('migrated from c1 to c2')
    Route(source='c1', destination='c2')
    >>> read('retyped from lvm to fast ssd, now on b1@ceph#p').destination
    'b1@ceph#p'
    >>> read('copying to c2, memory 1.0 of 2.0 GiB left').destination
    'c2'
    >>> read('copying to c3 (attempt 2; attempt 1 to c2: full)').destination
    'c3'
    >>> read('the server is gone')
    Route(source='', destination='')
    """
    found = _MIGRATED.match(text)
    if found:
        return Route(found['source'], _whole(found['there']))
    found = _RETYPED.match(text) or _RUNNING.match(text)
    return Route('', _whole(found['there'])) if found else Route()


def _whole(name: str) -> str:
    """The name, '' when the message was cut within it."""
    return '' if name.endswith('...') else name
