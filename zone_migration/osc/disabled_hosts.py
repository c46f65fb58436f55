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

"""The compute hosts that this plugin has disabled, and what is left there."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import logging
from typing import Any

from zone_migration.logic.schedule import host_changes
from zone_migration.osc import forbidden
from zone_migration.osc import records
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

_LOG = logging.getLogger(__name__)

#: Nova's oldest that shows servers with their hypervisor; 2.88 and newer ask
#: each host how long it is up.
_HYPERVISORS = '2.53'
#: Nova's oldest that shows migrations page by page.
_MIGRATIONS = '2.59'


#: The states of a plan that runs, or is about to.
_RUNS = ('PENDING', 'ONGOING', 'CANCELLING')


@dataclasses.dataclass(frozen=True)
class ComputeHost:
    """A compute service of Nova, or a volume service of Cinder."""

    name: str
    enabled: bool
    #: Whether it reports to Nova.
    up: bool
    #: Why it is disabled; '' where Nova knows of nothing.
    reason: str = ''

    @property
    def is_ours(self) -> bool:
        """Whether this plugin has disabled it, and nobody since."""
        return not self.enabled and host_changes.has_mark(self.reason)

    @property
    def audit_uuid(self) -> str:
        """The audit of the plan that has disabled it."""
        return self.reason.partition(' ')[2] if self.is_ours else ''


@dataclasses.dataclass(frozen=True)
class ServersLeft:
    """The servers on a host, of all projects and in any state, by id."""

    #: Those that Nova has on the host.
    there: frozenset[str] = frozenset()
    #: Those of them that their owner has deleted, and Nova keeps for a while.
    deleted: frozenset[str] = frozenset()
    #: Those that have moved, and leave it when the move is confirmed.
    unconfirmed: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """How many there are, together."""
        return len(self.there | self.unconfirmed)


@dataclasses.dataclass(frozen=True)
class Disabling:
    """The plan that has disabled a host."""

    #: The name of its audit, or the UUID where Watcher has it no more.
    audit: str
    #: When, ISO 8601, UTC; '' where that is not known.
    since: str = ''
    #: The state of the plan; '' where that is not known.
    state: str = ''


@forbidden.translated('Nova')
def compute_hosts(cloud: Any) -> dict[str, ComputeHost]:
    """All compute hosts of Nova, by name.

    :param cloud: a connection of openstacksdk.
    """
    return _by_name(cloud.compute.services(binary='nova-compute'))


@forbidden.translated('Cinder')
def backends(cloud: Any) -> dict[str, ComputeHost]:
    """All storage backends of Cinder, by name; none where there is no Cinder.

    :param cloud: a connection of openstacksdk.
    """
    if not cloud.has_service('block-storage'):
        return {}
    return _by_name(cloud.block_storage.services(binary='cinder-volume'))


def _by_name(found: Iterable[Any]) -> dict[str, ComputeHost]:
    """Services by the name of their host."""
    return {
        one.host: ComputeHost(
            name=one.host,
            enabled=one.status != host_changes.DISABLED,
            up=one.state == 'up',
            reason=one.disabled_reason or '',
        )
        for one in sorted(found, key=lambda one: str(one.host))
    }


def as_found(
    cloud: Any, actions: Sequence[records.Action]
) -> list[records.Action]:
    """Actions of which those that have nothing to disable are SKIPPED.

    As the engine skips them when it comes to them.

    :param cloud: a connection of openstacksdk.
    :param actions: of a plan that was not started.
    """
    hosts: dict[str, ComputeHost] = {}
    pending = {
        one.type for one in actions if one.state == 'PENDING' and _host(one)
    }
    for type_, listed in (
        (host_changes.CHANGE_STATE, compute_hosts),
        (host_changes.CHANGE_BACKEND, backends),
    ):
        if type_ in pending:
            try:
                hosts.update(listed(cloud))
            except Exception as error:  # noqa: BLE001
                # The plan is there, whether they tell or not.
                _LOG.debug('Nova or Cinder does not list them: %s', error)
    return [
        dataclasses.replace(
            action,
            state='SKIPPED',
            message=f'{action.name} is disabled already',
        )
        if action.state == 'PENDING'
        and (host := hosts.get(_host(action)))
        and not host.enabled
        else action
        for action in actions
    ]


@forbidden.translated('Nova')
def servers_left(cloud: Any) -> dict[str, ServersLeft]:
    """The servers on each compute host, by its name.

    In three requests (more where Nova gives pages), however many hosts there
    are.  A host that Nova cannot ask its database about is not among them.

    :param cloud: a connection of openstacksdk.
    """
    there: dict[str, set[str]] = {}
    for hypervisor in cloud.compute.hypervisors(
        details=True, with_servers=True, microversion=_HYPERVISORS
    ):
        # One host may have several hypervisors, as Ironic's do.
        there.setdefault(hypervisor.service_details['host'], set()).update(
            server['uuid'] for server in hypervisor.servers or ()
        )
    deleted = {
        server.id
        for server in cloud.compute.servers(
            details=False,
            all_projects=True,
            deleted_only=True,
            status='SOFT_DELETED',
        )
    }
    moved: dict[str, set[str]] = {}
    for one in cloud.compute.migrations(
        status='finished', microversion=_MIGRATIONS
    ):
        moved.setdefault(one.source_compute, set()).add(one.server_id)
    return {
        host: ServersLeft(
            there=frozenset(ids),
            deleted=frozenset(ids & deleted),
            unconfirmed=frozenset(moved.get(host, set()) - ids),
        )
        for host, ids in there.items()
    }


def disablings(
    watcher: watcher_api.Watcher, hosts: Iterable[ComputeHost]
) -> dict[str, Disabling]:
    """What Watcher knows of the plans that have disabled hosts, by host."""
    audits: dict[str, list[str]] = {}
    for host in hosts:
        audits.setdefault(host.audit_uuid, []).append(host.name)
    found = {}
    for uuid, names in audits.items():
        audit, plan = _audit_and_plan(watcher, uuid)
        times: Mapping[str, str] = {}
        if plan is not None:
            times = _disabled_at(watcher.actions(plan.uuid))
        for name in names:
            found[name] = Disabling(
                audit,
                since=times.get(name, ''),
                state=plan.state if plan is not None else '',
            )
    return found


def relying(
    watcher: watcher_api.Watcher, hosts: Iterable[str]
) -> dict[str, Disabling]:
    """The plans that run and need some hosts to be disabled, by host.

    The reason of a host names one plan, and a plan after that one may empty
    the host, too.

    :param hosts: names.
    """
    names = set(hosts)
    found = {}
    for plan in watcher.plans():
        if plan.strategy != watcher_api.STRATEGY or plan.state not in _RUNS:
            continue
        for action in watcher.actions(plan.uuid):
            name = _host(action)
            if name in names and action.state != 'SKIPPED':
                found[name] = Disabling(
                    watcher.name_of(plan), state=plan.state
                )
    return found


def _audit_and_plan(
    watcher: watcher_api.Watcher, uuid: str
) -> tuple[str, records.Plan | None]:
    """The name of an audit, and its newest plan.

    Its UUID and None where Watcher has it no more.
    """
    try:
        audit = watcher.audit(uuid)
        return audit.name, watcher.plan_of(audit.uuid)
    except (watcher_errors.Forbidden, watcher_errors.Unavailable):
        raise
    except watcher_errors.WatcherError:
        # Whatever the reason names: it is shown as it is.
        return uuid, None


def _disabled_at(actions: Iterable[records.Action]) -> Mapping[str, str]:
    """When actions have disabled hosts, by host."""
    times = {}
    for action in actions:
        host = _host(action)
        if host and action.state == 'SUCCEEDED':
            times[host] = action.updated_at
    return times


def _host(action: records.Action) -> str:
    """The host that an action of ours disables, or ''."""
    return host_changes.disabled_by(
        {
            'action_type': action.type,
            'input_parameters': action.parameters,
        }
    )
