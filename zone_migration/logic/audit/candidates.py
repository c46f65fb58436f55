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

"""What the destinations of selectors mean, and which can be one."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
import dataclasses

from zone_migration.logic import messages
from zone_migration.logic.audit import errors


@dataclasses.dataclass(frozen=True)
class Targets:
    """What can be a destination."""

    #: What it is called.
    kind: str
    known: Mapping[str, object]
    #: Those that a glob can mean.
    usable: set[str]
    #: Whether those that are emptied take nothing, as they are disabled.
    closed: bool = False

    def find(
        self,
        path: str,
        wanted: str,
        means: list[str],
        source: Collection[str],
        emptied_by: Callable[[str], str | None],
    ) -> tuple[list[str], list[errors.Fault]]:
        """Those of what a name or glob means that can be destinations.

        What is named in full has to be one, also where another entry empties
        it: what arrives there stays there.  The preflight tells when it
        cannot be one.  A glob never means one that is being emptied.

        :param source: what the entry itself empties.
        :param emptied_by: gives the path of the selector that empties one.
        """
        if not means:
            text = messages.none_such(self.kind, wanted, self.known)
            return [], [errors.Fault(path, text)]
        if means == [wanted]:
            return means, self._faults(path, wanted, source, emptied_by)
        left = [
            name
            for name in means
            if name in self.usable and not emptied_by(name)
        ]
        if left:
            return left, []
        others = ', disabled or down' if set(means) - self.usable else ''
        text = (
            f'each {self.kind} that {wanted!r} means is being emptied itself'
            f'{others}: name others'
        )
        return [], [errors.Fault(path, text)]

    def _faults(
        self,
        path: str,
        name: str,
        source: Collection[str],
        emptied_by: Callable[[str], str | None],
    ) -> list[errors.Fault]:
        """Why one that is named in full cannot be a destination."""
        if name in source:
            text = f'{name!r} is the source of its own entry: name another'
            return [errors.Fault(path, text)]
        by = emptied_by(name) if self.closed else None
        return [closed(path, name, by)] if by else []


def closed(path: str, name: str, by: str) -> errors.Fault:
    """That what an audit disables is no destination."""
    return errors.Fault(
        path,
        f'{name!r} is being emptied itself, by {by}, and '
        'disable_compute_nodes disables it: name another',
    )
