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

"""The plans that a stopped applier has left in CANCELLING, cancelled on.

Watcher leaves them as they are, for ever.
"""

from collections.abc import Iterable
import datetime
import functools

from oslo_log import log
from watcher import notifications
from watcher import objects
from watcher.applier import default
from watcher.common import clients
from watcher.common import context as watcher_context
from watcher.common import exception as watcher_exception
from watcher.objects import fields

from zone_migration import conf
from zone_migration import exception
from zone_migration.applier_recovery import engine
from zone_migration.compute_hosts import service_state
from zone_migration.logic import messages
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import attempts
from zone_migration.logic.outcome import states
from zone_migration.watcher_db import database
from zone_migration.watcher_db import notifier
from zone_migration.watcher_db import plans
from zone_migration.workflow_engine import records
from zone_migration.workflow_engine import threads

CONF = conf.CONF
LOG = log.getLogger(__name__)

#: The UUIDs of what is being cancelled here.
_being_cancelled: set[str] = set()


def left(before: datetime.datetime | None) -> list[str]:
    """Return the UUIDs of the plans that are CANCELLING here; nothing raised.

    And of those that are CANCELLING on no host: whoever they were handed on
    to has not got them.  Another applier may take these first.

    :param before: when there was none here that could run them, UTC; None
        for all.
    """
    try:
        if before is None:
            # An applier that starts waits no longer than Watcher.
            return plans.cancelling_on(CONF.host, before)
        return database.until_answered(plans.cancelling_on, CONF.host, before)
    except Exception:
        LOG.exception('What was being cancelled may stay so')
        return []


def cancel_on(uuids: Iterable[str], is_start: bool = False) -> None:
    """Cancel plans in threads of their own, and end them; nothing is raised.

    Those that are being cancelled here already are left to that.

    :param is_start: whether Watcher cancels what is ONGOING here meanwhile.
    """
    for uuid in uuids:
        if uuid in _being_cancelled:
            continue
        _being_cancelled.add(uuid)
        try:
            threads.start(f'cancel-{uuid}', _cancel_on, uuid, is_start)
        except Exception:
            _being_cancelled.discard(uuid)
            LOG.exception('Action plan %s is CANCELLING still', uuid)


def _cancel_on(uuid: str, is_start: bool) -> None:
    """Cancel a plan, and end it whatever comes of that; nothing is raised."""
    try:
        if not database.until_answered(plans.take_cancelling, uuid, CONF.host):
            LOG.info('Action plan %s is not of this applier any more', uuid)
            return
        LOG.warning('Action plan %s was left in CANCELLING', uuid)
        context = watcher_context.make_context()
        is_seen_through = False
        if engine.sees_plans_through():
            try:
                is_seen_through = _abort(context, uuid)
            except exception.PlanIsLost:
                _cancel_running(uuid)
                return
            except Exception:
                LOG.exception('Action plan %s is ended as it is', uuid)
        _end(context, uuid, is_seen_through, is_start)
    except watcher_exception.ActionPlanNotFound:
        LOG.warning('Action plan %s was deleted', uuid)
    except Exception:
        LOG.exception('Action plan %s is CANCELLING still', uuid)
    finally:
        _being_cancelled.discard(uuid)


def _abort(context, uuid: str) -> bool:
    """Have the engine end what is in flight; return whether it has.

    :raises PlanIsLost: when it is being run here.
    """
    actions = database.until_answered(_actions, context, uuid)
    try:
        default.DefaultApplier(context, None).engine.cancel(actions)
    except watcher_exception.ActionPlanCancelled:
        return True
    return False


def _cancel_running(uuid: str) -> None:
    """Have a plan cancelled by what runs it here.

    Watcher writes ONGOING over CANCELLING when it begins a plan.
    """
    database.until_answered(
        functools.partial(
            plans.change_ongoing, uuid, CONF.host, state=states.CANCELLING
        )
    )


def _actions(context, uuid: str):
    """The actions of a plan, with it."""
    return objects.Action.list(
        context, filters={'action_plan_uuid': uuid}, eager=True
    )


def _load(context, uuid: str):
    """A plan and its actions."""
    return (
        objects.ActionPlan.get_by_uuid(context, uuid, eager=True),
        _actions(context, uuid),
    )


def _end(context, uuid: str, is_seen_through: bool, is_start: bool) -> None:
    """End a plan and what of it has not ended, and say why.

    It waits for the database: a plan that stays CANCELLING does so for ever.

    :raises ActionPlanNotFound: when it was deleted.
    :raises PlanIsLost: when another applier has taken it meanwhile.
    """
    plan, actions = database.until_answered(_load, context, uuid)
    if plan.hostname != CONF.host or plan.state not in (
        states.CANCELLING,
        states.ONGOING,
    ):
        return
    left = [one for one in actions if not states.has_ended(one.state)]
    begun = sum(action.state != states.PENDING for action in left)
    for action in left:
        _end_action(context, action, is_seen_through)
    plan.state = states.CANCELLED
    if not is_seen_through:
        plan.status_message = messages.fit(
            f'The applier on {CONF.host} was stopped while it cancelled this; '
            f'{begun} actions were in flight. The same audit again ends what '
            'they have left.'
        )
    _save(context, plan)
    LOG.warning('Action plan %s is CANCELLED now', uuid)
    notifier.send(
        notifications.action_plan.send_cancel_notification,
        context,
        plan,
        action=fields.NotificationAction.CANCEL,
        phase=fields.NotificationPhase.END,
    )
    if not is_seen_through:
        # Nova may be away: by now the plan has ended.
        _enable_hosts(context, plan, actions, is_start)


def _end_action(context, action, is_seen_through: bool) -> None:
    """End an action, and say why, unless the engine has said that."""
    was = action.state
    earlier = attempts.read(
        action_text.read(action.status_message or '').text
    )
    if action.state != states.PENDING:
        action.status_message = messages.fit(
            attempts.beside(
                f'the applier on {CONF.host} was stopped while it cancelled '
                'this; what was in flight may have gone on',
                earlier,
            )
        )
    elif (
        not is_seen_through
        and action.status_message != states.MAY_HAVE_BEGUN
    ):
        action.status_message = attempts.beside(
            'not tried again'
            if earlier
            else 'cancelled before it was started',
            earlier,
        )
    action.state = states.CANCELLED
    try:
        database.until_answered(records.save, context, action, was)
    except watcher_exception.ActionNotFound:
        LOG.warning('Action %s was deleted', action.uuid)


def _save(context, plan) -> None:
    """Write a plan, whether or not Watcher can notify of it.

    :raises PlanIsLost: when another applier has taken it meanwhile.
    """
    write = functools.partial(
        plans.change_cancelled,
        plan.uuid,
        CONF.host,
        **plan.obj_get_changes(),
    )
    if not database.until_answered(write):
        raise exception.PlanIsLost(plan.uuid)
    notifier.send(
        notifications.action_plan.send_update,
        context,
        plan,
        old_state=plan.old_state,
    )
    plan.obj_reset_changes()


def _enable_hosts(context, plan, actions, is_start: bool) -> None:
    """Leave the hosts as the plan has found them, and say so.

    Nothing is raised: the plan has ended.
    """
    try:
        text = service_state.enable_again(
            clients.OpenStackClients(),
            plan,
            actions,
            # A PENDING plan may never begin; when it does it disables its
            # hosts itself.
            plan_states=(states.ONGOING,),
            # What goes on has no host then.
            lost_on=CONF.host if is_start else '',
        )
        if text:
            plan.status_message = messages.fit(
                f'{text}. {plan.status_message}'
            )
            _save(context, plan)
    except Exception:
        LOG.exception(
            'Compute hosts that action plan %s has disabled may stay so',
            plan.uuid,
        )
