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

import testtools

from zone_migration.logic import resources
from zone_migration.logic.outcome import holders
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import volume_checks


def volume(status='available', **more):
    return resources.Volume('v', 'data', status, 'h@a#a', 'gold', **more)


class WhyTest(testtools.TestCase):
    """The words fit what the preflight says."""

    def assert_held(self, words, status='available', server=None, **more):
        snapshots = more.pop('snapshots', 0)
        wanted = decisions.VolumeMove('v', dst_hostname='h@b#b')
        asked = volume(status, **more)
        if server is None:
            found = volume_checks.volume_migration(
                wanted, asked, snapshots, ()
            )
        else:
            found = volume_checks.volume_update(
                wanted, asked, server, snapshots, (), ()
            )
        self.assertIs(decisions.Kind.REFUSE, found.kind)
        self.assertEqual(words, holders.why('volume', found.text, 'available'))

    def test_of_volumes(self):
        self.assert_held('with snapshots', snapshots=2)
        self.assert_held('in groups', group_id='g')
        self.assert_held('that are replicated', replicated=True)
        self.assert_held('that cannot move', 'error')
        self.assert_held(
            'attached to hosts', 'in-use', host_names=('builder',)
        )

    def test_of_attached_volumes(self):
        for status, words in (
            ('SHUTOFF', 'of stopped servers (would move while these run)'),
            ('SUSPENDED', 'of stopped servers (would move while these run)'),
        ):
            server = resources.Server('s', 'web', status, 'c1')
            self.assert_held(words, 'in-use', server, server_ids=('s',))
        busy = resources.Server('s', 'web', 'ACTIVE', 'c1', 'migrating')
        self.assert_held(
            'of servers that are busy', 'in-use', busy, server_ids=('s',)
        )
        self.assert_held(
            'attached to several servers',
            'in-use',
            busy,
            server_ids=('s', 't'),
        )

    def test_of_servers(self):
        for status, words in (
            ('ERROR', 'in ERROR'),
            ('ACTIVE', 'that cannot move'),
            ('SHUTOFF', 'that cannot move'),
        ):
            self.assertEqual(words, holders.why('server', 'why', status))


class OfAllTest(testtools.TestCase):
    def test_few_places_are_named_and_many_are_summed_up(self):
        held = [('volume', 'with snapshots')]
        places = {
            ('host', 'c1'): [('server', 'in ERROR')] * 2,
            **{('pool', f'h@{n}#{n}'): held for n in '123'},
            ('pool', 'h@4#4'): [],
        }
        self.assertEqual(
            [
                'host c1 will not be empty: 2 servers in ERROR',
                '3 pools will not be empty: 3 volumes with snapshots',
            ],
            holders.of_all(places),
        )
        self.assertEqual(4, len(holders.outlook(places)))
