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

"""Which plan a disabled host or backend is left to, and what became of it."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import types

from zone_migration.logic import resources
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import host_changes


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
    kind: host_changes.Kind = host_changes.HOST,
) -> str:
    """Tell what became of the hosts that a cancelled plan had disabled.

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
        plural = '' if len(enabled) == 1 else 's'
        parts.append(f'{len(enabled)} {kind.short}{plural} enabled again')
    for reason in dict.fromkeys(kept.values()):
        names = [name for name in kept if kept[name] == reason]
        verb = 'stays' if len(names) == 1 else 'stay'
        audit = reason.partition(' ')[2]
        parts.append(
            f'{_first_names(names)} {verb} disabled for audit {audit}'
        )
    if left:
        parts.append(f'{_first_names(left)} left as somebody else has set it')
    text = ', '.join(parts)
    return '; '.join(
        filter(None, (_still_disabled(failed, unseen, kind), text))
    )


def _still_disabled(
    failed: Mapping[str, str],
    unseen: Mapping[str, str],
    kind: host_changes.Kind,
) -> str:
    """Which hosts are or may be disabled, why, and the remedy; or ''."""
    why = {**unseen, **failed}
    if not why:
        return ''
    hosts = ', '.join(
        f'{_first_names(list(names))} {how}'
        for names, how in (
            (failed, 'still disabled'),
            (unseen, 'may still be disabled'),
        )
        if names
    )
    it = 'it' if len(why) == 1 else 'them'
    return (
        f'{hosts}: {next(iter(why.values()))}; {kind.enabled_by} enables {it}'
    )


def _first_names(names: Sequence[str]) -> str:
    """The name of one host, or of some and how many more there are."""
    some = ', '.join(names[:3])
    return some if len(names) <= 3 else f'{some} and {len(names) - 3} more'
