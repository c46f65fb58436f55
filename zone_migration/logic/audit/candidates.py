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

"""The compute hosts or storage pools that a selector can send to."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
import dataclasses

from zone_migration.logic import messages
from zone_migration.logic.audit import errors


@dataclasses.dataclass(frozen=True)
class Candidates:
    """All that can be a destination of the selectors of an audit."""

    #: The word for one of them in texts, for instance ``compute host``.
    kind: str
    #: All that exist, by name.
    known: Mapping[str, object]
    #: Those that a glob can mean.
    usable: set[str]
    #: Whether those that are emptied take nothing, as they are disabled.
    disables_emptied: bool = False

    def find(
        self,
        path: str,
        wanted: str,
        matches: list[str],
        source: Collection[str],
        emptied_by: Callable[[str], str | None],
    ) -> tuple[list[str], list[errors.Fault]]:
        """Return the destinations that a name or glob means, and its faults.

        What is named in full has to be one, also where another entry empties
        it: what arrives there stays there.  The preflight tells when it
        cannot be one.  A glob never means one that is being emptied.

        :param path: where the name or glob is given.
        :param wanted: the name or glob.
        :param matches: the known ones that it matches.
        :param source: what the entry itself empties.
        :param emptied_by: gives the path of the selector that empties one.
        """
        if not matches:
            text = messages.none_such(self.kind, wanted, self.known)
            return [], [errors.Fault(path, text)]
        if matches == [wanted]:
            return matches, self._faults(path, wanted, source, emptied_by)
        found = [
            name
            for name in matches
            if name in self.usable and not emptied_by(name)
        ]
        if found:
            return found, []
        others = ', disabled or down' if set(matches) - self.usable else ''
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
        by = emptied_by(name) if self.disables_emptied else None
        return [disabled(path, name, by)] if by else []


def disabled(path: str, name: str, by: str) -> errors.Fault:
    """Return the fault of a destination that the audit itself disables.

    :param path: where the destination is named.
    :param by: the path of the selector that empties it.
    """
    return errors.Fault(
        path,
        f'{name!r} is being emptied itself, by {by}, and '
        'disable_compute_nodes disables it: name another',
    )
