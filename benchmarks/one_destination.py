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

"""How long two hosts take to be emptied into a third, with the defaults.

    python3 -m sandbox up && python3 -m benchmarks.one_destination

Needs Watcher and its client in the Python that runs it, as the functional
tests do; with --simulated no sandbox.  The copy of each of 24 servers takes 2
to 12 seconds (drawn from --seed).  Nova copies one server from a host at a
time, and two may reach a host, so nothing is faster than the bound: the most
of what leaves a host, and of half of what reaches the third.

Prints the seconds from the start of the plan to its end, and how many times
the bound that is; exits with 1 above the target.  What Nova adds to a copy is
in the seconds, but not in the bound, and grows with the load of the machine.
--at-once measures it in the same run: Nova is asked for everything at once,
and its own queues are what a plan can reach at best.
"""

import argparse
import random
import statistics
import sys
import time

from zone_migration.logic.schedule import makespan
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import requirements
from zone_migration.logic.schedule import scheduling
from zone_migration.tests.functional import base
from zone_migration.tests.unit.logic.schedule import simulated_nova

SOURCES = ('compute1', 'compute2')
DESTINATION = 'compute3'
SHORTEST, LONGEST = 2.0, 12.0  # seconds
#: Those of this plugin.
LIMITS = {'total': 100, 'node': 2}
#: At most so many times the bound, where Nova asked for everything at once
#: needs 1.10 times the bound.
TARGET = 1.12
#: At most so many times what Nova needs then, where that is more.
TARGET_BESIDE_NOVA = 1.02
#: How many plans are simulated.
PLANS = 100


def draw(count, seed):
    """``{name: (source, seconds)}`` of that many servers."""
    drawn = random.Random(seed)
    return {
        f'server{number}': (
            SOURCES[number % len(SOURCES)],
            round(drawn.uniform(SHORTEST, LONGEST), 1),
        )
        for number in range(count)
    }


def tasks_of(servers):
    """The plan of their live migrations."""
    return [
        scheduling.Task(
            name,
            slots=requirements.slots_of(
                'live_migration',
                {
                    'resource_id': name,
                    'source': source,
                    'dst_hostname': DESTINATION,
                },
            ),
            expected=1.0,
        )
        for name, (source, _) in servers.items()
    ]


def lower_bound(servers):
    """Seconds that no schedule can undercut.

    >>> lower_bound({'a': ('compute1', 9.0), 'b': ('compute1', 3.0)})
    12.0
    >>> lower_bound({'a': ('compute1', 9.0), 'b': ('compute2', 3.0)})
    9.0
    """
    seconds = {name: copy for name, (_, copy) in servers.items()}
    leaves = (
        sum(copy for source, copy in servers.values() if source == host)
        for host in SOURCES
    )
    return max(
        *leaves, makespan.lower_bound(seconds, tasks_of(servers), LIMITS)
    )


def simulate(servers, looks):
    """Seconds that the plan takes in a simulated Nova.

    :param looks: whether the scheduler learns what Nova has queued.
    """
    plan = scheduling.Scheduler(tasks_of(servers), LIMITS, occupancy.Slots())
    nova = simulated_nova.Nova(
        {}, {name: copy for name, (_, copy) in servers.items()}
    )
    see = plan.queue_ahead.see if looks else lambda migrations: None
    return simulated_nova.run(plan, nova, see)


def print_simulated(count, seed):
    """Print the average and the worst of many plans; give the worst."""
    drawn = [draw(count, seed + number) for number in range(PLANS)]
    for name, looks in (
        ('each holds its slots', False),
        ('one queued ahead for each source', True),
    ):
        ratios = [
            simulate(servers, looks) / lower_bound(servers)
            for servers in drawn
        ]
        print(
            f'{name:34} {statistics.mean(ratios):6.3f} x on average, '
            f'{max(ratios):6.3f} x at worst of {PLANS} plans'
        )
    return max(ratios)


def create(servers):
    """``{id: name}`` of the servers, made where they are to leave."""
    cloud, ids = base.sandbox(), {}
    for host in SOURCES:
        names = [name for name, (at, _) in servers.items() if at == host]
        made = cloud.create_servers(names, host=host)
        ids.update({id_: name for name, id_ in made.items()})
    for name, (_, copy) in servers.items():
        cloud.behave(name, live_seconds=copy)
    return ids


def run_plan(ids):
    """Seconds from the start of a plan to its end."""
    plan = base.plan_of({
        'vm': {
            id_: {'status': 'active', 'dst_hostname': DESTINATION}
            for id_ in ids
        }
    })
    before = time.monotonic()
    state = plan.run(3600)
    seconds = time.monotonic() - before
    if state != 'SUCCEEDED':
        raise SystemExit(f'the plan is {state}')
    return seconds


def ask_at_once(ids):
    """Seconds that Nova takes when it is asked for all at once."""
    cloud = base.sandbox()
    before = time.monotonic()
    for id_ in ids:
        cloud.act(
            id_,
            'os-migrateLive',
            {'host': DESTINATION, 'block_migration': 'auto'},
        )
    cloud.wait(
        lambda: all(
            cloud.migrations(id_)[0]['status'] == 'completed' for id_ in ids
        ),
        3600,
        'the end of all',
    )
    return time.monotonic() - before


def target(bound, at_once):
    """How many times the bound a plan may take.

    :param at_once: seconds that Nova takes when asked for all at once.

    >>> target(100.0, at_once=105.0), target(100.0, at_once=120.0)
    (1.12, 1.224)
    """
    return max(TARGET, TARGET_BESIDE_NOVA * at_once / bound)


def print_measured(count, seed, at_once):
    """Print what the sandbox takes; give the times of the bound, and most."""
    cloud = base.sandbox()
    servers = draw(count, seed)
    bound = lower_bound(servers)
    print(f'{count} servers, lower bound {bound:.1f} s', flush=True)
    contenders = {'the plan': run_plan}
    if at_once:
        contenders['asked for at once'] = ask_at_once
    taken = []
    for name, run in contenders.items():
        cloud.clean()
        try:
            seconds = run(create(servers))
        finally:
            cloud.clean()
        taken.append(seconds)
        print(f'{name:34} {seconds:6.1f} s {seconds / bound:6.3f} x',
              flush=True)
    return taken[0] / bound, target(bound, max(taken[1:], default=0))


def main():
    """Print the times of the bound; 1 when the target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--servers', type=int, default=24)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--simulated', action='store_true',
                        help='in a simulated Nova, 100 plans')
    parser.add_argument('--at-once', action='store_true',
                        help='measure what Nova does by itself, too')
    given = parser.parse_args()
    if given.simulated:
        ratio, most = print_simulated(given.servers, given.seed), TARGET
    else:
        ratio, most = print_measured(
            given.servers, given.seed, given.at_once)
    print(f'Target: {most:.2f} x,', 'missed' if ratio > most else 'reached')
    return 1 if ratio > most else 0


if __name__ == '__main__':
    sys.exit(main())
