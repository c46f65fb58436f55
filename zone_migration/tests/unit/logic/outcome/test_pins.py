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

from zone_migration.logic.outcome import attempts
from zone_migration.logic.outcome import pins
from zone_migration.logic.outcome import remedies

REQUEST = (
    'PUT /servers/<id> {"server": {"pinned_availability_zone": "<zone>"}}'
)

CAUSE = (
    'the server is in ERROR on w112, but its guest runs there: openstack '
    'server set --state active 9827ce18-6c4e-4b1e-9d5c-0a2e6f1f7a11'
)


class PinsTest(testtools.TestCase):
    def test_what_was_lost_has_its_request(self):
        text = pins.lost('rack 1', 'Nova is unavailable: ' + 'HTTP ' * 99)
        self.assertIn('not pinned to rack 1 again, as Nova is unav', text)
        self.assertTrue(text.endswith('...: PUT its pinned_availability_zone'))
        self.assertIn(REQUEST, pins.remedy(text))
        self.assertIn(REQUEST, pins.remedy('not pinned to rack 1 again...'))

    def test_cause_and_pin_of_the_last_attempt_are_kept(self):
        told = attempts.told(
            [
                attempts.Attempt(1, 'w112', f'{CAUSE}; pinned to z1 again'),
                attempts.Attempt(
                    2, 'w113', f'{CAUSE}; {pins.lost("z1", "no answer")}'
                ),
            ],
            215,
        )
        self.assertIn('attempt 2 to w113: the server is', told)
        self.assertIn(REQUEST, pins.remedy(told))

    def test_what_is_told_of_a_server_that_has_moved_is_read(self):
        for words in (
            'pinned to z2 instead of z1',
            'no longer pinned to z1, nor to another zone',
            pins.lost('z1', 'Nova is unavailable'),
            pins.lost('z1', 'Nova refuses: policy (HTTP 403)'),
            pins.lost('z1', 'Nova refuses: a policy of the cloud (HTTP 403)'),
        ):
            for before, after in (('', ''), (' (down for 3 s)', ' in 9.0 s')):
                text = f'migrated from c1 to c2{before} ({words}){after}'
                self.assertEqual(words, pins.told(text))
            # What has arrived when an applier goes on with it.
            self.assertEqual(words, pins.told(f'it is on c2; {words}'))
        self.assertEqual('', pins.told('migrated from c1 to c2'))
        self.assertEqual(
            '',
            pins.told('moved (attempt 2; attempt 1: x; pinned to z1 again)'),
        )

    def test_what_is_pinned_needs_none(self):
        for text in (
            'pinned to z1 again',
            'pinned to z2 instead of z1',
            'no longer pinned to z1, nor to another zone',
            'attempt 1: not pinned to z1 again, as it may still move; pin it; '
            'attempt 2: no route; pinned to z2 instead of z1',
        ):
            self.assertEqual('', pins.remedy(text, 'z1'))

    def test_what_nobody_has_seen_through_may_need_one(self):
        for text in (
            'Action was cancelled because Applier a was stopped while the '
            'action plan was ongoing.',
            'the applier on a was stopped while it cancelled this; what was '
            'in flight may have gone on',
            'begun before the restart and not seen through',
        ):
            self.assertIn(REQUEST, pins.remedy(text, 'z1'))
            self.assertEqual('', pins.remedy(text))

    def test_it_stands_beside_the_other_remedy(self):
        remedy = remedies.of(
            'no change for 600 s; not pinned to z1 again, as it may still move'
        )
        self.assertRegex(remedy, 'once it has ended, .*; pin it to the zone')
