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

"""How long moving 40 servers takes: this plugin, Watcher's own, the bound.

    python3 -m sandbox up --computes 8 --live-per-host 2 &&
    python3 -m benchmarks.race

Needs Watcher and its client in the Python that runs it, as the functional
tests do.  Four hosts are emptied onto four others.  The copy of each server
takes 10 to 60 seconds (drawn from --seed), a larger flavor longer.  Nova
itself copies at most two servers from a host at a time, as many as this
plugin's parallel_per_node lets it, so no contender can be faster than the
bound:

* the longest copy;
* what leaves, or reaches, one host: the sum of its copies by two.

Prints, for each contender, the seconds from the start of the plan to its end,
and how many times the bound that is.  What Nova adds to a copy (scheduling,
preparing, handing over) is in the seconds but not in this bound; on a busy
machine it is more than the copies themselves.  So a second bound is made of
the times that Nova's records have of the first contender's migrations, none
of which Nova had to queue: what is above that is lost between migrations.
"""

import argparse
import concurrent.futures
import contextlib
import dataclasses
import datetime
import random
import statistics
import time

from zone_migration.tests.functional import base

SOURCES = ('compute1', 'compute2', 'compute3', 'compute4')
DESTINATION = dict(zip(
    SOURCES, ('compute5', 'compute6', 'compute7', 'compute8'), strict=True))
#: At once from, and to, one host.
PER_NODE = 2
SHORTEST, LONGEST = 10.0, 60.0  # seconds
#: Flavors, by the longest copy in seconds that a server of it needs.
FLAVORS = {22.5: 'tiny', 35.0: 'small', 47.5: 'medium', LONGEST: 'large'}

MIGRATE_AT_ONCE = PER_NODE * len(SOURCES)


@dataclasses.dataclass(frozen=True)
class Server:
    """A server that is to move."""

    name: str
    source: str
    seconds: float

    @property
    def flavor(self):
        """The smallest flavor whose copies take so long."""
        return next(f for most, f in FLAVORS.items() if self.seconds <= most)


@dataclasses.dataclass(frozen=True)
class Contender:
    """A strategy with its planner and its engine."""

    name: str
    options: dict
    #: From ``{server's id: Server}`` to a plan.
    plan: object


def draw(count, seed):
    """That many servers, on the sources in turn."""
    drawn = random.Random(seed)  # noqa: S311  # nosec B311
    return [
        Server(
            f'race{number}',
            SOURCES[number % len(SOURCES)],
            round(drawn.uniform(SHORTEST, LONGEST), 1),
        )
        for number in range(count)
    ]


def lower_bound(servers):
    """Seconds that no schedule can undercut.

    Each source has a destination of its own, so that one sum serves both.

    >>> lower_bound([Server('a', 'compute1', 9.0),
    ...              Server('b', 'compute1', 3.0)])
    9.0
    """
    sums = [
        sum(s.seconds for s in servers if s.source == host) / PER_NODE
        for host in SOURCES
    ]
    return max(*sums, max(s.seconds for s in servers))


def plan_of_ours(ids):
    return base.plan_of({'vm': {
        id_: {'status': 'active', 'dst_hostname': DESTINATION[server.source]}
        for id_, server in ids.items()
    }})


def plan_of_watcher(ids):
    """Its parallel_* cut the plan short: they are as large as it is."""
    return base.plan_of_audit(base.create_audit_of(
        'hardware_maintenance', 'zone_migration', {
            'compute_nodes': [
                {'src_node': source, 'dst_node': destination}
                for source, destination in DESTINATION.items()
            ],
            'parallel_total': len(ids),
            'parallel_per_node': len(ids),
        }))


def taskflow(**options):
    return {
        'watcher_applier': {'workflow_engine': 'taskflow'},
        **{section.replace('__', '.'): values
           for section, values in options.items()},
    }


CONTENDERS = [
    Contender('parallel_migration, default, parallel', {}, plan_of_ours),
    Contender(
        f'zone_migration, weight ({MIGRATE_AT_ONCE} migrate), taskflow '
        f'({MIGRATE_AT_ONCE} workers)',
        taskflow(
            watcher_workflow_engines__taskflow={
                'max_workers': MIGRATE_AT_ONCE},
            watcher_planners__weight={
                'weights': 'migrate:30,volume_migrate:60',
                'parallelization':
                f'migrate:{MIGRATE_AT_ONCE},volume_migrate:2'},
        ),
        plan_of_watcher,
    ),
    Contender(
        'zone_migration, weight, taskflow, as they come',
        taskflow(), plan_of_watcher,
    ),
]


def create(servers):
    """``{id: Server}`` of servers made where they are to leave."""
    cloud, ids = base.sandbox(), {}
    for source in SOURCES:
        for flavor in FLAVORS.values():
            group = {s.name: s for s in servers
                     if (s.source, s.flavor) == (source, flavor)}
            made = cloud.create_servers(group, host=source, flavor=flavor)
            ids.update({id_: group[name] for name, id_ in made.items()})
    return ids


def move_back(ids):
    """All of them to their sources, as fast as Nova can."""
    cloud = base.sandbox()
    cloud.forget_behaviour()
    cloud.behave('*', live_seconds=0)
    left = [i for i, s in ids.items() if host_of(i) != s.source]
    with concurrent.futures.ThreadPoolExecutor(MIGRATE_AT_ONCE) as pool:
        list(pool.map(lambda i: cloud.act(i, 'os-migrateLive', {
            'host': ids[i].source, 'block_migration': 'auto'}), left))
    cloud.wait(
        lambda: all(cloud.migrations(i)[0]['status'] == 'completed'
                    for i in left), 300, 'the way back')
    cloud.forget_behaviour()


def as_nova_took(ids):
    """The servers, with the seconds that Nova's records give them."""
    taken = []
    for id_, server in ids.items():
        newest = base.sandbox().migrations(id_)[0]
        began, ended = (
            datetime.datetime.fromisoformat(newest[name])
            for name in ('created_at', 'updated_at'))
        taken.append(dataclasses.replace(
            server, seconds=(ended - began).total_seconds()))
    return taken


def host_of(server):
    return base.sandbox().server(server)['OS-EXT-SRV-ATTR:host']


@contextlib.contextmanager
def configured(options):
    """Watcher with these options, which sees the servers as they are."""
    cloud = base.sandbox()
    daemons = ('watcher-decision-engine', 'watcher-applier')
    cloud.set_watcher_options(options)
    cloud.restart(*daemons)
    there = {
        s['id']: s['OS-EXT-SRV-ATTR:host'] for s in cloud.servers()}

    def known():
        status, model = cloud.request('GET', 'watcher', '/data_model')
        return status == 200 and there == {
            row['server_uuid']: row['node_hostname']
            for row in model['context'] if row.get('server_uuid')
        }

    try:
        cloud.wait(known, 120, "Watcher's model of the servers")
        yield
    finally:
        cloud.set_watcher_options({})
        cloud.restart(*daemons)


def run(contender, ids):
    """Seconds from the start of the contender's plan to its end."""
    cloud = base.sandbox()
    for server in ids.values():
        cloud.behave(server.name, live_seconds=server.seconds)
    with configured(contender.options):
        plan = contender.plan(ids)
        planned = len(plan.actions())
        if planned != len(ids):
            raise SystemExit(f'{contender.name} plans {planned} actions only')
        before = time.monotonic()
        cloud.call('PATCH', 'watcher', f'/action_plans/{plan.uuid}', [
            {'op': 'replace', 'path': '/state', 'value': 'PENDING'}])
        state = plan.wait(3600)
        seconds = time.monotonic() - before
    stayed = [i for i, s in ids.items()
              if host_of(i) != DESTINATION[s.source]]
    if state != 'SUCCEEDED' or stayed:
        raise SystemExit(f'{contender.name}: {state}; stayed: {stayed}')
    return seconds


def describe(what, servers):
    """The lower bound, printed with what it is made of."""
    bound = lower_bound(servers)
    mean = statistics.mean(s.seconds for s in servers)
    print(f'{len(servers)} servers by {what}: mean {mean:.1f} s, lower '
          f'bound {bound:.1f} s', flush=True)
    return bound


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--servers', type=int, default=40)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--contenders', type=int, default=len(CONTENDERS),
                        help='the first so many only; the last, Watcher as '
                        'it comes, takes a quarter of an hour')
    given = parser.parse_args()
    cloud = base.sandbox()
    options = cloud.layout.options
    if options.computes < 8 or options.live_per_host != PER_NODE:
        raise SystemExit(
            'run "python3 -m sandbox up --computes 8 --live-per-host '
            f'{PER_NODE}" first')
    servers = draw(given.servers, given.seed)
    bounds = [describe('their copies', servers)]
    cloud.clean()
    try:
        ids = create(servers)
        for contender in CONTENDERS[:given.contenders]:
            move_back(ids)
            seconds = run(contender, ids)
            if len(bounds) == 1:
                bounds.append(describe("Nova's records", as_nova_took(ids)))
            ratios = ' '.join(f'{seconds / b:6.2f} x' for b in bounds)
            print(f'{contender.name:65} {seconds:6.1f} s {ratios}',
                  flush=True)
    finally:
        cloud.clean()


if __name__ == '__main__':
    main()
