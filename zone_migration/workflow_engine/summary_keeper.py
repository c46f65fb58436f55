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

"""The summary of a plan outlives the words that Watcher puts over it.

After the engine has ended, Watcher's plan handler replaces the message of
each plan with a SKIPPED action by "One or more actions were skipped."
"""

import threading

from oslo_log import log

from zone_migration import waiting
from zone_migration.workflow_engine import plan_records
from zone_migration.workflow_engine import threads

LOG = log.getLogger(__name__)

#: How often the plan is looked at, in seconds, and for how many times.
_INTERVAL = 0.5
_LOOKS = 120


def keep(plan, summary: str) -> threading.Thread:
    """Write the summary again once Watcher has ended the plan.

    :returns: the thread that does it, which ends within a minute.
    """
    return threads.start(
        f'summary-{plan.uuid}', _write_when_ended, plan, summary
    )


def _write_when_ended(plan, summary: str) -> None:
    """Wait until Watcher has ended the plan, and write; nothing is raised."""
    try:
        for _ in waiting.polls(_INTERVAL, _LOOKS):
            if plan_records.has_ended(plan.id):
                plan_records.write_last_message(plan.id, summary)
                return
        LOG.warning('Watcher does not end action plan %s', plan.uuid)
    except Exception:
        LOG.exception('The summary of plan %s is in the log only', plan.uuid)
