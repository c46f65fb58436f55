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

from zone_migration.osc import creation
from zone_migration.osc import records
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

#: What is told while the answer to a start is missing.
UNKNOWN = 'It is not known whether the plan is started.'

#: The states of a plan that was started.
_STARTED = ('PENDING', 'ONGOING', 'CANCELLING', 'SUCCEEDED', 'FAILED')


def start(watcher: watcher_api.Watcher, plan: records.Plan) -> None:
    """Start a plan; when the answer is lost, its state tells.

    :raises Unavailable: when nobody knows whether it is started.
    :raises WatcherError: when it cannot be started.
    """
    try:
        watcher.start(plan)
    except watcher_errors.Unavailable as error:
        if not _is_started(watcher, plan):
            # What is not started yet may be started still.
            raise watcher_errors.Unavailable(
                f'{creation.sentence(error)} {UNKNOWN}'
            ) from error
    except watcher_errors.WatcherError:
        if not _is_started(watcher, plan):
            raise


def _is_started(watcher: watcher_api.Watcher, plan: records.Plan) -> bool:
    """Whether a plan is started, as far as Watcher tells."""
    try:
        return watcher.plan(plan.uuid).state in _STARTED
    except watcher_errors.Unavailable:
        return False
