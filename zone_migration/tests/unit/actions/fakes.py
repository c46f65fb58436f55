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

"""A cloud that shows what a test has scripted, as time passes by."""

import dataclasses
import datetime
from unittest import mock

from oslo_utils import timeutils

from zone_migration import client
from zone_migration import conf
from zone_migration import waiting
from zone_migration.actions import waiting_action
from zone_migration.client import exception as client_exception
from zone_migration.client import server_observer
from zone_migration.logic import resources
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes

CONF = conf.CONF

SERVER_ID = '3b39c007-81c4-4bbe-8848-babf583d1349'
VOLUME_ID = '5c5b71ba-c7d3-477d-b0c4-ea1958fae8fe'


def server(status='ACTIVE', host='c1', task_state=None, **more):
    """The server of the tests."""
    return resources.Server(SERVER_ID, 'web', status, host, task_state, **more)


def record(status, dest='c2', id_=7, kind='live-migration'):
    """A migration record of the server."""
    return resources.Migration(id_, SERVER_ID, kind, status, 'c1', dest)


def volume(status='available', host='h@a#a', migration_status=None, **more):
    """The volume of the tests."""
    more.setdefault('type', 'gold')
    # So small that its copy gets no time of its own.
    more.setdefault('size_gb', 0)
    return resources.Volume(
        VOLUME_ID,
        'data',
        status,
        host,
        migration_status=migration_status,
        **more,
    )


def answer_lost():
    """What the border raises when an answer did not come."""
    return client_exception.AnswerLost(service='Nova', reason='reset by peer')


class _Service:
    """Shows something that changes with time and on requests.

    ``after`` maps a request to what is shown after it: ``(seconds since,
    what)`` pairs.  ``refuse`` maps one to the exceptions that its first calls
    raise; ``lose`` names those whose first answer is lost when they have
    arrived.
    """

    def __init__(self, time, shown) -> None:
        self._time = time
        self._began = 0.0
        self._script = [(0, shown)]
        self.after = {}
        self.refuse = {}
        self.lose = set()
        self.requests = []
        #: From when until when it cannot be reached, on the test's clock; and
        #: for how many seconds after its first request of a name.
        self.away = (0.0, 0.0)
        self.away_after = {}

    def reach(self) -> None:
        """Reach it, as each call has to.

        :raises CloudUnavailable: while it is away.
        """
        since, until = self.away
        if since <= self._time.now < until:
            raise client_exception.CloudUnavailable(
                service=type(self).__name__, reason='HTTP 503'
            )

    def look(self):
        """What the observer sees now."""
        try:
            self.reach()
        except client_exception.CloudUnavailable as error:
            raise waiting.ObservationFailed(str(error)) from error
        return self.seen()

    def show(self, *script) -> None:
        """From now on, show this."""
        self._began = self._time.now
        self._script = list(script)

    def seen(self):
        """What is shown now."""
        since = self._time.now - self._began
        return [what for at, what in self._script if at <= since][-1]

    def request(self, name, *arguments) -> None:
        """Take a request, and go on with what comes after it."""
        self.reach()
        self.requests.append((name, *arguments))
        refusals = self.refuse.get(name)
        if refusals:
            raise refusals.pop(0)
        if name in self.after:
            self.show(*self.after[name])
        if name in self.away_after:
            now = self._time.now
            self.away = (now, now + self.away_after.pop(name))
        if name in self.lose:
            self.lose.remove(name)
            raise answer_lost()


class Nova(_Service):
    """What is shown is ``(server, records)``."""

    def __init__(self, time) -> None:
        super().__init__(time, (server(), []))
        self.compute_hosts = {
            name: resources.ComputeHost(name, enabled=True, up=True)
            for name in ('c1', 'c2', 'c3')
        }
        self.error = ''
        #: The availability zone of the server, which ``pin`` changes; None
        #: where it is as what is shown has it.
        self.pinned_zone = None
        #: Whether the hypervisor has the guest; an exception is raised.
        self.guest_runs = True
        #: How long a cold migration has stopped it; an exception is raised.
        self.down = 12.0

    def server(self, server_id, whole=False):
        self.reach()
        shown = self.seen()[0]
        if self.pinned_zone is None or shown is None:
            return shown
        return dataclasses.replace(shown, pinned_zone=self.pinned_zone)

    def aggregates(self):
        self.reach()
        return {
            zone: resources.Aggregate(
                zone, frozenset([host]), {'availability_zone': zone}
            )
            for zone, host in (('z1', 'c1'), ('z2', 'c2'))
        }

    def pin(self, server_id, zone):
        self.reach()
        if not self.refuse.get('pin'):
            self.pinned_zone = zone or ''
        self.request('pin', zone)

    def migrations_of(self, server_id):
        self.reach()
        return self.seen()[1]

    def hosts(self):
        return self.compute_hosts

    def host(self, name):
        return self.compute_hosts.get(name)

    def live_migrate(self, server_id, host, force=False):
        self.request('live_migrate', host, force)

    def migrate(self, server_id, host):
        self.request('migrate', host)

    def confirm(self, server_id):
        self.request('confirm')

    def offload(self, server_id):
        self.request('offload')

    def forget(self, server_id):
        self.reach()

    def observe_server(self, server_id):
        return self.look()[0]

    def revert(self, server_id):
        self.request('revert')

    def abort(self, server_id, migration_id):
        self.request('abort', migration_id)

    def force_complete(self, server_id, migration_id):
        self.request('force_complete', migration_id)

    def runs(self, server_id):
        if isinstance(self.guest_runs, Exception):
            raise self.guest_runs
        return self.guest_runs

    def reset_to_active(self, server_id):
        self.request('reset_to_active')

    def last_error(self, server_id):
        return self.error

    def downtime(self, server_id):
        if isinstance(self.down, Exception):
            raise self.down
        return self.down

    def observe(self, server_id, after):
        shown, records = self.look()
        newer = [r for r in records if r.id > after]
        return shown, max(newer, key=lambda r: r.id, default=None)

    def ahead(self, migration):
        return 2


class SilentNova(Nova):
    """Lists what has changed lately, which nothing has for so many seconds.

    Until it is asked for something: that changes at once.
    """

    def __init__(self, time, age) -> None:
        super().__init__(time)
        self._start = timeutils.utcnow(with_timezone=True)
        self._changed = self._now() - datetime.timedelta(seconds=age)

    def _now(self):
        return self._start + datetime.timedelta(seconds=self._time.now)

    def newest_change(self):
        return self._now().isoformat()

    def migrations(self, changes_since):
        return self.seen()[1] if self._changed >= changes_since else []

    def servers(self, changes_since):
        return {}

    def request(self, name, *arguments):
        self._changed = self._now()
        super().request(name, *arguments)


class Cinder(_Service):
    """What is shown is the volume."""

    def __init__(self, time) -> None:
        super().__init__(time, volume())
        self.snapshot_count = 0
        #: The servers whose attachments a volume does not show.
        self.reserved_for = ()
        self.storage_pools = [
            resources.Pool(name, 100.0, frozenset({'gold', 'silver'}))
            for name in ('h@a#a', 'h@b#b')
        ]
        #: The pool of the copy that Cinder makes, once it shows one; and when
        #: that was made.
        self.copy = None
        self.copy_made = '2026-11-24T03:14:10'
        #: The same of one that is shown only to who asks for it.
        self.silent_copy = None
        #: Messages to users by id; those in ``news`` come with a request.
        self.told = {}
        self.news = {}

    def volume(self, volume_id):
        self.reach()
        return self.seen()

    def servers_of(self, volumes):
        return {v.id: (*v.server_ids, *self.reserved_for) for v in volumes}

    def snapshots(self, volume_id):
        return self.snapshot_count

    def pools(self):
        return self.storage_pools

    def volume_types(self):
        return {
            name: resources.VolumeType(name) for name in ('gold', 'silver')
        }

    def encryption(self, names):
        return dict.fromkeys(names, '')

    def migrate(self, volume_id, pool):
        self.request('migrate', pool)

    def retype(self, volume_id, volume_type):
        self.request('retype', volume_type)

    def messages(self, volume_id):
        return {**self.news, **self.told} if self.requests else self.told

    def observe(self, volume_id, not_before):
        return self.look()

    def read_copy(self, volume_id):
        self.reach()
        self.copy = self.silent_copy

    def copied_to(self, volume_id, not_before, made_since):
        return self.copy if self.copy_made >= made_since else None

    def now(self):
        return self._time.now


class Cloud:
    """Nova and Cinder, and the windows through which they are observed."""

    def __init__(self, time) -> None:
        self.nova = self.servers = Nova(time)
        self.cinder = self.volumes = Cinder(time)


class _Threading:
    """Stands for the module ``threading``, with events that cost no time."""

    def __init__(self, time) -> None:
        self._time = time

    def Event(self):  # noqa: N802 (the name in threading)
        return fakes.Interrupt(self._time)


class ActionTestCase(base.TestCase):
    """A test of one action in a scripted cloud."""

    #: The class of the action, and its input parameters.
    ACTION = None
    PARAMETERS = {}

    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.cloud = Cloud(self.time)
        self.nova = self.cloud.nova
        self.cinder = self.cloud.cinder
        for target, name, value in (
            (client, 'cloud_of', lambda osc, conf: self.cloud),
            (waiting_action, 'threading', _Threading(self.time)),
        ):
            patch = mock.patch.object(target, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.options(
            'zone_migration', retry=10, retry_interval=1, poll_interval=1
        )

    def be_silent(self, seconds):
        """Nova has changed nothing for so long; the readings are real."""
        self.cloud.nova = self.nova = SilentNova(self.time, seconds)
        self.cloud.servers = server_observer.ServerObserver(
            self.nova, 1, self.time.clock, grace_period=10
        )

    def make(self, **parameters):
        """The action, with these parameters besides the usual ones."""
        action = self.ACTION({}, osc=object())
        action.input_parameters = {**self.PARAMETERS, **parameters}
        action.validate_parameters()
        timing = action._timing

        def fake_timing():
            return dataclasses.replace(timing(), clock=self.time.clock)

        action._timing = fake_timing
        self.said = []
        action.report = self.said.append
        return action

    def run_action(self, **parameters):
        """Make it and run it, up to its post-condition."""
        action = self.make(**parameters)
        action.pre_condition()
        self.assertTrue(action.execute())
        action.post_condition()
        return action

    def abort_at(self, action, seconds):
        """Abort the action after so many seconds of its waiting."""
        action._abort.at = self.time.now + seconds

    def assert_fails(self, kind, text, call, *arguments, **more):
        """It raises this, with this text."""
        error = self.assertRaises(kind, call, *arguments, **more)
        self.assertEqual(text, str(error))
