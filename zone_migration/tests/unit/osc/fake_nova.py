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

"""A Nova without HTTP, as openstacksdk shows it."""

import types

#: The reason of a host that this plugin has disabled.
OURS = 'watcher_zone_migration 10000000-0000-4000-8000-000000000000'


def service(host, reason=None, state='up'):
    """A compute service; it is enabled unless there is a reason."""
    return types.SimpleNamespace(
        host=host,
        status='enabled' if reason is None else 'disabled',
        state=state,
        disabled_reason=reason,
    )


class FakeNova:
    """The compute proxy; tests set what is there.

    :param services: of :func:`service`.
    :param servers: ids of servers, by the name of their host.
    """

    def __init__(self, *services, servers=None):
        self.services_ = services
        self.hypervisors_ = [
            types.SimpleNamespace(
                service_details={'host': host},
                servers=[{'uuid': id_, 'name': id_} for id_ in ids] or None,
            )
            for host, ids in (servers or {}).items()
        ]
        self.soft_deleted = ()
        #: (the host that was left, the id of the server)
        self.unconfirmed = ()
        #: What was asked for, in order.
        self.requests = []

    def services(self, **query):
        self.requests.append(('services', query))
        return iter(self.services_)

    def hypervisors(self, **query):
        self.requests.append(('hypervisors', query))
        return iter(self.hypervisors_)

    def servers(self, **query):
        self.requests.append(('servers', query))
        return iter([types.SimpleNamespace(id=i) for i in self.soft_deleted])

    def migrations(self, **query):
        self.requests.append(('migrations', query))
        return iter(
            [
                types.SimpleNamespace(source_compute=host, server_id=id_)
                for host, id_ in self.unconfirmed
            ]
        )


def cloud(*services, backends=(), **more):
    """A connection to a Nova with these compute services.

    :param backends: the volume services of a Cinder, if there is one.
    """
    return types.SimpleNamespace(
        compute=FakeNova(*services, **more),
        block_storage=FakeNova(*backends),
        has_service=lambda name: name == 'block-storage' and bool(backends),
    )
