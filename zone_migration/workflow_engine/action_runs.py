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

"""The runs of all actions of a plan, and what each action is told."""

from collections.abc import Callable
import functools

from zone_migration.engine_interfaces import prover
from zone_migration.engine_interfaces import reporter
from zone_migration.logic.outcome import failures
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import requirements
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import proving


def of_plan(
    engine,
    actions,
    owner: ownership.Ownership,
    occupy: Callable[[str, occupancy.Slot], None],
    claim: Callable[[str, occupancy.Slot], bool],
    is_ahead: Callable[[str], bool],
    is_tried_again: Callable[[str, failures.Failure], bool],
    waits_since: float,
    attempts: int,
) -> dict[str, action_run.ActionRun]:
    """Return the runs of all actions of a plan, by UUID.

    What proves something can ask what became of the others.

    :param engine: makes the actions.
    :param occupy: told the UUID of an action, and a slot that it uses.
    :param claim: likewise; whether it may use that, which it does then.
    :param is_ahead: whether the action of a UUID was started beyond a limit.
    :param is_tried_again: whether the action of a UUID is, that fails so.
    :param waits_since: for how long they wait already, in seconds.
    :param attempts: how often each is tried.
    """
    runs: dict[str, action_run.ActionRun] = {}
    acts = functools.cache(lambda: proving.acts_of(runs.values()))
    left_hosts = functools.cache(lambda: requirements.left_hosts(actions))

    def at(call: Callable, db_action) -> Callable:
        """Call something with the slot of a destination of an action."""
        return lambda place: call(
            db_action.uuid,
            requirements.destination_slot(db_action.action_type, place),
        )

    def make(db_action):
        action = engine.make_action(db_action)
        if isinstance(action, prover.Prover):
            action.acts = acts
        if isinstance(action, reporter.Reporter):
            action.is_tried_again = functools.partial(
                is_tried_again, db_action.uuid
            )
            action.left_hosts = left_hosts
            action.lacks_slots = functools.partial(is_ahead, db_action.uuid)
            action.claim_destination = at(claim, db_action)
        return action

    for action in actions:
        runs[action.uuid] = action_run.ActionRun(
            engine.context,
            action,
            make,
            owner,
            at(occupy, action),
            waits_since=waits_since,
            attempts=attempts,
        )
    return runs
