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


"""What an applier has left behind that was stopped while it cancelled.

When Watcher's applier starts, it ends the plans that were ONGOING on its
host; a plan in CANCELLING it leaves as it is, for ever.  Nothing of a plugin
is called at that moment but the descriptions of its actions
(``watcher.applier.sync.Syncer``), so this is called from there.
"""

import functools

from oslo_log import log
from watcher import objects
from watcher.common import clients
from watcher.common import context as watcher_context

from zone_migration import conf
from zone_migration.compute_hosts import service_state
from zone_migration.logic import messages
from zone_migration.logic.outcome import states
from zone_migration.watcher_db import notifier

CONF = conf.CONF
LOG = log.getLogger(__name__)


@functools.cache
def end_abandoned_cancels() -> None:
    """End the plans that are CANCELLING on this host, once a process.

    To be called before the applier gets its first plan.  Nothing is raised:
    an applier that does not start would be worse.
    """
    notifier.connect_anew_after_fork()
    try:
        context = watcher_context.make_context()
        abandoned = [
            (plan, _actions(context, plan))
            for plan in objects.ActionPlan.list(
                context,
                filters={
                    'state': states.CANCELLING,
                    'hostname': CONF.host,
                },
                eager=True,
            )
            # Watcher 15 gives the plans of all hosts.
            if plan.hostname == CONF.host
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
    started = 0
    for action in objects.Action.list(
        context,
        filters={
            'action_plan_uuid': plan.uuid,
            'state__in': (
                states.PENDING,
                states.ONGOING,
                states.CANCELLING,
            ),
        },
        eager=True,
    ):
        if action.state == states.PENDING:
            reason = 'cancelled before it was started'
        else:
            started += 1
            reason = (
                f'the applier on {CONF.host} was stopped while it cancelled '
                'this; what was in flight may have gone on'
            )
        action.state = states.CANCELLED
        action.status_message = messages.fit(reason)
        action.save()
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
