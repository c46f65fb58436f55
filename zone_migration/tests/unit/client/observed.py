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

"""What observers ask: a Nova and a Cinder, with their clocks."""

import datetime

from oslo_utils import timeutils

from zone_migration.client import exception
from zone_migration.logic import resources


def server(host='c1'):
    return resources.Server('s', 'web', 'ACTIVE', host)


def record(status, id_=7, server_id='s'):
    return resources.Migration(
        id_,
        server_id,
        'live-migration',
        status,
        'c1',
        'c2',
        '2026-11-24T03:14:00.000000',
    )


def volume(host='h@a#a', id_='v', **more):
    return resources.Volume(id_, 'data', 'available', host, 'gold', **more)


class Nova:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked = []
        self.shown = server()
        self.records = []
        self.unavailable = False

    def server(self, server_id):
        self._ask('server')
        return self.shown

    def servers(self, changes_since=None):
        self._ask('servers')
        return {'s': self.shown}

    def newest_change(self):
        self._ask('newest_change')
        return self.records[0].updated_at if self.records else None

    def migrations(self, changes_since):
        self._ask('migrations')
        return self.records

    def migrations_of(self, server_id):
        self._ask('migrations_of')
        return [r for r in self.records if r.server_id == server_id]

    def migrations_in_flight(self):
        self._ask('migrations_in_flight')
        return [r for r in self.records if r.is_in_flight]

    def unfinished_migrations(self):
        self._ask('unfinished')
        return self.records

    def _ask(self, what):
        self.asked.append(what)
        if self.unavailable:
            raise exception.CloudUnavailable(service='Nova', reason='503')


class Cinder:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked = []
        self.shown = {'v': volume()}
        self.moving = {}
        self.changed = {}
        self.unavailable = False

    def volume(self, volume_id):
        self._ask('volume')
        return self.shown.get(volume_id)

    def newest_change(self):
        self._ask('newest_change')
        return next((v.updated_at for v in self.shown.values()), None)

    def volumes(self, changes_since=None):
        self._ask('volumes')
        return dict(self.changed)

    def moving_volumes(self):
        self._ask('moving_volumes')
        return dict(self.moving)

    def copies_of(self, volume_id):
        self._ask('copies_of')
        return {
            v.id: v for v in self.moving.values() if v.copy_of == volume_id
        }

    def _ask(self, what):
        self.asked.append(what)
        if self.unavailable:
            raise exception.CloudUnavailable(service='Cinder', reason='503')


class Clock:
    """The clock of a service, so many seconds ahead of this machine's."""

    def __init__(self, time, ahead=0.0):
        self._time = time
        self._began = timeutils.utcnow() + datetime.timedelta(seconds=ahead)

    def stamp(self, age=0.0):
        """What the service writes down of what happened so long ago."""
        return (
            self._began + datetime.timedelta(seconds=self._time.now - age)
        ).isoformat()


def has_changed(one, since):
    """Whether a service lists it among what has changed since.

    :param one: None is one that was deleted.
    """
    return None in (since, one) or (
        one.updated_at is not None
        and timeutils.parse_isotime(one.updated_at) >= since
    )


class NovaByItsClock(Nova):
    """Lists what has changed since a time of its own clock, as Nova does."""

    def __init__(self):
        super().__init__()
        self.asked_since = []
        self.changed_servers = {}

    def migrations(self, changes_since):
        self.asked_since.append(changes_since)
        return [
            r
            for r in super().migrations(changes_since)
            if has_changed(r, changes_since)
        ]

    def servers(self, changes_since=None):
        self._ask('servers')
        return {
            id_: one
            for id_, one in self.changed_servers.items()
            if has_changed(one, changes_since)
        }


class CinderByItsClock(Cinder):
    """The same for volumes."""

    def volumes(self, changes_since=None):
        return {
            id_: one
            for id_, one in super().volumes(changes_since).items()
            if has_changed(one, changes_since)
        }
