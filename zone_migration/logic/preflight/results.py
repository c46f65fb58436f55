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

"""The preflight results of all resources of an audit."""

from collections.abc import Sequence
import dataclasses

from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.preflight import already_there
from zone_migration.logic.preflight import decisions


@dataclasses.dataclass(frozen=True)
class Result:
    """The preflight result of a resource.

    ``decision`` says START or ADOPT (it will move), SKIP (it is there
    already, or elsewhere) or REFUSE (it cannot move), and why.
    """

    #: With the destination that was chosen for it, if one was.
    item: params.ServerItem | params.VolumeItem
    decision: decisions.Decision
    #: Lower ones start first; among equal ones the engine may choose.
    rank: int = 0

    @property
    def is_server(self) -> bool:
        """Whether the resource is a server, and no volume."""
        return isinstance(self.item, params.ServerItem)

    @property
    def moves(self) -> bool:
        """Whether it will move, or is moving already."""
        return self.decision.moves

    @property
    def is_there(self) -> bool:
        """Whether it is where it is to go, and needs nobody."""
        return (
            self.decision.kind is decisions.Kind.SKIP
            and already_there.is_told(self.decision.text)
        )


@dataclasses.dataclass(frozen=True)
class Report:
    """All results, in the order in which the resources should start."""

    results: Sequence[Result] = ()
    #: How many more could move but for the cap of the audit.
    left_out: int = 0
    #: What the operator should know, a sentence each.
    risks: tuple[str, ...] = ()

    @property
    def to_move(self) -> int:
        """The number of those that will move, or are moving already."""
        return sum(result.moves for result in self.results)

    @property
    def ways(self) -> tuple[int, int]:
        """The numbers of running servers that go live, and with downtime."""
        running = [
            result.item
            for result in self.results
            if result.moves
            and isinstance(result.item, params.ServerItem)
            and result.item.status == schema.ACTIVE
            and not result.item.instead
        ]
        down = sum(bool(item.downtime) for item in running)
        return len(running) - down, down

    @property
    def others(self) -> tuple[int, int]:
        """The numbers of servers to offload, and of resizes to confirm."""
        servers = [
            result.item
            for result in self.results
            if result.moves and isinstance(result.item, params.ServerItem)
        ]
        return (
            sum(item.instead == params.OFFLOAD for item in servers),
            sum(
                item.confirm_first or item.instead == params.CONFIRM
                for item in servers
            ),
        )

    @property
    def already_there(self) -> int:
        """The number of those that are there already."""
        return sum(result.is_there for result in self.results)

    @property
    def stuck(self) -> Sequence[Result]:
        """Those that cannot move, also as they are somewhere else."""
        return [
            result
            for result in self.results
            if not result.moves and not result.is_there
        ]
