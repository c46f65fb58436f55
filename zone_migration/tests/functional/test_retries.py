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

"""Answers of Nova and Cinder that are lost on their way to the applier."""

import contextlib
import dataclasses
import subprocess
import sys

from zone_migration.tests.functional import base
from zone_migration.tests.functional import faulty_proxy


@dataclasses.dataclass
class Proxy:
    """A faulty proxy that runs, in a process of its own."""

    port: int
    #: The paths of which an answer was dropped, once it has ended.
    dropped: list


@contextlib.contextmanager
def proxy(port):
    """A faulty proxy before a port, which ends with the block."""
    process = subprocess.Popen(
        [sys.executable, faulty_proxy.__file__, str(port)],
        stdout=subprocess.PIPE, text=True)
    running = Proxy(int(process.stdout.readline()), [])
    try:
        yield running
    finally:
        process.terminate()
        running.dropped += process.communicate()[0].splitlines()


class RetriesTest(base.FunctionalTest):
    """No move is started twice, and none fails for a lost answer."""

    def test_lost_answers(self):
        cloud = self.cloud
        ids = {
            'live': cloud.create_server('live', host='compute1'),
            'cold': cloud.create_server(
                'cold', host='compute2', stopped=True),
            **cloud.create_volumes(('copied',), pool='b1'),
        }
        # Before the options change: the decision engine reads them anew with
        # each audit, and would keep them.
        plan = base.plan_of({
            'vm': {
                ids['live']: base.active('compute2'),
                ids['cold']: base.shutoff('compute3'),
            },
            'volume': {ids['copied']: base.available(base.B3)},
        })
        port = cloud.layout.port
        with proxy(port('nova-api')) as nova, \
                proxy(port('cinder-api')) as cinder:
            with self.watcher_options({
                'nova': {'endpoint_override':
                         f'http://127.0.0.1:{nova.port}/v2.1'},
                'cinder': {'endpoint_override':
                           f'http://127.0.0.1:{cinder.port}/v3/'
                           '%(project_id)s'},
            }, 'watcher-applier'):
                self.assertEqual('SUCCEEDED', plan.run())
        for action in plan.actions().values():
            self.assert_state(action, 'SUCCEEDED')
        self.assertEqual(2, len(nova.dropped))
        self.assertEqual(1, len(cinder.dropped))
        self.assert_server('live', 'compute2', 'ACTIVE')
        self.assert_server('cold', 'compute3', 'SHUTOFF')
        self.assert_volume('copied', base.B3, 'lvm1', 'available')
        for name in ('live', 'cold'):
            self.assertEqual(1, len(cloud.migrations(name)), name)
