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

"""A selector of an audit, resolved to what exists in the cloud."""

from collections.abc import Callable
import dataclasses

from zone_migration.logic.audit import candidates
from zone_migration.logic.audit import errors


@dataclasses.dataclass
class Selector:
    """Hosts or pools to be emptied, by all entries that name them alike."""

    #: The path of the first of these entries.
    path: str
    #: The hosts or pools.
    names: list[str]
    #: Hosts or pools; none for the choice of the scheduler, and with dst_type.
    destinations: list[str] = dataclasses.field(default_factory=list)
    #: Of volumes: which ones, and what they are to become.
    src_type: str = ''
    dst_type: str = ''

    def add_destinations(
        self,
        path: str,
        wanted: str,
        matches: list[str],
        allowed: candidates.Candidates,
        emptied_by: Callable[[str], str | None],
    ) -> list[errors.Fault]:
        """Add the destinations of an entry, and return the faults in them.

        Each is there once.  Parameters are those of ``Candidates.find``.
        """
        found, faults = allowed.find(
            path, wanted, matches, self.emptied, emptied_by
        )
        self.destinations = list(dict.fromkeys([*self.destinations, *found]))
        return faults

    @property
    def emptied(self) -> list[str]:
        """The hosts or pools that all leaves, not only changes its type."""
        return [] if self.dst_type else self.names

    @property
    def dst_hostname(self) -> str:
        """The only destination, if there is one."""
        return self.destinations[0] if len(self.destinations) == 1 else ''

    @property
    def choices(self) -> tuple[str, ...]:
        """The destinations, if there are several."""
        return tuple(self.destinations) if len(self.destinations) > 1 else ()
