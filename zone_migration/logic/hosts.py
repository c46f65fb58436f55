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

"""Compute hosts that are disabled while they are emptied."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import types
from typing import Any

from zone_migration.logic import messages
from zone_migration.logic import planning
from zone_migration.logic import resources
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import params
from zone_migration.logic.audit import scope
from zone_migration.logic.outcome import states

#: Watcher's own action (``watcher.applier.actions``).
CHANGE_STATE = 'change_nova_service_state'

ENABLED = 'enabled'
DISABLED = 'disabled'

#: The first word of the reason why this plugin disables a host.  Watcher's
#: action wants the prefix ``watcher_``.
MARK = 'watcher_zone_migration'

#: Nova takes no longer reason (``nova.api.openstack.compute.schemas``).
_LONGEST_REASON = 255


def disabling(
    names: Iterable[str],
    hosts: Mapping[str, resources.ComputeHost],
    audit: str,
) -> list[planning.PlannedAction]:
    """The actions that disable these hosts, unless somebody else has done it.

    Those that somebody else has disabled are left as they are: they stay so,
    whatever becomes of the plan.  Those that this plugin has disabled can be
    enabled before this plan runs, when another one is cancelled.

    :param names: the hosts that are emptied; all of them exist.
    :param hosts: what Nova shows, by name.
    :param audit: the UUID of the audit, which the reason names.
    """
    reason = f'{MARK} {audit}'[:_LONGEST_REASON]
    return [
        _change(name, DISABLED, reason)
        for name in sorted(set(names))
        if hosts[name].enabled or is_ours(hosts[name])
    ]


def enabling(
    patterns: Sequence[str],
    hosts: Mapping[str, resources.ComputeHost],
    in_scope: Callable[[str], bool] = lambda host: True,
) -> list[planning.PlannedAction]:
    """The actions that enable hosts again which this plugin has disabled.

    The others that match are SKIPPED: they are enabled, or somebody else has
    disabled them.

    :param patterns: names of hosts, or globs of some.
    :param hosts: what Nova shows, by name.
    :param in_scope: whether the audit may be about a host.
    :raises InvalidParameters: with a fault for each pattern that matches no
        host, or none in the scope.
    """
    found: dict[str, None] = {}
    faults = []
    for index, pattern in enumerate(patterns):
        matching = sorted(globs.named(pattern, hosts))
        names = [name for name in matching if in_scope(name)]
        if not names:
            text = (
                scope.outside(pattern)
                if matching
                else messages.none_such('compute host', pattern, hosts)
            )
            faults.append(params.Fault(f'enable_compute_nodes.{index}', text))
        found.update(dict.fromkeys(names))
    if faults:
        raise params.InvalidParameters(faults)
    return [
        _change(
            name,
            ENABLED,
            hosts[name].disabled_reason if is_ours(hosts[name]) else '',
            why_not(name, ENABLED, hosts[name]),
        )
        for name in found
    ]


def is_ours(host: resources.ComputeHost) -> bool:
    """Whether this plugin has disabled the host, and nobody since.

    >>> is_ours(resources.ComputeHost('c1', enabled=False, up=True,
    ...                           disabled_reason='watcher_zone_migration 7'))
    True
    """
    return not host.enabled and _has_mark(host.disabled_reason)


def why_not(name: str, state: str, host: resources.ComputeHost | None) -> str:
    """Why a host is not brought into a state; '' when it is.

    :param state: ENABLED or DISABLED.
    :param host: what Nova shows of it; None when there is none.
    """
    if host is None:
        return f'there is no compute host {name}'
    if state == DISABLED:
        return '' if host.enabled else f'{name} is disabled{_because(host)}'
    if host.enabled:
        return f'{name} is enabled'
    if not is_ours(host):
        return f'{name} was disabled by somebody else{_because(host)}'
    return ''


def is_ours_to_change(action: Mapping[str, Any]) -> bool:
    """Whether an action of a plan was made here."""
    reason = action['input_parameters'].get('disabled_reason', '')
    return bool(action['action_type'] == CHANGE_STATE) and _has_mark(reason)


def set_since(host: resources.ComputeHost | None, reason: str | None) -> bool:
    """Whether somebody has set a host since a plan has set it.

    :param host: what Nova shows of it; None when there is none.
    :param reason: the one that the plan has given; None when it has enabled
        the host.
    """
    if host is None or reason is None:
        return host is None or not host.enabled
    return host.enabled or host.disabled_reason != reason


@dataclasses.dataclass(frozen=True)
class Claim:
    """That a plan wants a host to be disabled.

    :ivar plan_id: the plan.
    :ivar reason: the one that the plan gives.
    :ivar state: of the plan; one that has ended keeps a host that it has,
        and gets no other.
    """

    plan_id: int
    reason: str
    state: str


def reason_wanted(reason: str | None, claims: Sequence[Claim]) -> str | None:
    """Why a host is to be disabled; None when nobody wants that.

    >>> b, c = Claim(2, 'b', 'ONGOING'), Claim(3, 'c', 'ONGOING')
    >>> reason_wanted('a', [b, c])
    'b'
    >>> reason_wanted('c', [b, c])
    'c'
    >>> reason_wanted('a', [])
    >>> reason_wanted('d', [Claim(4, 'd', 'SUCCEEDED')])
    'd'
    >>> reason_wanted('a', [Claim(4, 'd', 'SUCCEEDED')])

    :param reason: why it is disabled now; None when it is enabled.
    :param claims: the first is the first to get it.
    """
    if any(claim.reason == reason for claim in claims):
        return reason
    for claim in claims:
        if not states.has_ended(claim.state):
            return claim.reason
    return None


def has_begun(reason: str, claims: Iterable[Claim]) -> bool:
    """Whether a plan that gives this reason runs, or has run."""
    return any(
        claim.state != states.PENDING
        for claim in claims
        if claim.reason == reason
    )


def enabled_again(
    enabled: Sequence[str],
    left: Sequence[str],
    failed: Mapping[str, str],
    kept: Mapping[str, str] = types.MappingProxyType({}),
    unseen: Mapping[str, str] = types.MappingProxyType({}),
) -> str:
    """What became of the hosts that a cancelled plan had disabled.

    >>> enabled_again(['c1', 'c2'], ['c3'], {})
    '2 hosts enabled again, c3 left as somebody else has set it'
    >>> enabled_again([], [], {'c4': 'Nova is unavailable'})
    'c4 still disabled: Nova is unavailable; enable_compute_nodes enables it'
    >>> enabled_again([], [], {}, {'c5': 'watcher_zone_migration 7'})
    'c5 stays disabled for audit 7'

    :param enabled: those that are enabled now.
    :param left: those whose state somebody else has changed since.
    :param failed: for those that could not be enabled why not.
    :param kept: for those that other plans have now the reason that Nova
        shows.
    :param unseen: for those that another plan may have left to this one, and
        that Nova has not shown, why not.
    """
    parts = []
    if enabled:
        parts.append(f'{_hosts(enabled)} enabled again')
    for reason in dict.fromkeys(kept.values()):
        names = [name for name in kept if kept[name] == reason]
        parts.append(
            f'{_few(names)} {"stays" if len(names) == 1 else "stay"} disabled '
            f'for audit {reason.partition(" ")[2]}'
        )
    if left:
        parts.append(f'{_few(left)} left as somebody else has set it')
    text = ', '.join(parts)
    troubles = [
        f'{_few(list(names))} {how}'
        for names, how in (
            (failed, 'still disabled'),
            (unseen, 'may still be disabled'),
        )
        if names
    ]
    if not troubles:
        return text
    why = {**unseen, **failed}
    it = 'it' if len(why) == 1 else 'them'
    trouble = (
        f'{", ".join(troubles)}: {next(iter(why.values()))}; '
        f'enable_compute_nodes enables {it}'
    )
    return f'{trouble}; {text}' if text else trouble


def disabled_by(action: Mapping[str, Any]) -> str:
    """The host that an action of a plan of ours disables, or ''.

    >>> disabled_by({'action_type': 'change_nova_service_state',
    ...              'input_parameters': {
    ...                  'resource_name': 'c1',
    ...                  'state': 'disabled',
    ...                  'disabled_reason': 'watcher_zone_migration 7'}})
    'c1'

    :param action: with ``action_type`` and ``input_parameters``.
    """
    parameters = action['input_parameters']
    if is_ours_to_change(action) and parameters.get('state') == DISABLED:
        return str(parameters.get('resource_name', ''))
    return ''


def _has_mark(reason: str) -> bool:
    return reason.partition(' ')[0] == MARK


def _hosts(names: Sequence[str]) -> str:
    return f'{len(names)} host{"" if len(names) == 1 else "s"}'


def _few(names: Sequence[str]) -> str:
    """The name of one host, or of some and how many more there are."""
    some = ', '.join(names[:3])
    return some if len(names) <= 3 else f'{some} and {len(names) - 3} more'


def _because(host: resources.ComputeHost) -> str:
    return f': {host.disabled_reason}' if host.disabled_reason else ''


def _change(
    name: str, state: str, reason: str, skip_reason: str = ''
) -> planning.PlannedAction:
    parameters = {'resource_name': name, 'state': state}
    if reason:
        parameters['disabled_reason'] = reason
    return planning.PlannedAction(CHANGE_STATE, name, parameters, skip_reason)
