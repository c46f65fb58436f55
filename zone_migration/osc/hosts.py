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

"""``openstack optimize zone hosts``: the hosts that this plugin disabled."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import shlex
from typing import Any

from cliff import columns
from osc_lib import exceptions

from zone_migration.logic import messages
from zone_migration.logic.schedule import host_changes
from zone_migration.osc import asking
from zone_migration.osc import cells
from zone_migration.osc import command
from zone_migration.osc import disabled_hosts
from zone_migration.osc import enabling
from zone_migration.osc import exit_codes
from zone_migration.osc import forbidden
from zone_migration.osc import watcher_errors

_COLUMNS = ('Host', 'Plan', 'Disabled Since', 'Servers Left', 'State')


class Time(columns.FormattableColumn[str]):
    """A time in UTC, ISO 8601; '' where it is not known."""

    def human_readable(self) -> str:
        """The time to the second, which says that it is UTC."""
        time = str(self._value)[:19].replace('T', ' ')
        return f'{time}Z' if time else ''


class ListHosts(command.ZoneLister):
    """List the hosts and backends that plans have disabled, or enable them.

    The servers left on a host are those of all projects in any state, also
    those that were deleted or have moved and still keep a place on it.
    With --enable, exits with 3 when a host stays disabled.
    """

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--enable',
            metavar='<host>',
            nargs='+',
            help='Enable these hosts again, each a name or a glob (with @ of '
            'storage backends); those that somebody else has disabled stay as '
            'they are',
        )
        parser.add_argument(
            '--yes',
            action='store_true',
            help='Enable them without being asked',
        )
        parser.add_argument(
            '--force',
            action='store_true',
            help='Enable them although another plan is running; it may have '
            'to end first',
        )
        return parser

    def take_action(
        self, parsed_args: Any
    ) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
        """The hosts, a row each."""
        if parsed_args.enable:
            return self._enable(parsed_args)
        hosts = disabled_hosts.compute_hosts(self.cloud)
        return _COLUMNS, self._rows(
            [host for host in hosts.values() if host.is_ours],
            [one for one in self._backends().values() if one.is_ours],
            cells.unknown(parsed_args),
        )

    def _backends(self) -> Mapping[str, disabled_hosts.ComputeHost]:
        """All backends by name, none where Cinder does not tell."""
        try:
            return disabled_hosts.backends(self.cloud)
        except (forbidden.Forbidden, OSError) as error:
            text = ' '.join(str(error).split())
            self._note(f'Backends are not listed: {text}')
            return {}

    def _hosts(
        self, kind: host_changes.Kind
    ) -> Mapping[str, disabled_hosts.ComputeHost]:
        """All hosts, or all backends, by name."""
        if kind is host_changes.BACKEND:
            return disabled_hosts.backends(self.cloud)
        return disabled_hosts.compute_hosts(self.cloud)

    def _rows(
        self,
        hosts: Sequence[disabled_hosts.ComputeHost],
        backends: Sequence[disabled_hosts.ComputeHost],
        unknown: str | None,
    ) -> list[tuple[Any, ...]]:
        """The rows of hosts and backends that this plugin has disabled.

        :param unknown: what stands for a number that is not known.
        """
        if not hosts and not backends:
            self._note(
                'This plugin has no compute host and no backend disabled.'
            )
            return []
        plans = self._plans([*hosts, *backends])
        left = disabled_hosts.servers_left(self.cloud) if hosts else {}
        for line in _notes(left, [host.name for host in hosts]):
            self._note(line)
        return [
            (
                host.name,
                messages.escaped(plans[host.name].audit),
                Time(plans[host.name].since),
                cells.Number(
                    len(left[host.name]) if host.name in left else None,
                    unknown,
                ),
                'up' if host.up else 'down',
            )
            for host in (*hosts, *backends)
        ]

    def _plans(
        self, hosts: Sequence[disabled_hosts.ComputeHost]
    ) -> Mapping[str, disabled_hosts.Disabling]:
        """The plans that have disabled hosts, by host.

        The UUIDs of their audits alone while Watcher does not answer: Nova
        has those.
        """
        try:
            return disabled_hosts.disablings(self.watcher, hosts)
        except watcher_errors.Unavailable as error:
            self._note(
                f'{error}. The column Plan holds the UUIDs of audits, as '
                'Nova has them; the times are not known.'
            )
            return {
                host.name: disabled_hosts.Disabling(host.audit_uuid)
                for host in hosts
            }

    def _enable(
        self, parsed_args: Any
    ) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
        """Enable hosts, and return what became of each, a row each."""
        results: list[enabling.Result] = []
        for kind in host_changes.KINDS:
            patterns = [
                pattern
                for pattern in parsed_args.enable
                if ('@' in pattern) == (kind is host_changes.BACKEND)
            ]
            if patterns:
                results += self._enable_some(parsed_args, patterns, kind)
        if any(result.becomes == enabling.STAYS for result in results):
            self.exit_code = exit_codes.INCOMPLETE
        return ('Host', 'Result', 'Reason'), [
            (result.host, result.becomes, result.reason)
            for result in sorted(results, key=lambda result: result.host)
        ]

    def _enable_some(
        self, parsed_args: Any, patterns: list[str], kind: host_changes.Kind
    ) -> list[enabling.Result]:
        """Enable hosts of one kind, and tell of each."""
        meant = enabling.meant(patterns, self._hosts(kind), kind)
        ours = [host for host in meant if host.is_ours]
        results = [
            enabling.untouched(host)
            for host in meant
            # A glob means many that nobody has asked about.
            if not host.is_ours and (not host.enabled or host.name in patterns)
        ]
        if ours:
            names = [host.name for host in ours]
            enabling.check(self.watcher, names)
            if not parsed_args.yes and not asking.confirm(
                self.app, _question(names, kind)
            ):
                raise exceptions.CommandError(f'No {kind.short} was enabled.')
            results += enabling.enable(
                self.watcher,
                names,
                parsed_args.force,
                self.app.stderr,
                kind=kind,
            )
        else:
            self._note('This plugin has disabled none of them.')
        return results

    def _note(self, line: str) -> None:
        """Tell something beside the table, which a script may read."""
        print(line, file=self.app.stderr)


def _notes(
    left: Mapping[str, disabled_hosts.ServersLeft], names: Sequence[str]
) -> Iterator[str]:
    """Tell of the servers that the list of a host's servers does not show."""
    for name in names:
        servers = left.get(name)
        if servers is None:
            yield f'{name}: Nova does not tell which servers are left there.'
            continue
        if servers.deleted:
            yield (
                f'{name}: deleted, and kept by Nova for a while: '
                f'{len(servers.deleted)} of the servers left (openstack '
                f'server list --all-projects --host {shlex.quote(name)} '
                '--deleted --status SOFT_DELETED).'
            )
        if servers.unconfirmed:
            yield (
                f'{name}: moved, and neither confirmed nor reverted: '
                f'{len(servers.unconfirmed)} of the servers left (openstack '
                f'server migration list --host {shlex.quote(name)} '
                '--status finished).'
            )


def _question(names: Sequence[str], kind: host_changes.Kind) -> str:
    """What is asked before hosts are enabled."""
    who, what = 'Nova', 'servers'
    if kind is host_changes.BACKEND:
        who, what = 'Cinder', 'volumes'
    number = f'{len(names)} {kind.short}' + ('s' if len(names) > 1 else '')
    return (
        f'{who} will place {what} there again. Enable {number} '
        f'({", ".join(names)})?'
    )
