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

"""The plans that a stopped applier has left in CANCELLING, ended."""

from oslo_log import log
from watcher import objects
from watcher.common import clients
from watcher.common import context as watcher_context

from zone_migration import conf
from zone_migration.compute_hosts import service_state
from zone_migration.logic import messages
from zone_migration.logic.outcome import states

CONF = conf.CONF
LOG = log.getLogger(__name__)

#: The states of an action that has not ended.
_NOT_ENDED = (states.PENDING, states.ONGOING, states.CANCELLING)


def end_all() -> None:
    """End the plans that are CANCELLING on this host; nothing is raised."""
    try:
        context = watcher_context.make_context()
        abandoned = [
            (plan, _actions(context, plan)) for plan in _abandoned(context)
        ]
        for plan, _ in abandoned:
            _end(context, plan)
        # Nova may be away: by now the plans have ended.
        for plan, actions in abandoned:
            _enable_hosts(plan, actions)
    except Exception:
        LOG.exception(
            'What action plans in CANCELLING have left cannot be seen to'
        )


def _abandoned(context):
    """Return the plans that are CANCELLING on this host."""
    return [
        plan
        for plan in objects.ActionPlan.list(
            context,
            filters={'state': states.CANCELLING, 'hostname': CONF.host},
            eager=True,
        )
        # Watcher 15 gives the plans of all hosts.
        if plan.hostname == CONF.host
    ]


def _actions(context, plan):
    """The actions of a plan, as they are before it is ended."""
    return objects.Action.list(
        context, filters={'action_plan_uuid': plan.uuid}
    )


def _enable_hosts(plan, actions) -> None:
    """Leave the hosts as the plan has found them, and say so."""
    text = service_state.enable_again(
        clients.OpenStackClients(),
        plan,
        actions,
        # PENDING plans are lost with the applier.  One that is begun all the
        # same disables its hosts itself.
        plan_states=(states.ONGOING,),
        # Watcher makes these CANCELLED in a moment.
        lost_on=CONF.host,
    )
    if text:
        plan.status_message = messages.fit(f'{text}. {plan.status_message}')
        plan.save()


def _end(context, plan) -> None:
    """End a plan and what of it has not ended, and say why."""
    started = sum(
        _end_action(action)
        for action in objects.Action.list(
            context,
            filters={'action_plan_uuid': plan.uuid, 'state__in': _NOT_ENDED},
            eager=True,
        )
    )
    plan.state = states.CANCELLED
    plan.status_message = messages.fit(
        f'The applier on {CONF.host} was stopped while it cancelled this; '
        f'{started} actions were in flight. The same audit again ends what '
        'they have left.'
    )
    plan.save()
    LOG.warning(
        'Action plan %s was left in CANCELLING and is CANCELLED now; %d of '
        'its actions were in flight: create its audit again, with the same '
        'parameters, to see them through',
        plan.uuid,
        started,
    )


def _end_action(action) -> bool:
    """End an action, and return whether it had been started."""
    was_started = action.state != states.PENDING
    reason = (
        f'the applier on {CONF.host} was stopped while it cancelled '
        'this; what was in flight may have gone on'
        if was_started
        else 'cancelled before it was started'
    )
    action.state = states.CANCELLED
    action.status_message = messages.fit(reason)
    action.save()
    return was_started
