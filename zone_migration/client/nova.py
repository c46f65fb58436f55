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

"""What is asked of Nova, each call with the microversion that it needs."""

import collections
from collections.abc import Iterable
import datetime
import functools
import math
import threading
import types
from typing import Any
from urllib import parse

from novaclient import client as novaclient
from oslo_log import log

from zone_migration.client import exception
from zone_migration.client import paging
from zone_migration.client import service
from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic import units

LOG = log.getLogger(__name__)

# Servers show their flavor's size from 2.47; what is read with a newer one is
# left empty where Nova is older.
_READ = '2.56'
# Servers show the availability zone that was asked for from 2.96, the
# properties of their image from 2.98, and scheduler hints from 2.100.
_WHOLE = '2.100'
# Server groups show their rules from 2.64.
_RULES = '2.64'
# Migrations can be listed by changes-since, and in pages, from 2.59; below,
# Nova ignores both silently.
_MIGRATIONS = '2.59'
# The last version that knows "force"; from 2.68 Nova refuses it.
_FORCE = '2.67'
# A queued or preparing live migration can be aborted from 2.65.
_ABORT = '2.65'
# Diagnostics are the same for all hypervisors from 2.48.
_DIAGNOSTICS = '2.48'
# The details of an event of an instance action.
_EVENTS = '2.84'

_DELETED = ('DELETED', 'SOFT_DELETED')

# What a server waits for in VERIFY_RESIZE, and on its way out of it.
_UNCONFIRMED = ('finished', 'confirming', 'reverting')


class Nova:
    """The compute service, as its administrator sees it."""

    def __init__(
        self, session: Any, endpoint_options: dict[str, Any]
    ) -> None:
        self._make_client = functools.cache(
            lambda version: novaclient.Client(
                version, session=session, **_nova_names(endpoint_options)
            )
        )
        self._making_client = threading.Lock()
        # novaclient refuses the microversions from 2.97 on.
        self._reader = service.Reader(
            session, 'Nova', 'compute', endpoint_options
        )

    @functools.cached_property
    def newest_version(self) -> tuple[int, int] | None:
        """The newest microversion that this Nova knows; None if unknown."""
        try:
            with service.errors_of('Nova'):
                found = self._client(_READ).versions.get_current()
        except exception.RequestRefused:
            found = None  # Some proxies guard it.
        # The legacy API, /v2, has an empty one.
        if found and found.version:
            return _number(found.version)
        LOG.warning(
            'Not checked: zones, scheduler hints, image properties and shares '
            'of servers. Nova does not tell which microversions it knows'
        )
        return None

    def knows(self, version: str) -> bool:
        """Whether it is known that this Nova knows a microversion."""
        newest = self.newest_version
        return newest is not None and newest >= _number(version)

    def _client(self, version: str) -> Any:
        """The client that speaks a microversion, one for all threads."""
        with self._making_client:
            return self._make_client(version)

    def _newest(self, version: str) -> str:
        """The newest version that Nova knows, up to this one.

        Where Nova does not tell, it is the one to read with.
        """
        newest = self.newest_version
        if newest is None or newest < _number(_READ):
            return _READ
        return version if self.knows(version) else '{}.{}'.format(*newest)

    def server(
        self, server_id: str, whole: bool = False
    ) -> resources.Server | None:
        """The server, None if there is none (any more).

        :param whole: also what only newer Novas show: the availability zone
            that it is pinned to, the properties of its image and its
            scheduler hints.  That costs one more request in all.
        """
        version = self._newest(_WHOLE) if whole else _READ
        with service.none_if_missing():
            body = self._reader.get(f'/servers/{server_id}', version)
            shown = types.SimpleNamespace(**body['server'])
            return _servers([shown])[shown.id]
        return None

    def servers(
        self,
        changes_since: datetime.datetime | None = None,
        whole: bool = False,
    ) -> dict[str, resources.Server | None]:
        """All servers by id, or those changed since; None is a deleted one.

        :param whole: see :meth:`server`.
        """
        version = self._newest(_WHOLE) if whole else _READ
        query: dict[str, Any] = {'all_tenants': True}
        if changes_since is not None:
            query['changes-since'] = changes_since.isoformat()

        def fetch(**marker: str) -> list[Any]:
            body = self._reader.get(
                '/servers/detail',
                version,
                limit=paging.SIZE,
                **query,
                **marker,
            )
            return [types.SimpleNamespace(**s) for s in body['servers']]

        # Nova's link to the next page is left out where the page was cut to
        # less than its limit, as that of servers is which were listed twice
        # while they were built (nova.compute.api.API.get_all).
        return {
            id_: None if server.status in _DELETED else server
            for page in paging.pages(fetch, paging.until_empty())
            for id_, server in _servers(page).items()
        }

    def migrations_of(self, server_id: str) -> list[resources.Migration]:
        """The server's migrations, the newest first."""
        with service.errors_of('Nova'):
            return _migrations(
                self._client(_MIGRATIONS).migrations.list(
                    instance_uuid=server_id
                )
            )

    def newest_change(self) -> str | None:
        """When the newest migration was changed last; None: there is none."""
        with service.errors_of('Nova'):
            for m in self._client(_MIGRATIONS).migrations.list(limit=1):
                changed: str = m.updated_at or m.created_at
                return changed
        return None

    def migrations(
        self, changes_since: datetime.datetime | None
    ) -> list[resources.Migration]:
        """All migrations, or those that have changed since.

        A record that Nova has not touched since it made it ("accepted") is
        not among the latter.

        Nova tells whether there is another page, and makes pages as short as
        its ``[api] max_limit`` says.  novaclient keeps that to itself; to ask
        until a page is empty would double the requests of who waits.
        """
        client = self._client(_MIGRATIONS)
        make = functools.partial(
            client.migrations.resource_class, client.migrations, loaded=True
        )
        query: dict[str, Any] = {'limit': paging.SIZE}
        if changes_since is not None:
            query['changes-since'] = changes_since.isoformat()

        def fetch(**marker: str) -> Any:
            _, body = client.client.get(
                f'/os-migrations?{parse.urlencode({**query, **marker})}'
            )
            return body

        rule = paging.linked('migrations_links', 'migrations', 'uuid')
        with service.errors_of('Nova'):
            return _migrations(
                make(shown)
                for body in paging.pages(fetch, rule)
                for shown in body['migrations']
            )

    def unfinished_migrations(self) -> list[resources.Migration]:
        """All migrations in flight or to be confirmed, the newest first.

        Nova has no filter for several values of one field, so there is a
        request for each.
        """
        migrations = self._client(_MIGRATIONS).migrations
        with service.errors_of('Nova'):
            found = [
                migration
                for status in (*sorted(resources.MIGRATING), *_UNCONFIRMED)
                for page in paging.pages(
                    functools.partial(
                        migrations.list, status=status, limit=paging.SIZE
                    ),
                    paging.until_empty('uuid'),
                )
                for migration in _migrations(page)
            ]
        return sorted(found, key=lambda m: m.id, reverse=True)

    def hosts(self) -> dict[str, resources.ComputeHost]:
        """The compute hosts by name."""
        with service.errors_of('Nova'):
            found = service.read_each(
                'compute service',
                self._client(_READ).services.list(binary='nova-compute'),
                _host,
            )
            return {host.name: host for host in found}

    def aggregates(self) -> dict[str, resources.Aggregate]:
        """The host aggregates by name."""
        with service.errors_of('Nova'):
            found = service.read_each(
                'aggregate',
                self._client(_READ).aggregates.list(),
                _aggregate,
            )
            return {aggregate.name: aggregate for aggregate in found}

    def aggregate_names(self) -> dict[int, str]:
        """The name of each aggregate, by its id."""
        with service.errors_of('Nova'):
            return dict(
                service.read_each(
                    'aggregate',
                    self._client(_READ).aggregates.list(),
                    lambda a: (a.id, service.text(a.name)),
                )
            )

    def groups(self) -> list[resources.ServerGroup]:
        """The server groups of all projects."""
        found: list[Any] = []
        with service.errors_of('Nova'):
            client = self._client(self._newest(_RULES))
            # Nova counts here, and knows no marker.
            for page in paging.pages(
                lambda marker=0: client.server_groups.list(
                    all_projects=True, limit=paging.SIZE, offset=marker
                ),
                lambda page: len(found) if page else None,
            ):
                found.extend(page)
        return service.read_each('server group', found, _group)

    def providers(self) -> dict[str, str]:
        """The id of the resource provider of each compute host, by its name.

        It is that of the compute node (2.53).  Hosts with several nodes, as
        nova-compute has them for Ironic, are left out: no server is sent to
        such a host, but to one of the nodes.
        """
        hypervisors = self._client(_READ).hypervisors
        with service.errors_of('Nova'):
            nodes = [
                node
                for page in paging.pages(
                    functools.partial(hypervisors.list, limit=paging.SIZE),
                    paging.until_empty(),
                )
                for node in service.read_each(
                    'hypervisor', page, _node
                )
            ]
        counts = collections.Counter(host for host, _ in nodes)
        return {host: id_ for host, id_ in nodes if counts[host] == 1}

    def enable_host(self, name: str) -> None:
        """Let the scheduler use a compute host again; nothing if it is gone.

        Done twice it does no harm.
        """
        with service.errors_of('Nova'):
            services = self._client(_READ).services
            for s in services.list(host=name, binary='nova-compute'):
                services.enable(s.id)

    def disable_host(self, name: str, reason: str) -> None:
        """Keep the scheduler from a compute host; nothing if it is gone.

        One that is disabled already gets the new reason.  Done twice it does
        no harm.
        """
        with service.errors_of('Nova'):
            services = self._client(_READ).services
            for s in services.list(host=name, binary='nova-compute'):
                services.disable_log_reason(s.id, reason)

    def live_migrate(
        self, server_id: str, host: str | None, force: bool = False
    ) -> None:
        """Start a live migration; the scheduler chooses when host is None."""
        with service.errors_of('Nova'):
            self._client(_FORCE).servers.live_migrate(
                server_id, host, block_migration='auto', force=force or None
            )

    def migrate(self, server_id: str, host: str | None) -> None:
        """Start a cold migration; the scheduler chooses when host is None."""
        with service.errors_of('Nova'):
            self._client(_READ).servers.migrate(server_id, host=host)

    def confirm(self, server_id: str) -> None:
        """Confirm a cold migration."""
        with service.errors_of('Nova'):
            self._client(_READ).servers.confirm_resize(server_id)

    def revert(self, server_id: str) -> None:
        """Take a cold migration back instead of confirming it."""
        with service.errors_of('Nova'):
            self._client(_READ).servers.revert_resize(server_id)

    def abort(self, server_id: str, migration_id: int) -> None:
        """Abort a live migration that is queued, preparing or running."""
        with service.errors_of('Nova'):
            self._client(_ABORT).server_migrations.live_migration_abort(
                server_id, migration_id
            )

    def force_complete(self, server_id: str, migration_id: int) -> None:
        """Let a running live migration end at the price of a pause."""
        with service.errors_of('Nova'):
            self._client(
                _ABORT
            ).server_migrations.live_migrate_force_complete(
                server_id, migration_id
            )

    def runs(self, server_id: str) -> bool:
        """Whether the guest runs, as the hypervisor of its host tells.

        The host is the one that Nova's records name; its nova-compute asks
        the hypervisor, and refuses (HTTP 404, 409) where no such guest runs.
        """
        try:
            with service.errors_of('Nova'):
                _, found = self._client(_DIAGNOSTICS).servers.diagnostics(
                    server_id
                )
        except exception.RequestRefused:
            return False
        return bool(found['state'] == 'running')

    def reset_to_active(self, server_id: str) -> None:
        """Set a server in ERROR to ACTIVE in Nova's records."""
        with service.errors_of('Nova'):
            self._client(_READ).servers.reset_state(server_id, 'active')

    def last_error(self, server_id: str) -> str:
        """Why the server's newest action failed, as its events tell; or ''.

        A rolled back copy leaves none: there every event says Success.
        """
        with service.none_if_missing(), service.errors_of('Nova'):
            actions = self._client(_EVENTS).instance_action.list(server_id)
            if not actions:
                return ''
            newest = self._client(_EVENTS).instance_action.get(
                server_id, actions[0].request_id
            )
            return _reason(newest.events or [])
        return ''


def _nova_names(options: dict[str, Any]) -> dict[str, Any]:
    """novaclient says endpoint_type where keystoneauth says interface."""
    options = dict(options)
    options['endpoint_type'] = options.pop('interface')
    return options


def _number(version: str) -> tuple[int, int]:
    """A microversion that can be compared.

    >>> _number('2.100') > _number('2.96')
    True
    """
    major, _, minor = version.partition('.')
    return int(major), int(minor)


def _servers(shown: Iterable[Any]) -> dict[str, resources.Server]:
    """By id; one that cannot be read is there, and nothing is known of it."""
    return {
        s.id: server
        or resources.Server(s.id, name='', status='UNKNOWN', host=None)
        for s, server in service.readable('server', shown, _server)
    }


def _server(s: Any) -> resources.Server:
    """From 2.69 on, one in a cell that is down shows hardly more than its id.

    Its status is UNKNOWN then.
    """
    flavor = getattr(s, 'flavor', None) or {}
    # '' where the root disk is a volume.
    image = getattr(s, 'image', None) or {}
    return resources.Server(
        id=s.id,
        name=getattr(s, 'name', None) or '',
        status=s.status,
        host=getattr(s, 'OS-EXT-SRV-ATTR:host', None),
        task_state=getattr(s, 'OS-EXT-STS:task_state', None),
        vm_state=getattr(s, 'OS-EXT-STS:vm_state', None),
        power_state=getattr(s, 'OS-EXT-STS:power_state', None),
        progress=getattr(s, 'progress', 0) or 0,
        fault=getattr(s, 'fault', {}).get('message', ''),
        vcpus=flavor.get('vcpus', 0),
        memory_mb=flavor.get('ram', 0),
        disk_gb=_disk_gb(flavor, bool(image)),
        volume_ids=tuple(
            v['id']
            for v in getattr(s, 'os-extended-volumes:volumes_attached', ())
        ),
        project_id=getattr(s, 'tenant_id', ''),
        created_at=getattr(s, 'created', ''),
        updated_at=getattr(s, 'updated', None),
        locked=getattr(s, 'locked', False),
        pinned_zone=getattr(s, 'pinned_availability_zone', None) or '',
        # Left out where Nova's policy does not show them.
        extra_specs=_texts(flavor.get('extra_specs', {})),
        image_properties=_texts(image.get('properties') or {}),
        image_known='properties' in image,
        hints=_hints(getattr(s, 'scheduler_hints', None) or {}),
    )


def _hints(shown: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Nova keeps the values of each hint as a list of strings.

    >>> _hints({'same_host': ['u1', 'u2'], 'query': '[]'})
    {'same_host': ('u1', 'u2'), 'query': ('[]',)}
    """
    return {
        str(name): (values,)
        if isinstance(values, str)
        else tuple(map(str, values or ()))
        for name, values in shown.items()
    }


def _texts(shown: dict[Any, Any]) -> dict[str, str]:
    """Keys and values as texts, which they are for Nova."""
    return {str(key): str(value) for key, value in shown.items()}


def _disk_gb(flavor: dict[str, Any], has_image: bool) -> int:
    """Local disks in GB, as ``nova.scheduler.utils.ResourceRequest`` has it.

    A root disk that is a volume does not count (the server has no image then),
    swap does, which a flavor has in MB, and an extra spec goes before all, if
    it is an amount (``nova.objects.request_spec.RequestGroup.add_resource``).

    >>> _disk_gb({'disk': 20, 'ephemeral': 5, 'swap': 512}, has_image=True)
    26
    """
    asked = flavor.get('extra_specs', {}).get('resources:DISK_GB')
    if asked is not None:
        if str(asked).isdecimal():
            return int(asked)
        service.tell_odd(
            'extra spec resources:DISK_GB of flavor',
            flavor.get('original_name'),
            f'{asked!r} is no amount',
        )
    root = flavor.get('disk', 0) if has_image else 0
    swap = math.ceil(flavor.get('swap', 0) / units.MB_PER_GB)
    return int(root + flavor.get('ephemeral', 0) + swap)


def _node(h: Any) -> tuple[str, str]:
    return service.text(h.service['host']), h.id


def _host(s: Any) -> resources.ComputeHost:
    return resources.ComputeHost(
        name=service.text(s.host),
        enabled=s.status == 'enabled',
        up=s.state == 'up',
        disabled_reason=getattr(s, 'disabled_reason', None) or '',
        zone=getattr(s, 'zone', None) or '',
    )


def _aggregate(a: Any) -> resources.Aggregate:
    return resources.Aggregate(
        name=service.text(a.name),
        hosts=frozenset(map(service.text, a.hosts)),
        metadata=_texts(getattr(a, 'metadata', None) or {}),
    )


def _group(g: Any) -> resources.ServerGroup:
    """Below 2.64 it has a list of policies, with one in it, and no rules."""
    policies = getattr(g, 'policies', None) or ['']
    rules = getattr(g, 'rules', None) or {}
    return resources.ServerGroup(
        id=g.id,
        name=g.name,
        policy=getattr(g, 'policy', None) or policies[0],
        server_ids=tuple(map(service.text, g.members)),
        max_server_per_host=int(rules.get('max_server_per_host', 1)),
    )


def _migrations(shown: Iterable[Any]) -> list[resources.Migration]:
    """Those that can be read."""
    found = service.readable('migration', shown, _migration)
    return [migration for _, migration in found if migration is not None]


def _migration(m: Any) -> resources.Migration:
    return resources.Migration(
        id=m.id,
        server_id=m.instance_uuid,
        type=m.migration_type,
        status=m.status,
        source=m.source_compute,
        dest=m.dest_compute,
        updated_at=getattr(m, 'updated_at', None),
    )


def _reason(events: Iterable[dict[str, Any]]) -> str:
    """The first failed event's own words.

    ``details`` (2.84) is the exception's class only, for what is not a
    NovaException; an administrator also gets the traceback, whose last line
    has the text.
    """
    for event in events:
        if event.get('result') == 'Error':
            details = event.get('details') or ''
            lines = (event.get('traceback') or '').strip().splitlines()
            last = lines[-1].strip() if lines else ''
            return messages.escaped(details or last)
    return ''
