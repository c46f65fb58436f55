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

"""What many migrations in flight cost Nova and Cinder, and how soon one ends.

    python3 -m sandbox up --computes 10 --live-per-host 100
    python -m benchmarks.requests_per_second 10 100 500

with a Python that has the plugin (``ZONE_MIGRATION_SANDBOX`` names another
sandbox than the default one).  For each number that many migrations, half of
servers and half of volumes, are begun and hang.  This program begins them, a
few at a time, as Nova and Cinder on a small machine cannot begin hundreds at
once; an audit and a plan then adopt them, so that watcher-applier waits for
all of them, with the default ``poll_interval``.  Then it is counted what the
APIs' access logs show of novaclient and cinderclient; the decision engine is
stopped, so that these are the applier's.  At last some servers and volumes may
go on, one after another, and the logs tell how much later the applier knows of
their end:

* Nova's is the line "Migrating instance to ... finished successfully", right
  before the record becomes "completed";
* Cinder's is the line "Complete-Migrate volume completed successfully", right
  after the volume became "success"; it names the request that started the
  migration, and the log of cinder-api tells which volume that was about;
* ours is the line "done" of the action, right before it becomes SUCCEEDED.

All daemons run on one machine, so they share one clock.  The sandbox is
emptied before and afterwards.
"""

import argparse
import contextlib
import datetime
import functools
import random
import re
import statistics
import sys
import time

from sandbox import waiting
from zone_migration.tests.functional import base

#: The applier, as the access logs of the APIs name it.
CLIENTS = {
    'nova-api': 'python-novaclient', 'cinder-api': 'python-cinderclient'
}

#: Where a volume goes from each pool: to the other one of its type.
PARTNERS = {
    'block1@b1#b1': 'block1@b3#b3', 'block1@b3#b3': 'block1@b1#b1',
    'block1@b2#b2': 'block1@b4#b4', 'block1@b4#b4': 'block1@b2#b2',
}

#: A quiet time without requests about single resources shows that all
#: migrations have begun, in seconds.
QUIET = 10

#: How many this program begins at once.
AT_ONCE = 10

ONE_RESOURCE = re.compile(r'/(servers|volumes)/[0-9a-f-]{36}|instance_uuid=')

SERVER_ENDED = re.compile(
    r'\[instance: ([0-9a-f-]{36})\].*finished successfully'
)
# Of the two the first is the caller's, if it has one.
VOLUME_ENDED = re.compile(
    r'\[\S+ (req-\S+) .*Complete-Migrate volume completed successfully'
)
VOLUME_ASKED = re.compile(
    r'\[\S+ (req-\S+) .* POST .*/volumes/([0-9a-f-]{36})/action'
)
ADOPTED = re.compile(
    r'MigrationAction ([0-9a-f-]{36}).*: .*(?:in flight|is moving)')
KNOWN = re.compile(r'MigrationAction ([0-9a-f-]{36}).*: done')


def main():
    """Measure, and print a table."""
    given = argparse.ArgumentParser(
        description='Requests a second, and how soon an end is noticed.')
    given.add_argument('numbers', nargs='*', type=int,
                       default=[10, 100, 500], metavar='MIGRATIONS')
    given.add_argument('--seconds', type=int, default=60,
                       help='how long requests are counted (60)')
    given.add_argument('--ends', type=int, default=20,
                       help='of servers and of volumes each, at most (20)')
    options = given.parse_args()
    cloud = base.sandbox()
    cloud.clean()
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(cloud.clean)
        cleanup.callback(cloud.start, 'watcher-decision-engine')
        cleanup.callback(cloud.restart, 'watcher-applier')
        cleanup.callback(cloud.set_watcher_options, {})
        cloud.set_watcher_options({
            'watcher_workflow_engines.parallel': {
                'parallel_total': 0, 'parallel_per_node': 0,
                'parallel_per_pool': 0},
            # Hanging migrations are to be waited for.
            'zone_migration': {'retry': 100000},
        })
        cloud.restart('watcher-applier')
        print(f'{"in flight":>12} {"requests a second":>20} '
              f'{"end noticed after, s (median, 95th percentile)":>50}')
        print(f'{"":>12} {"Nova":>10} {"Cinder":>9} '
              f'{"servers":>25} {"volumes":>24}', flush=True)
        for number in options.numbers:
            print(Measurement(cloud, number, options).run(), flush=True)


class Measurement:
    """One number of migrations."""

    def __init__(self, cloud, number, options):
        self.cloud = cloud
        self.number = number
        self.options = options
        self.servers = []
        self.volumes = []

    def run(self):
        """The row of the table."""
        self._create()
        plan = self._start()
        try:
            requests = self._count()
            ended = self._end_some()
            servers, volumes = self._delays(ended)
            self._end(self._ids() - ended)
        finally:
            self.cloud.forget_behaviour()
            plan.wait(1800)
            self.cloud.start('watcher-decision-engine')
        return (f'{self.number:12} {requests["nova-api"]:10.2f} '
                f'{requests["cinder-api"]:9.2f} '
                f'{_summary(servers):>25} {_summary(volumes):>24}')

    def _create(self):
        """As many servers and volumes as are missing."""
        began = time.monotonic()
        hosts = self.cloud.layout.computes
        half = self.number // 2
        have = sorted(s['name'] for s in self.cloud.servers())
        for place, host in enumerate(hosts):
            self.cloud.create_servers(
                [name for n in range(place, half, len(hosts))
                 if (name := f's{n:03}') not in have], host=host)
        have = sorted(v['name'] for v in self.cloud.volumes())
        for place, pool in enumerate(('b1', 'b2')):
            self.cloud.create_volumes(
                [name for n in range(place, half, 2)
                 if (name := f'v{n:03}') not in have], pool=pool)
        self.servers = self.cloud.servers()
        self.volumes = self.cloud.volumes()
        _say(f'{len(self.servers)} servers and {len(self.volumes)} volumes '
             f'are there after {time.monotonic() - began:.0f} s')

    def _start(self):
        """A plan that has adopted all migrations, which hang."""
        # No reports of progress: hundreds of them would be Nova's main work.
        self.cloud.behave('*', live_result='hang', live_interval=3600,
                          copy_result='hang')
        began = time.monotonic()
        self._begin([s['id'] for s in self.servers], self._begin_server,
                    self._server_is_moving)
        self._begin(
            self.volumes, self._begin_volume,
            lambda volume: self.cloud.volume(volume['id'])[
                'migration_status'] == 'migrating')
        _say(f'{self.number} migrations have begun after '
             f'{time.monotonic() - began:.0f} s')
        plan = base.plan_of({
            'vm': {s['id']: {'status': 'active'} for s in self.servers},
            'volume': {v['id']: {
                'status': 'available',
                'dst_hostname': PARTNERS[v['os-vol-host-attr:host']]}
                for v in self.volumes},
        })
        # It asks Nova and Cinder for what it wants to know of the cloud.
        self.cloud.stop('watcher-decision-engine')
        began = time.monotonic()
        plan.start()
        waiting.until(lambda: self._adopted() == self.number, 600,
                      'all migrations adopted')
        waiting.until(self._quiet, 600, 'the steady state')
        _say(f'{self.number} migrations are waited for after '
             f'{time.monotonic() - began:.0f} s')
        return plan

    def _begin(self, resources, begin, has_begun):
        for first in range(0, len(resources), AT_ONCE):
            few = resources[first:first + AT_ONCE]
            for one in few:
                begin(one)
            for one in few:
                waiting.until(functools.partial(has_begun, one), 120,
                              f'the copy of {one}')

    def _begin_server(self, server):
        self.cloud.act(server, 'os-migrateLive',
                       {'host': None, 'block_migration': 'auto'})

    def _server_is_moving(self, server):
        return self.cloud.migrations(server)[0]['status'] == 'running'

    def _begin_volume(self, volume):
        self.cloud.call(
            'POST', 'cinder', f'/volumes/{volume["id"]}/action',
            {'os-migrate_volume': {
                'host': PARTNERS[volume['os-vol-host-attr:host']],
                'lock_volume': True}})

    def _quiet(self):
        time.sleep(1)
        since = datetime.datetime.now() - datetime.timedelta(seconds=QUIET)
        return not any(
            ONE_RESOURCE.search(line)
            for api in CLIENTS for line in self._asked(api, since))

    def _asked(self, api, since):
        """What the applier has asked an API since."""
        stamp = since.isoformat()
        return [line for line in self.cloud.requests_logged(api)
                if line >= stamp and CLIENTS[api] in line]

    def _count(self):
        """``{api: requests a second}`` in the steady state."""
        since = datetime.datetime.now()
        time.sleep(self.options.seconds)
        return {api: len(self._asked(api, since)) / self.options.seconds
                for api in CLIENTS}

    def _end_some(self):
        """Lets some go on, one after another; their ids."""
        copying = [v['id'] for v in self.cloud.volumes()
                   if v['migration_status'] == 'migrating']
        servers = [s['id'] for s in self.servers][:self.options.ends]
        for server, volume in zip(servers, copying, strict=False):
            for who, setting in ((server, {'live_result': 'ok'}),
                                 (volume, {'copy_result': 'ok'})):
                self.cloud.behave(who, **setting)
                # Not in step with anything that looks.
                time.sleep(random.uniform(0.5, 1.5))  # noqa: S311
        ended = {*servers, *copying[:len(servers)]}
        self._wait_for(ended)
        return ended

    def _end(self, ids):
        """Lets these go on, a few at a time, as they were begun."""
        left = sorted(ids)
        for first in range(0, len(left), AT_ONCE):
            few = left[first:first + AT_ONCE]
            for one in few:
                self.cloud.behave(one, live_result='ok', copy_result='ok')
            self._wait_for(few)

    def _wait_for(self, ids):
        waiting.until(lambda: self._known().keys() >= set(ids), 300,
                      'the ends that were let go on')

    def _adopted(self):
        """How many actions of this plan have found their migration."""
        return len({found.group(1) for line in self._log('watcher-applier')
                    if (found := ADOPTED.search(line))} & self._ids())

    def _ids(self):
        return {r['id'] for r in (*self.servers, *self.volumes)}

    def _known(self):
        """``{id: when}`` the applier knew of the end."""
        return {found.group(1): _time(line)
                for line in self._log('watcher-applier')
                if (found := KNOWN.search(line))}

    def _delays(self, ended):
        """Seconds, of servers and of volumes."""
        known = self._known()
        servers = {
            found.group(1): _time(line)
            for host in self.cloud.layout.computes
            for line in self._log(f'nova-{host}')
            if (found := SERVER_ENDED.search(line))}
        asked = dict(found.groups() for line in self._log('cinder-api')
                     if (found := VOLUME_ASKED.search(line)))
        volumes = {
            asked[found.group(1)]: _time(line)
            for line in self._log('cinder-volume')
            if (found := VOLUME_ENDED.search(line))
            and found.group(1) in asked}
        return tuple(
            sorted((known[id_] - ends[id_]).total_seconds()
                   for id_ in ended if id_ in ends)
            for ends in (servers, volumes))

    def _log(self, name):
        return self.cloud.layout.log(name).read_text().splitlines()


def _time(line):
    return datetime.datetime.fromisoformat(line[:23])


def _summary(delays):
    """Median and 95th percentile."""
    if len(delays) < 2:
        return '-'
    return (f'{statistics.median(delays):.2f} '
            f'{statistics.quantiles(delays, n=20)[-1]:.2f} '
            f'(of {len(delays)})')


def _say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
