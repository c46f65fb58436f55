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

"""The moves that are wanted of resources, and the decisions on them."""

import dataclasses
import enum


@dataclasses.dataclass(frozen=True)
class ServerMove:
    """The move that is wanted of a server; empty strings are "not given"."""

    resource_id: str
    resource_name: str = ''
    #: What the caller believes: active, shutoff, or nothing.
    status: str = ''
    dst_hostname: str = ''
    #: Move it only while it is there.
    src_hostname: str = ''
    #: Where it was when the plan was made.
    source: str = ''
    force: bool = False


@dataclasses.dataclass(frozen=True)
class VolumeMove:
    """The move that is wanted of a volume; empty strings are "not given"."""

    resource_id: str
    resource_name: str = ''
    dst_hostname: str = ''
    dst_type: str = ''
    src_hostname: str = ''
    source: str = ''
    #: Whether it was moving when the plan was made, to one of several
    #: destinations: it is seen through, and not started.
    in_flight: bool = False


class Kind(enum.Enum):
    """The kinds of decisions on a resource."""

    START = 'start'
    ADOPT = 'adopt'
    SKIP = 'skip'
    REFUSE = 'refuse'


@dataclasses.dataclass(frozen=True)
class Decision:
    """A decision on a resource; but for START with the reason."""

    kind: Kind
    text: str = ''
    #: For START of a volume without a destination: the pool that was chosen,
    #: or, of a retype, the one that Cinder is expected to choose.
    pool: str = ''

    @property
    def moves(self) -> bool:
        """Whether the resource will move, or is moving already."""
        return self.kind in (Kind.START, Kind.ADOPT)


START = Decision(Kind.START)


def skip(text: str) -> Decision:
    """Decide that there is nothing left to do."""
    return Decision(Kind.SKIP, text)


def refuse(text: str) -> Decision:
    """Decide that it cannot be done as asked."""
    return Decision(Kind.REFUSE, text)


def adopt(text: str) -> Decision:
    """Decide to see through what is in flight already."""
    return Decision(Kind.ADOPT, text)


def gone(wanted: ServerMove | VolumeMove) -> Decision:
    """Skip what does not exist any more."""
    kind = 'server' if isinstance(wanted, ServerMove) else 'volume'
    return skip(f'{kind} {wanted.resource_id} not found: deleted?')
