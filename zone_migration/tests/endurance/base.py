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

"""What tests share that are long, or left to chance.

ZONE_MIGRATION_SEEDS says with how many seeds each is repeated, and
ZONE_MIGRATION_FIRST_SEED where they begin; a failure names its seed.
"""

import os

from zone_migration.tests.functional import base

HOSTS = ('compute1', 'compute2', 'compute3')

#: How many seconds an operation may take.
MOST_SECONDS = 4


def seeds():
    """The seeds to repeat a test with."""
    first = int(os.environ.get('ZONE_MIGRATION_FIRST_SEED', '1'))
    count = int(os.environ.get('ZONE_MIGRATION_SEEDS', '5'))
    if count < 1:
        raise ValueError(f'ZONE_MIGRATION_SEEDS must be 1 or more: {count}')
    return range(first, first + count)


class Story:
    """Servers and volumes anywhere, what an audit wants, what comes of it.

    Each has a destination of its own, so that the same audit can be made
    again.

    :param cloud: the sandbox's, empty.
    :param chance: a ``random.Random``.
    :param failing: whether some moves are to fail.
    :param servers: how many of each host there are, running and stopped, at
        least and at most.
    :param volumes: how many there are, at least and at most.
    """

    def __init__(
            self, cloud, chance, failing=True, servers=(1, 4),
            volumes=(2, 6)):
        self._cloud, self._chance = cloud, chance
        self._failing = failing
        #: ``{'vm': {id: item}, 'volume': {id: item}}``
        self.params = {'vm': {}, 'volume': {}}
        #: ``{id: the state that its action ends in}``
        self.ends = {}
        for host in HOSTS[:2]:
            for stopped in (False, True):
                self._add_servers(host, stopped, chance.randint(*servers))
        self._add_volumes(chance.randint(*volumes))

    @property
    def wanted(self):
        """``{id: item}`` of everything."""
        return {**self.params['vm'], **self.params['volume']}

    def _fails(self):
        return self._failing and self._chance.random() < 0.25

    def _seconds(self):
        return self._chance.uniform(0, MOST_SECONDS)

    def _add_servers(self, host, stopped, count):
        made = self._cloud.create_servers(
            [f'{host}-{"off" if stopped else "run"}{n}'
             for n in range(count)],
            host=host, stopped=stopped)
        item = base.shutoff if stopped else base.active
        for server in made.values():
            self.params['vm'][server] = item(self._chance.choice(
                [one for one in HOSTS if one != host]))
            self.ends[server] = 'SUCCEEDED'
            self._cloud.behave(
                server, live_seconds=self._seconds(),
                cold_seconds=self._seconds(), swap_seconds=self._seconds())
            if self._fails():
                self.ends[server] = 'FAILED'
                self._cloud.behave(
                    server, live_result='fail', cold_result='rollback')

    def _add_volumes(self, count):
        running = [server for server, item in self.params['vm'].items()
                   if item['status'] == 'active']
        volumes = self._cloud.create_volumes(
            [f'volume{n}' for n in range(count)],
            pool='b1')
        # All that are attached to it fail, or none.
        unlucky = {server for server in running if self._fails()}
        for server in unlucky:
            self._cloud.behave(server, swap_result='fail')
        for volume in volumes.values():
            self._cloud.fill_volume(volume)
            attached = self._chance.random() < 0.4
            if attached:
                server = self._chance.choice(running)
                self._cloud.attach(server, volume)
                fails = server in unlucky
                if fails:  # it waits for its volumes
                    self.ends[server] = 'SKIPPED'
            else:
                fails = self._fails()
                self._cloud.behave(
                    volume, copy_seconds=self._seconds(),
                    copy_result='fail' if fails else None)
            item = base.in_use if attached else base.available
            self.params['volume'][volume] = self._chance.choice(
                [item(base.B3), item(dst_type='lvm2')])
            self.ends[volume] = 'FAILED' if fails else 'SUCCEEDED'

    def checksums(self):
        return {volume: self._cloud.volume_checksum(volume)
                for volume in self.params['volume']}
