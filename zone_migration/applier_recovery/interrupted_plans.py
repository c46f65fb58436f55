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

"""The plans that a stopped applier has left, handed on to go on.

Watcher cancels the plans that are ONGOING on the host of an applier when that
starts (``watcher.applier.sync.Syncer``), and forgets those that wait for their
turn.  One without a host is left as it is, and its cast waits in the message
queue until an applier takes it.
"""

from collections.abc import Iterable
import datetime
import inspect

from oslo_log import log
from oslo_utils import timeutils
from watcher import objects
from watcher.applier import rpcapi
from watcher.applier import sync
from watcher.common import context as watcher_context

from zone_migration import conf
from zone_migration import waiting
from zone_migration.applier_recovery import abandoned_plans
from zone_migration.applier_recovery import engine
from zone_migration.logic.outcome import states
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import proofs
from zone_migration.watcher_db import database
from zone_migration.watcher_db import plans
from zone_migration.workflow_engine import running_plans

CONF = conf.CONF
LOG = log.getLogger(__name__)

#: How often a plan that was handed on is looked at, in seconds, and at which
#: of the looks it is cast again.
_LOOK = 2.0
_CAST_EVERY = 15


def hand_on_all(before: datetime.datetime | None) -> set[str]:
    """Hand on the plans that an applier here has left; nothing is raised.

    :param before: when there was none here that could run them, UTC; None
        where Watcher is about to cancel what is ONGOING here.
    :returns: the UUIDs of those to be seen taken.
    """
    handed_on: set[str] = set()
    try:
        if before is None and not engine.sees_plans_through():
            # Nobody else would end what was handed on and not taken.
            plans.adopt(CONF.host)
        if not CONF.zone_migration.resume_plans:
            return handed_on
        left = _left_by(before)
    except Exception:
        LOG.exception('What the applier has left cannot go on')
        return handed_on
    for plan in left:
        try:
            context = watcher_context.make_context()
            if plan.state == states.PENDING or can_go_on(context, plan.uuid):
                # First: it can be cancelled whatever becomes of its cast.
                handed_on.add(plan.uuid)
                if plan.hostname is not None:
                    _hand_on(context, plan)
                # Else the applier that has handed it on has just cast it, or
                # its cast is lost: that is seen in a while.
        except Exception:
            LOG.exception('Action plan %s cannot go on', plan.uuid)
    return handed_on


def _left_by(before: datetime.datetime | None) -> list[plans.Plan]:
    """The plans that an applier here has left.

    An applier that starts waits for the database no longer than Watcher.
    """
    if before is None:
        return plans.left_by(CONF.host, before)
    return database.until_answered(plans.left_by, CONF.host, before)


def see_taken(uuids: set[str]) -> None:
    """See plans until an applier runs them, or they have ended.

    A cast is lost when the message queue has none who reads it yet, and was
    started anew; or when the process dies that has got it.  So those that
    belong to nobody are cast again.  What is cancelled meanwhile is cancelled
    here: whoever takes it later finds it CANCELLED.  Nothing is raised.

    :param uuids: of the plans that were handed on.
    """
    seen_to: set[str] = set()
    try:
        for look, _ in enumerate(waiting.polls(_LOOK), start=1):
            left = [
                plan
                for plan in database.until_answered(
                    plans.not_ended, uuids - seen_to
                )
                if _waits(plan)
            ]
            if not left:
                return
            for plan in left:
                if plan.state == states.CANCELLING:
                    # Once: that waits for whatever is away.
                    seen_to.add(plan.uuid)
                    abandoned_plans.cancel_on([plan.uuid])
                elif plan.hostname is None and not look % _CAST_EVERY:
                    cast_again(plan.uuid, _LOOK * _CAST_EVERY / 2)
    except Exception:
        LOG.exception('Plans that were handed on may have been lost')


def cast_again(uuid: str, after: float) -> None:
    """Cast a plan that nobody has taken, unless another applier just has.

    Nothing is raised: the next look is another try.

    :param after: for how long it has to have belonged to nobody, in seconds.
    """
    before = timeutils.utcnow() - datetime.timedelta(seconds=after)
    try:
        if plans.claim_cast(uuid, before):
            LOG.warning('Action plan %s is cast again', uuid)
            rpcapi.ApplierAPI().launch_action_plan(
                watcher_context.make_context(), uuid
            )
    except Exception:
        LOG.exception('Action plan %s was not cast again', uuid)


def _waits(plan: plans.Plan) -> bool:
    """Whether a plan belongs to nobody, or may be cancelled here."""
    if running_plans.knows(plan.uuid):
        return False
    if plan.hostname is None:
        return True
    # One that waits for its turn in PENDING is cancelled by Watcher.  Other
    # engines do not say what they run.
    return (
        plan.hostname == CONF.host
        and plan.state != states.PENDING
        and engine.sees_plans_through()
    )


def can_go_on(context, uuid: str) -> bool:
    """Whether all that was running of a plan can be seen through."""
    if not engine.sees_plans_through():
        return False
    running = database.retried(objects.Action.list)(
        context,
        filters={'action_plan_uuid': uuid, 'state': states.ONGOING},
    )
    return can_be_seen_through(uuid, running)


def can_be_seen_through(uuid: str, begun: Iterable) -> bool:
    """Whether all these actions can tell what has become of them.

    :param uuid: that of the plan.
    :param begun: actions of it that an applier had begun.
    """
    lost = {
        action.action_type
        for action in begun
        if action.action_type not in planned_actions.ACTION_TYPES
        and not proofs.place_kind(action)
        and not host_changes.is_ours_to_change(action)
    }
    if lost:
        LOG.warning(
            'Action plan %s cannot go on: nobody can say what has become of '
            'its actions of type %s',
            uuid,
            ', '.join(sorted(lost)),
        )
    return not lost


def _hand_on(context, plan: plans.Plan) -> None:
    """Have a plan run by whichever applier takes it first."""
    LOG.warning(
        'Action plan %s, %s, goes on after the restart', plan.uuid, plan.state
    )
    # Who casts it: the applier of this host may have been started twice.
    if _release(plan.uuid):
        rpcapi.ApplierAPI().launch_action_plan(context, plan.uuid)


def _release(uuid: str) -> bool:
    """Let a plan belong to nobody until it is taken.

    Nor does Watcher cancel it then, when the applier starts: it leaves alone
    what is ONGOING on no host.  Watcher 15 goes by the state only, and cancels
    the plans of all hosts.

    :returns: whether it was that of this host.
    """
    if watcher_knows_hosts():
        return plans.release(uuid, CONF.host)
    return plans.change_ongoing(uuid, CONF.host, state=states.PENDING)


def watcher_knows_hosts() -> bool:
    """Whether Watcher looks on which host a plan is; 15 does not."""
    return (
        'host'
        in inspect.signature(
            sync.Syncer._cancel_ongoing_actionplans  # noqa: SLF001
        ).parameters
    )
