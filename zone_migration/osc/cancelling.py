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

"""The cancelling of a plan, by the command and by Control-C in the view."""

from zone_migration.osc import outage
from zone_migration.osc import plan_progress
from zone_migration.osc import records
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

#: What becomes of what runs.
MEANING = (
    'Nothing more is started. Running live migrations are aborted, cold '
    'migrations are reverted, and volume copies run to their end. What has '
    'moved stays where it is.'
)

#: What is told while the answer to a cancel is missing.
UNKNOWN = 'It is not known whether the plan is cancelled'

#: What is told of a plan that is CANCELLING.
UNDER_WAY = 'The plan is being cancelled.'

#: The states of a plan that can be cancelled.
POSSIBLE = ('RECOMMENDED', 'PENDING', 'ONGOING')


def cancel(watcher: watcher_api.Watcher, plan: records.Plan) -> records.Plan:
    """Cancel a plan, and return it as it is then.

    The answer may get lost, and the plan may be started or end meanwhile: its
    state tells what has come of it.

    :raises Unavailable: when nobody knows whether it is cancelled.
    :raises WatcherError: when it cannot be cancelled.
    """
    try:
        return _cancel(watcher, plan)
    except watcher_errors.Unavailable as error:
        raise watcher_errors.Unavailable(
            f'{UNKNOWN}: {outage.told(error)}'
        ) from error


def told(plan: records.Plan) -> str:
    """What has come of it, by the state that the plan is in then."""
    if plan.state == 'CANCELLED':
        return 'The plan is cancelled.'
    if plan.state in plan_progress.PLAN_ENDED:
        return f'The plan had ended before it was cancelled: {plan.state}.'
    return f'{UNDER_WAY} {MEANING}'


def _cancel(watcher: watcher_api.Watcher, plan: records.Plan) -> records.Plan:
    """Cancel a plan, and return it as it is then."""
    try:
        watcher.cancel(plan)
    except watcher_errors.WatcherError:
        now = watcher.plan(plan.uuid)
        if now.state not in POSSIBLE:
            return now
        if now.state == plan.state:
            raise
        watcher.cancel(now)
    return watcher.plan(plan.uuid)
