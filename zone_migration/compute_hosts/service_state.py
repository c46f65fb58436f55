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

"""Compute hosts and storage backends that plans disable and enable.

They are looked at before that is done, and left as they were found when the
plan is cancelled.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from oslo_log import log

from zone_migration import client
from zone_migration import conf
from zone_migration import exception
from zone_migration.client import exception as client_exception
from zone_migration.compute_hosts import borders
from zone_migration.compute_hosts import disabling_plans
from zone_migration.compute_hosts import handover
from zone_migration.logic import resources
from zone_migration.logic.outcome import disabled_services
from zone_migration.logic.outcome import host_claims
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import host_changes
from zone_migration.watcher_db import database

CONF = conf.CONF
LOG = log.getLogger(__name__)

#: The states of an action that has been executed, or may have been.
_EXECUTED = (states.ONGOING, states.CANCELLING, states.SUCCEEDED)


@exception.translate_cloud_errors()
def check(osc, action) -> None:
    """Raise HostLeftAlone unless an action may change its host's state.

    Watcher's own action looks as well, since Watcher 16; it does not tell who
    has disabled a host.  That for a backend is ours, and looks itself.

    :param osc: Watcher's ``OpenStackClients``.
    :param action: any action of a plan.
    :raises HostLeftAlone: when the host is not as it was when the plan was
        made.
    :raises CloudRequestFailed: when Nova does not tell.
    """
    if (
        action['action_type'] != host_changes.CHANGE_STATE
        or not host_changes.is_ours_to_change(action)
    ):
        return
    name = action['input_parameters']['resource_name']
    host = client.cloud_of(osc, CONF).nova.hosts().get(name)
    state = action['input_parameters']['state']
    reason = disabled_services.why_not(name, state, host)
    if reason and not _was_changed(action, host):
        raise exception.HostLeftAlone(reason=reason)


def _was_changed(action, host: resources.ComputeHost | None) -> bool:
    """Whether an action has changed its host already.

    By an applier that was stopped since; the change may have to be reverted.
    """
    wanted = action['input_parameters']
    return action['state'] in _EXECUTED and disabled_services.is_changed(
        wanted['state'], wanted.get('disabled_reason'), host
    )


def enable_again(
    osc,
    plan,
    actions,
    plan_states: tuple[str, ...] = (states.ONGOING, states.PENDING),
    lost_on: str = '',
) -> str:
    """Enable hosts and backends of a cancelled plan, or leave them to others.

    A host for which another plan has an action that disables it stays
    disabled, with the reason of that plan.  Those whose state somebody else
    has changed since are left alone.  Nothing is raised for what Nova or the
    database does: a plan has to end.

    :param osc: Watcher's ``OpenStackClients``.
    :param plan: the plan.
    :param actions: those of it whose hosts these are; of whatever type and
        in whatever state, as another plan may have left a host to it.
    :param plan_states: of the plans that a host is left to, the first before
        the others.
    :param lost_on: no host is left to the plans that the applier there has
        run; '' where it runs.
    :returns: a text for the operator; '' if no host was disabled.
    """
    texts = []
    for kind in host_changes.KINDS:
        disabling = _disabling(actions, kind)
        if disabling:
            border = borders.of(client.cloud_of(osc, CONF), kind)
            texts.append(
                _enable_again(border, plan, disabling, plan_states, lost_on)
            )
    return '; '.join(filter(None, texts))


def _enable_again(
    border: borders.Border,
    plan,
    disabling: Mapping[str, Any],
    plan_states: tuple[str, ...],
    lost_on: str,
) -> str:
    """Enable hosts of one kind, or leave them to other plans.

    :param disabling: the action that disables each, by its name.
    """
    done = _in_states(disabling, _EXECUTED)
    try:
        services = border.seen()
    except client_exception.CloudError as error:
        return _not_seen(
            border.kind,
            done,
            # Another plan may have left these to this one.
            # So may those that were begun before a restart.
            _in_states(disabling, (states.SKIPPED, states.CANCELLED)),
            str(error),
        )
    ours = _disabled_as_planned(disabling, services)
    kept, unknown = _disabled_for_good(
        border.kind, plan, [name for name in ours if name not in done]
    )
    reasons = {n: r for n, r in ours.items() if n not in {*kept, *unknown}}
    given_up = handover.Handover(border, plan, reasons, plan_states, lost_on)
    given_up.settle()
    given_up.watch()
    return _result(
        border.kind,
        given_up,
        [name for name in done if name not in ours],
        unknown,
    )


def _disabling(actions, kind: host_changes.Kind) -> dict[str, Any]:
    """Return the actions that disable hosts of a kind, by their names."""
    return {
        name: action
        for action in actions
        if action['action_type'] == kind.action_type
        and (name := host_changes.disabled_by(action))
    }


def _disabled_as_planned(
    disabling: Mapping[str, Any],
    services: Mapping[str, resources.ComputeHost],
) -> dict[str, str]:
    """Return the reasons of the hosts that nobody has set since, by name.

    :param disabling: the action that disables each host, by its name.
    :param services: what Nova has, by the name of the host.
    """
    return {
        name: reason
        for name, action in disabling.items()
        if not host_claims.set_since(
            services.get(name),
            reason := action['input_parameters']['disabled_reason'],
        )
    }


def _result(
    kind: host_changes.Kind,
    given_up: handover.Handover,
    left_alone: Sequence[str],
    unknown: Mapping[str, str],
) -> str:
    """Return what has become of the hosts, as the operator is told.

    :param left_alone: those that somebody else has set since.
    :param unknown: why it is not known whether to enable a host, by its name.
    """
    reasons = {
        name: reason
        for name, reason in given_up.reasons.items()
        if name not in given_up.left and name not in given_up.failed
    }
    return host_claims.enabled_again(
        [name for name, reason in reasons.items() if reason is None],
        [*left_alone, *given_up.left],
        {**unknown, **given_up.failed},
        {name: reason for name, reason in reasons.items() if reason},
        kind=kind,
    )


def _in_states(
    disabling: Mapping[str, Any], action_states: tuple[str, ...]
) -> list[str]:
    """Return the hosts whose action is in one of these states."""
    return [
        name
        for name, action in disabling.items()
        if action['state'] in action_states
    ]


def _disabled_for_good(
    kind: host_changes.Kind, plan, names: list[str]
) -> tuple[set[str], dict[str, str]]:
    """Return which hosts with the reason of a plan are not left to it.

    Another plan of the same audit wants them disabled for good, which the
    reason does not tell.

    :param names: hosts that the plan has not disabled itself.
    :returns: these hosts, and why it is not known of some.
    """
    if not names:
        return set(), {}
    try:
        return disabling_plans.disabled_for_good(plan).intersection(names), {}
    except database.AWAY as error:
        trouble = (
            'the database does not tell whether another plan of its audit '
            f'wants it so ({type(error).__name__})'
        )
        for name in names:
            handover.log_failure(kind, name, trouble)
        return set(), dict.fromkeys(names, trouble)


def _not_seen(
    kind: host_changes.Kind,
    done: Iterable[str],
    skipped: Iterable[str],
    trouble: str,
) -> str:
    """Tell the log and the operator of hosts that are not shown.

    :param done: those that the plan has disabled itself.
    :param skipped: those that another plan may have left to it.
    """
    unsure = [name for name in skipped if name not in done]
    for name in (*done, *unsure):
        handover.log_failure(kind, name, trouble)
    return host_claims.enabled_again(
        [],
        [],
        dict.fromkeys(done, trouble),
        unseen=dict.fromkeys(unsure, trouble),
        kind=kind,
    )
