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

"""One verdict for each resource, before anything moves."""

from collections.abc import Sequence
import dataclasses

from zone_migration.logic import cloud
from zone_migration.logic import decisions
from zone_migration.logic import params
from zone_migration.logic import selection


@dataclasses.dataclass(frozen=True)
class Judged:
    """What will become of a resource.

    ``decision`` says START or ADOPT (it will move), SKIP (it is there
    already, or has left) or REFUSE (it cannot move), and why.
    """

    #: With the destination that was chosen for it, if one was.
    item: params.ServerItem | params.VolumeItem
    decision: decisions.Decision


@dataclasses.dataclass(frozen=True)
class Report:
    """All verdicts, in the order in which the resources should start."""

    judged: Sequence[Judged] = ()
    #: How many more could move but for the cap of the audit.
    left_out: int = 0
    #: What the operator should know, a sentence each.
    risks: tuple[str, ...] = ()


def judge(
    request: params.Request,
    selected: selection.Selection,
    seen: cloud.Inventory,
) -> Report:
    """The verdicts."""
    judged = [Judged(item, decisions.START) for item in selected.servers]
    judged += [Judged(item, decisions.START) for item in selected.volumes]
    return Report(judged)
