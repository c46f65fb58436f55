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

"""Plans that have run, as large as wanted, as the engine leaves them."""

import dataclasses
import datetime
import heapq
import random

from zone_migration.logic.outcome import action_text
from zone_migration.osc import plan_report
from zone_migration.tests.unit.osc import fakes

BEGIN = datetime.datetime(2026, 11, 28, 3, 14, tzinfo=datetime.timezone.utc)

_REASONS = (
    'No valid host was found. There are not enough hosts available.',
    'live migration failed; the server is ACTIVE on w100',
    'destination w203 is down',
)


def actions(count=1000, hosts=40, projects=25):
    """Actions of a plan that has moved servers and volumes, two a host."""
    chance = random.Random(22)
    free = {f'w{100 + n}': [0.0, 0.0] for n in range(hosts)}
    free.update({f'block{n}@lvm#pool-{n}': [0.0, 0.0] for n in range(4)})
    sources = list(free)
    goals = [f'w{200 + n}' for n in range(hosts // 2)]
    return [
        _action(number, chance, sources[number % len(sources)], goals, free)
        for number in range(count)
    ]


def _action(number, chance, source, goals, free):
    """One of them, started as soon as its source has a slot."""
    begin = heapq.heappop(free[source])
    took = round(chance.lognormvariate(3, 0.8), 1)
    heapq.heappush(free[source], begin + took)
    volume = '@' in source
    goal = 'block9@lvm#pool-9' if volume else chance.choice(goals)
    project = number * 7 % 25
    waited = begin if begin else 0
    values = {
        'type': 'volume_migration' if volume else 'live_migration',
        'source': source,
        'project_id': f'{project:032x}',
    }
    name = f'{"data" if volume else "web"}-{number}'
    if chance.random() < 0.01:
        there = f'the server is already on {goal}'
        return fakes.action(name, state='SKIPPED', message=there, **values)
    text, state = f'migrated from {source} to {goal}', 'SUCCEEDED'
    if chance.random() < 0.02:
        state = 'FAILED'
        text = f'Action failed in execute: {chance.choice(_REASONS)}'
    ended = BEGIN + datetime.timedelta(seconds=begin + took)
    return fakes.action(
        name,
        state=state,
        message=action_text.ended(
            text, took, waited, source, well=state == 'SUCCEEDED'
        ),
        updated_at=ended.isoformat(timespec='seconds'),
        **values,
    )


def host(name, to, **values):
    """The action that disables or enables a host, but for the values."""
    action = fakes.action(name, 'change_nova_service_state', **values)
    # A host is its own source, and has a state of its own.
    parameters = {**action.parameters, 'state': to}
    del parameters['source']
    return dataclasses.replace(action, parameters=parameters)


def report(actions_, projects=None, **plan):
    """The report of a plan of these actions that has ended."""
    return plan_report.make(
        fakes.plan(
            **{
                'state': 'SUCCEEDED',
                'message': '970 succeeded, 10 already there, 20 failed in '
                '10 min (fastest possible: 9 min 16 s); web-1: No valid host',
                **plan,
            }
        ),
        fakes.audit(parameters={'parallel_total': 100}),
        actions_,
        projects or {},
        BEGIN + datetime.timedelta(hours=1),
    )
