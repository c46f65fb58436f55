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

"""The start of a plan, of which the answer may get lost."""

import dataclasses

from zone_migration.osc import creation
from zone_migration.osc import records
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

#: What is told while the answer to a start is missing.
UNKNOWN = 'It is not known whether the plan is started.'

#: The states of a plan that was started.
_STARTED = ('PENDING', 'ONGOING', 'CANCELLING', 'SUCCEEDED', 'FAILED')


def start(watcher: watcher_api.Watcher, plan: records.Plan) -> records.Plan:
    """Start a plan, and return it as it is then.

    When the answer is lost, its state tells, as for one that somebody else
    has started.

    :raises Unavailable: when nobody knows whether it is started.
    :raises WatcherError: when it cannot be started.
    """
    try:
        watcher.start(plan)
    except watcher_errors.Unavailable as error:
        started = _started(watcher, plan)
        if started is None:
            # What is not started yet may be started still.
            raise watcher_errors.Unavailable(
                f'{creation.sentence(error)} {UNKNOWN}'
            ) from error
    except watcher_errors.WatcherError:
        started = _started(watcher, plan)
        if started is None:
            raise
    else:
        started = dataclasses.replace(plan, state='PENDING')
    return started


def _started(
    watcher: watcher_api.Watcher, plan: records.Plan
) -> records.Plan | None:
    """A plan as it is, None unless it is started as far as Watcher tells."""
    try:
        now = watcher.plan(plan.uuid)
    except watcher_errors.Unavailable:
        return None
    return now if now.state in _STARTED else None
