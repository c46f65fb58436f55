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

"""The rollback of a failed plan: what has succeeded is taken back.

Watcher's option ``rollback_when_actionplan_failed`` asks for it.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import queue

from oslo_log import log
from watcher import conf as watcher_conf

from zone_migration import exception
from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import scheduling
from zone_migration.logic.schedule import tasks
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import plan_hosts
from zone_migration.workflow_engine import threads

CONF = watcher_conf.CONF
LOG = log.getLogger(__name__)

#: How often somebody who cancels is looked for, in seconds, while nothing can
#: be taken back.
_CHECK = 1.0


def is_wanted() -> bool:
    """Whether the operator wants plans to be rolled back."""
    return CONF.watcher_applier.rollback_when_actionplan_failed


def roll_back(
    succeeded: Sequence[action_run.ActionRun],
    plan: Iterable[scheduling.Task],
    way_there: scheduling.Scheduler,
    limits: Mapping[str, int],
    slots: occupancy.Slots,
    is_cancelled: Callable[[], bool],
    revert: Callable[[action_run.ActionRun], None],
) -> None:
    """Take back what has succeeded, as fast as the limits allow.

    Each is tried, whatever another raises.

    :param succeeded: in the order in which they have ended.
    :param plan: all of its tasks.
    :param way_there: what has run them, within these limits and slots.
    :param is_cancelled: asked before each, and while nothing can be taken
        back; ends it when what is being taken back has ended.
    :param revert: takes one of them back.
    """
    runs = {run.uuid: run for run in succeeded}
    used = {
        task.id: way_there.used.get(task.id, task.slots)
        for task in plan
        if task.id in runs
    }
    used = {uuid: used[uuid] for uuid in runs}
    way_back = scheduling.Scheduler(tasks.way_back(plan, used), limits, slots)
    ended: queue.Queue[str] = queue.Queue()

    def wake() -> None:
        ended.put('')

    slots.subscribe(wake)
    try:
        with threads.pool(
            threads.pool_size(limits[occupancy.TOTAL], len(runs))
        ) as pool:
            while True:
                _start_what_fits(
                    runs, way_back, pool, ended, is_cancelled, revert
                )
                if way_back.idle:
                    return
                with contextlib.suppress(queue.Empty):
                    way_back.finished(
                        ended.get(timeout=_CHECK), succeeded=True
                    )
    finally:
        slots.unsubscribe(wake)
        # None, unless somebody else has the plan, or the process ends.
        way_back.lose()


def revert(engine, plan, run: action_run.ActionRun) -> None:
    """Take back what an action of a plan has done.

    A host that it has disabled is left to other plans that rely on it, or as
    somebody else has set it since; Watcher's own action would enable it.

    :raises WatcherException: when it cannot be taken back.
    """
    if host_changes.disabled_by(run.db_action):
        text = plan_hosts.enable_again(engine, plan, [run.db_action])
        LOG.warning('Reverting action %s: %s', run.uuid, text)
    else:
        run.revert()


def _start_what_fits(
    runs, way_back, pool, ended, is_cancelled, revert
) -> None:
    """Start to take back what the limits and slots allow now."""
    while True:
        if is_cancelled():
            way_back.stop()
            for uuid in list(way_back.running):
                # What waits for a service that is away has to learn of it.
                runs[uuid].stop()
        task = way_back.next()
        if task is None:
            return
        try:
            pool.submit(_revert, runs[task.id], ended, revert)
        except Exception:
            # There is no thread to be had, for instance.
            LOG.exception('Action %s cannot be reverted', task.id)
            ended.put(task.id)


def _revert(
    run: action_run.ActionRun,
    ended: queue.Queue[str],
    revert: Callable[[action_run.ActionRun], None],
) -> None:
    """Take one of them back, in a thread of its own; nothing is raised."""
    try:
        revert(run)
    except exception.PlanIsLost:
        raise
    except BaseException:
        # Watcher's own actions let through what clients raise, and the
        # others are to be taken back all the same.
        LOG.exception('Action %s cannot be reverted', run.uuid)
    finally:
        ended.put(run.uuid)
