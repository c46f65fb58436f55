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

"""What proves that places are empty: what it is told, and what is kept."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from oslo_log import log

from zone_migration.logic.outcome import emptiness
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import proofs
from zone_migration.watcher_db import indicators
from zone_migration.workflow_engine import action_run

LOG = log.getLogger(__name__)

#: Of two actions of one volume, that which says why it is where it is.
_TELLING = (states.SUCCEEDED, states.SKIPPED, states.FAILED)


def write_indicators(
    plan, remaining: Mapping[str, Sequence[int | None]]
) -> None:
    """Write what was seen in the places that a plan empties.

    Nothing is raised: the plan has to end.

    :param remaining: by kind of place; where one could not be seen, those of
        its kind are left as they are.
    """
    values = {
        name: value
        for kind, numbers in remaining.items()
        if None not in numbers
        for name, value in proofs.counts(kind, numbers).items()
    }
    if not values:
        return
    try:
        indicators.write(plan.id, values)
    except Exception:
        LOG.exception('Action plan %s goes on after this', plan.uuid)


def acts_of(
    runs: Iterable[action_run.ActionRun],
) -> dict[str, emptiness.Act]:
    """What became of each server and volume of a plan, by id."""
    found: dict[str, emptiness.Act] = {}
    for run in runs:
        given = run.db_action.input_parameters
        id_ = given.get('resource_id')
        if not id_ or proofs.place_kind(run.db_action):
            continue
        act = emptiness.Act(
            run.state,
            run.message,
            given.get('dst_hostname') or given.get('expected_pool') or '',
            given.get('source') or '',
        )
        if id_ not in found or _rank(act) >= _rank(found[id_]):
            found[id_] = act
    return found


def _rank(act: emptiness.Act) -> int:
    """How much an action tells of why its resource is where it is."""
    return _TELLING.index(act.state) if act.state in _TELLING else 0
