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

"""What follows on the last action of a plan: hosts, and rollback."""

from collections.abc import Callable
from collections.abc import Sequence

from oslo_log import log

from zone_migration.workflow_engine import action_run

LOG = log.getLogger(__name__)


def enable_hosts(engine, plan, actions) -> str:
    """Leave the hosts as a cancelled plan has found them.

    Nothing is raised: a cancelled plan has to end as one.

    :param actions: those that have succeeded.
    :returns: what came of it; '' if no host was disabled.
    """
    try:
        return engine.enable_hosts(plan, actions)
    except Exception as error:  # noqa: B902, BLE001
        LOG.exception(
            'Compute hosts that action plan %s has disabled may stay so',
            plan.uuid,
        )
        return f'hosts may still be disabled: {type(error).__name__}: {error}'


def roll_back(
    runs: Sequence[action_run.ActionRun], is_cancelled: Callable[[], bool]
) -> None:
    """Take back what has succeeded, the last first.

    Watcher's option ``rollback_when_actionplan_failed`` asks for it.  Each is
    tried, whatever another raises.

    :param is_cancelled: asked before each; ends it.
    """
    for run in reversed(runs):
        if is_cancelled():
            return
        try:
            run.revert()
        except BaseException:
            # Watcher's own actions let through what clients raise, and the
            # others are to be taken back all the same.
            LOG.exception('Action %s cannot be reverted', run.uuid)
