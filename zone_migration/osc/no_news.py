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

"""The rule by which a plan is told to be without an applier."""

from collections.abc import Sequence
import itertools

from zone_migration.osc import records
from zone_migration.osc import watcher_api

#: How long an applier may take to begin with a plan, and to write something
#: of it, in seconds: the engine writes its message every ten.
UNTAKEN = 10.0
_UNHEARD = 40.0

#: How long a view sees for itself that nothing changes, in seconds: the clock
#: of this machine, by which the last change is old, may be wrong.
_SEEN = 12.0

#: Among how many plans those are looked for that others wait behind.
_PLANS = 40


def note(
    plan: records.Plan, seconds: float, blockers: Sequence[str] = ()
) -> str:
    """Why a plan does not run yet, or may not any more; '' when it runs.

    Plans of other strategies may be silent.

    :param seconds: for how long nothing has changed in it.
    :param blockers: the names of plans that it waits behind.
    """
    pending = plan.state == 'PENDING'
    if pending and blockers:
        return f'This plan waits for another: {", ".join(blockers)}.'
    if seconds < _limit(plan):
        return ''
    if pending:
        return 'No applier has taken it yet; is watcher-applier running?'
    if plan.strategy != watcher_api.STRATEGY:
        return ''
    return (
        'There is no news of this plan; is watcher-applier running? If not, '
        'start it, and the plan goes on.'
    )


def running(
    watcher: watcher_api.Watcher, plan: records.Plan
) -> list[records.Plan]:
    """The other plans that run, as far as they are seen soon."""
    plans = itertools.islice(watcher.plans(by='updated_at'), _PLANS)
    return [
        one
        for one in plans
        if one.state in ('ONGOING', 'CANCELLING') and one.uuid != plan.uuid
    ]


def before(plan: records.Plan, seconds: float) -> float:
    """How much counts of the silence before a view was opened, in seconds.

    :param seconds: since the last change, by the clock of this machine.
    """
    return max(0.0, min(seconds, _limit(plan) - _SEEN))


def _limit(plan: records.Plan) -> float:
    """How long a plan may be silent, in seconds."""
    return UNTAKEN if plan.state == 'PENDING' else _UNHEARD
