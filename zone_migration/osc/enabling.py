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

"""Hosts and backends that are enabled again, by a plan for just that."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import TextIO

from osc_lib import exceptions

from zone_migration.logic import messages
from zone_migration.logic.audit import globs
from zone_migration.logic.schedule import host_changes
from zone_migration.osc import audits
from zone_migration.osc import awaiting
from zone_migration.osc import clock as clocks
from zone_migration.osc import disabled_hosts
from zone_migration.osc import no_news
from zone_migration.osc import plan_end
from zone_migration.osc import plan_progress
from zone_migration.osc import records
from zone_migration.osc import starting
from zone_migration.osc import watcher_api

ENABLED = 'enabled'
WAS_ENABLED = 'was enabled'
STAYS = 'stays disabled'


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of a host."""

    host: str
    #: :data:`ENABLED`, :data:`WAS_ENABLED` or :data:`STAYS`
    becomes: str
    #: Why it stays disabled.
    reason: str = ''


def meant(
    patterns: Iterable[str],
    hosts: Mapping[str, disabled_hosts.ComputeHost],
    kind: host_changes.Kind = host_changes.HOST,
) -> list[disabled_hosts.ComputeHost]:
    """The hosts that names and globs mean, each once.

    :param hosts: all there are, by name.
    :raises CommandError: when one means none.
    """
    found: dict[str, disabled_hosts.ComputeHost] = {}
    for pattern in patterns:
        names = globs.matching(pattern, hosts)
        if not names:
            words = messages.none_such(kind.noun, pattern, hosts)
            raise exceptions.CommandError(f'{words[0].upper()}{words[1:]}.')
        found.update((name, hosts[name]) for name in names)
    return list(found.values())


def check(watcher: watcher_api.Watcher, hosts: Iterable[str]) -> None:
    """Raise CommandError when a plan that runs relies on one of the hosts.

    :param hosts: names.
    """
    for host, plan in disabled_hosts.relying(watcher, hosts).items():
        raise exceptions.CommandError(
            f"{host} is disabled for the plan '{plan.audit}', which is "
            f'{plan.state}: wait for its end '
            f'({plan_end.command_line("watch", plan.audit)}), or cancel '
            'it, which enables its hosts '
            f'({plan_end.command_line("cancel", plan.audit)}).'
        )


def untouched(host: disabled_hosts.ComputeHost) -> Result:
    """What is told of a host that this plugin has not disabled."""
    if host.enabled:
        return Result(host.name, WAS_ENABLED)
    return Result(
        host.name,
        STAYS,
        'somebody else has disabled it: '
        + (messages.escaped(host.reason) or 'no reason is given'),
    )


def enable(
    watcher: watcher_api.Watcher,
    names: Sequence[str],
    force: bool,
    stderr: TextIO,
    clock: clocks.Clock | None = None,
    kind: host_changes.Kind = host_changes.HOST,
) -> list[Result]:
    """Enable hosts that this plugin has disabled, and tell of each.

    :param force: make the plan although another one is running.
    :param stderr: where the wait is shown, if it is a terminal.
    :raises CommandError: when there is no plan, or it does not end.
    """
    clock = clock or clocks.Clock()
    audit, plan, _ = audits.create_plan(
        watcher,
        None,
        {kind.enabled_by: list(names)},
        force,
        stderr,
        (f'enable {names[0]}', *names[1:]),
        clock,
    )
    watch = plan_end.command_line('watch', audit.name)
    with awaiting.interruptible(
        f'{starting.UNKNOWN} To see it: {watch}', stderr
    ):
        starting.start(watcher, plan)
    goes_on = _goes_on(audit)
    with (
        awaiting.interruptible(goes_on, stderr),
        awaiting.shown(f"The plan '{audit.name}' runs ...", stderr) as say,
        watcher.asked_repeatedly(),
    ):
        awaiting.end(
            plan,
            watcher.plan,
            'The plan',
            goes_on,
            clock,
            say,
            lambda: _untaken(watcher, plan),
        )
    return [
        _result(action)
        for action in watcher.actions(plan.uuid)
        if plan_progress.is_of_host(action)
    ]


def _untaken(watcher: watcher_api.Watcher, plan: records.Plan) -> str:
    """Why a plan is PENDING for a while."""
    names = map(watcher.name_of, no_news.running(watcher, plan))
    pending = dataclasses.replace(plan, state='PENDING')
    return no_news.note(
        pending, no_news.UNTAKEN, list(map(messages.escaped, names))
    )


def _goes_on(audit: records.Audit) -> str:
    """What can be done about a plan that nobody waits for."""
    return (
        'The plan goes on: see it with '
        f'"{plan_end.command_line("watch", audit.name)}".'
    )


def _result(action: records.Action) -> Result:
    """What became of the host of an action."""
    if action.state == 'SUCCEEDED':
        return Result(action.name, ENABLED)
    # The engine's words for what somebody else has done meanwhile.
    if plan_progress.why(action) == f'{action.name} is enabled':
        return Result(action.name, WAS_ENABLED)
    why = plan_progress.why(action) or plan_end.reason(action)
    return Result(action.name, STAYS, why)
