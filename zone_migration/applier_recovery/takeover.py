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

"""The takeover of plans whose applier is dead: A THREAD OF THE PLUGIN'S OWN.

It runs in each applier, from its start to its end, beside the plans.  Watcher
leaves nothing else: an idle applier calls no code of a plugin, neither when
its monitor sees that another one is dead, nor when that cancels the plans of
the dead one (``watcher.applier.service_monitor``, from Watcher 16 on).

The thread does one query in ``[DEFAULT] periodic_interval``, as the monitor
does; and one when the heartbeat of an applier that has a plan would be too
old, so that it comes before the monitor.  That ends what it finds, and writes
over the messages that tell which actions were begun.

Who is dead, Watcher says: an applier whose heartbeat is older than ``[DEFAULT]
service_down_time``.  A host with none is not looked at by Watcher, nor here.
Several appliers see the same: each plan is changed by a compare-and-set.

The thread also sees to the plans of its own host that nobody else there does.
"""

import datetime
import threading

from oslo_log import log
from oslo_utils import timeutils
from watcher import objects
from watcher.applier import rpcapi
from watcher.common import context as watcher_context

from zone_migration import conf
from zone_migration.applier_recovery import abandoned_plans
from zone_migration.applier_recovery import engine
from zone_migration.applier_recovery import interrupted_plans
from zone_migration.logic.outcome import states
from zone_migration.watcher_db import cancelled_plans
from zone_migration.watcher_db import database
from zone_migration.watcher_db import heartbeats
from zone_migration.workflow_engine import running_plans
from zone_migration.workflow_engine import threads

CONF = conf.CONF
LOG = log.getLogger(__name__)

#: For how long a plan has to have belonged to nobody before it is cast again,
#: in seconds.  Whoever has handed it on does so twice as often.
_CAST_AFTER = 60.0

#: For how long a plan that has ended here has to have been left as it is, in
#: seconds, before it is begun anew: Watcher's handler may be about to write.
_LEFT_AFTER = 60.0

#: How old a cancel of Watcher's monitor is at most that is undone.  Whoever
#: has seen it for longer has come to terms with it.
_UNDONE_WITHIN = datetime.timedelta(minutes=10)

#: The least time between two looks, in seconds.
_SHORTEST = 1.0


def hand_on_all() -> set[str]:
    """Hand on what dead appliers were running; nothing is raised.

    To be called before the monitor of an applier that starts: both would look
    in the same moment.

    :returns: the UUIDs of those to be seen taken.
    """
    handed_on: set[str] = set()
    try:
        now = timeutils.utcnow()
        for plan in heartbeats.plans(now) if _is_wanted() else ():
            if plan.state == states.ONGOING and _take_over(plan, now):
                # First: it can be cancelled whatever becomes of its cast.
                handed_on.add(plan.uuid)
                _cast(plan.uuid)
    except Exception:
        LOG.exception('Plans of dead appliers are looked for later')
    return handed_on


def start() -> None:
    """Take over, from now on and in a thread, what dead appliers leave."""
    threads.start('takeover', _take_over_for_ever)


def _is_wanted() -> bool:
    """Whether plans of other appliers can go on here, and are to do so.

    Watcher 15 does not say whose a plan is, and lets no applier see to those
    of another.
    """
    return (
        engine.sees_plans_through() and interrupted_plans.watcher_knows_hosts()
    )


def _take_over_for_ever() -> None:
    """Look again and again, unless that is not wanted."""
    if not _is_wanted():
        return
    pause = threading.Event()
    while True:
        pause.wait(_look())


def _look() -> float:
    """Look once; return the seconds to the next time.  Nothing is raised."""
    now = timeutils.utcnow()
    try:
        found = heartbeats.plans(now - _UNDONE_WITHIN)
    except Exception:
        LOG.exception('Plans of dead appliers are looked for later')
        return max(CONF.periodic_interval, _SHORTEST)
    for plan in found:
        try:
            _see_to(plan, now)
        except Exception:
            LOG.exception('Action plan %s is looked at later', plan.uuid)
    return _pause(found, now)


def _see_to(plan: heartbeats.Plan, now: datetime.datetime) -> None:
    """Do with a plan whatever its state and its applier demand."""
    if plan.state == states.CANCELLED:
        _undo_cancel(plan, now)
    elif plan.hostname is None:
        if plan.state == states.CANCELLING:
            abandoned_plans.cancel_on([plan.uuid])
        else:
            interrupted_plans.cast_again(plan.uuid, _CAST_AFTER)
    elif plan.hostname == CONF.host:
        _see_to_own(plan, now)
    elif _take_over(plan, now):
        if plan.state == states.CANCELLING:
            abandoned_plans.cancel_on([plan.uuid])
        else:
            _cast_and_see_taken(plan.uuid)


def _see_to_own(plan: heartbeats.Plan, now: datetime.datetime) -> None:
    """Do with a plan of this host what nobody else here does.

    Where the database was away as the engine ended it, Watcher's handler could
    not write that, and nobody tries again.  So it is begun anew: all of it has
    ended, and only its end is left to be written.
    """
    if running_plans.has_ended(plan.uuid):
        if (now - plan.changed_at).total_seconds() < _LEFT_AFTER:
            return
        goes_on = plan.state == states.ONGOING
        if goes_on and not _release(plan):
            return
        LOG.warning(
            'Action plan %s has ended here, and is %s still: it is begun anew',
            plan.uuid,
            plan.state,
        )
        running_plans.forget(plan.uuid)
        if goes_on:
            _cast_and_see_taken(plan.uuid)
    # Else another applier has handed it on, and it waits for its turn here.
    if plan.state == states.CANCELLING and not running_plans.knows(plan.uuid):
        abandoned_plans.cancel_on([plan.uuid])


def _take_over(plan: heartbeats.Plan, now: datetime.datetime) -> bool:
    """Let a plan of a dead applier be on no host; return whether it is."""
    if not _is_of_dead(plan, now) or not _release(plan):
        return False
    LOG.warning(
        'Action plan %s, %s, is taken over: its applier on %s was seen last '
        'at %s UTC',
        plan.uuid,
        plan.state,
        plan.hostname,
        plan.seen_at,
    )
    return True


def _is_of_dead(plan: heartbeats.Plan, now: datetime.datetime) -> bool:
    """Whether a plan is on the host of an applier that is dead.

    By Watcher's own rule: one that it has never seen is not.
    """
    if plan.seen_at is None or plan.hostname == CONF.host:
        return False
    return abs((now - plan.seen_at).total_seconds()) > CONF.service_down_time


def _release(plan: heartbeats.Plan) -> bool:
    """Let a plan be on no host, where it can go on.

    What was read can be old: a cast can wait for the message queue for ever.

    :returns: whether it was released here, and by nobody else.
    """
    if plan.state == states.ONGOING and not interrupted_plans.can_go_on(
        watcher_context.make_context(), plan.uuid
    ):
        return False
    if not heartbeats.release(plan):
        LOG.info('Action plan %s is not released here', plan.uuid)
        return False
    return True


def _undo_cancel(plan: heartbeats.Plan, now: datetime.datetime) -> None:
    """Let a plan go on that Watcher's monitor has cancelled.

    It may have come first, or the heartbeat was late only.  It has to have
    done, or it would cancel actions that have been begun again.
    """
    long_ago = now - datetime.timedelta(seconds=CONF.service_down_time)
    if not cancelled_plans.is_settled(plan.uuid, long_ago):
        return
    context = watcher_context.make_context()
    text = cancelled_plans.action_text(plan.status_message)
    cancelled = [
        action
        for action in database.retried(objects.Action.list)(
            context,
            filters={
                'action_plan_uuid': plan.uuid,
                'state': states.CANCELLED,
            },
        )
        if action.status_message == text
    ]
    if (
        interrupted_plans.can_go_on(context, plan.uuid)
        and interrupted_plans.can_be_seen_through(plan.uuid, cancelled)
        and cancelled_plans.undo(plan.uuid, plan.status_message)
    ):
        LOG.warning(
            'Action plan %s goes on, which Watcher has cancelled: %s',
            plan.uuid,
            plan.status_message,
        )
        _cast_and_see_taken(plan.uuid)


def _cast_and_see_taken(uuid: str) -> None:
    """Have a plan run by whichever applier takes it, and see it taken."""
    # First, as above.
    threads.start('recovery', interrupted_plans.see_taken, {uuid})
    _cast(uuid)


def _cast(uuid: str) -> None:
    """Have a plan run by whichever applier takes it."""
    rpcapi.ApplierAPI().launch_action_plan(
        watcher_context.make_context(), uuid
    )


def _pause(found: list[heartbeats.Plan], now: datetime.datetime) -> float:
    """Return the seconds to the next look.

    That is when the first heartbeat of others that have plans would be too
    old, and the interval of the monitor at most.
    """
    down = datetime.timedelta(seconds=CONF.service_down_time)
    due = [
        (plan.seen_at + down - now).total_seconds()
        for plan in found
        if plan.hostname != CONF.host
        and plan.state != states.CANCELLED
        and plan.seen_at is not None
        and not _is_of_dead(plan, now)
    ]
    return max(min([CONF.periodic_interval, *due]), _SHORTEST)
