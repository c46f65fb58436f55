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


"""The verdict of a plan outlives the words that Watcher puts over it.

After the engine has ended, Watcher's plan handler replaces the message of
each plan with a SKIPPED action by "One or more actions were skipped."
"""

import threading

from oslo_log import log
from watcher import objects

from zone_migration.workflow_engine import records

LOG = log.getLogger(__name__)

#: How often the plan is looked at, in seconds, and for how many times.
_INTERVAL = 0.5
_LOOKS = 120


def keep(context, plan_uuid: str, verdict: str) -> threading.Thread:
    """Write the verdict again once Watcher has ended the plan.

    :returns: the thread that does it, which ends within a minute.
    """
    thread = threading.Thread(
        target=_write_when_ended,
        args=(context, plan_uuid, verdict),
        name=f'verdict-{plan_uuid}',
        daemon=True,
    )
    thread.start()
    return thread


def _write_when_ended(context, plan_uuid: str, verdict: str) -> None:
    running = (
        objects.action_plan.State.ONGOING,
        objects.action_plan.State.CANCELLING,
    )
    pause = threading.Event()
    try:
        for _ in range(_LOOKS):
            plan = records.read_plan(context, plan_uuid)
            if plan.state not in running:
                if plan.status_message != verdict:
                    records.write_plan_message(plan_uuid, verdict)
                return
            pause.wait(_INTERVAL)
        LOG.warning('Action plan %s is still %s', plan_uuid, plan.state)
    except Exception:
        LOG.exception('The verdict of plan %s is in the log only', plan_uuid)
