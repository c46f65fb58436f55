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

import pathlib
import re

import testtools

from zone_migration.logic.outcome import owner_words

_PREFLIGHT = (
    pathlib.Path(__file__).parents[5] / 'doc/source/reference/preflight.rst'
)


def documented():
    """The reasons of the documentation, each with names for the dots."""
    text = _PREFLIGHT.read_text()
    tables = text[text.index('\nReasons: servers') :]
    tables = tables[: tables.index('\nRefused on purpose')]
    return [
        ' '.join(reason.split()).replace('...', 'x1')
        for cell in re.findall(r'^   \* - (.*?)^     - ', tables, re.S | re.M)
        for reason in re.findall(r'``(.*?)``', cell, re.S)
        # The others are parts of one.
        if len(reason) > len('is replicated')
    ]


class WordsTest(testtools.TestCase):
    def test_what_an_owner_can_see_is_told(self):
        for expected, reason in (
            ('it is locked', 'the server is locked: unlock it, or set it'),
            (
                'it is SUSPENDED',
                'the server is SUSPENDED on c1, not ACTIVE or PAUSED: resume',
            ),
            (
                'it is in-use',
                'Invalid state for cold migration: the volume is in-use by s: '
                'ask for it as in-use, or detach it',
            ),
            (
                'its volume of web 1 cannot move',
                'its volume of web 1 cannot move: it has snapshots',
            ),
            (
                'its server is SHUTOFF and has to run for it',
                'Invalid state for swapping volume: server 9 is SHUTOFF, not '
                'ACTIVE, PAUSED or VERIFY_RESIZE: start it',
            ),
            (
                'another operation on it is under way',
                'the server is in VERIFY_RESIZE, and Nova does not show its '
                'migration: repeat the audit',
            ),
            ('it was moved before', 'the server is on c3, not on c1'),
            (
                'it was moved before',
                'the server has left c1 already, it is on c3',
            ),
            (
                'there was no room for it elsewhere',
                'No valid host was found. There are not enough hosts.',
            ),
            (
                'the move failed, and the server is ACTIVE',
                'live migration failed; the server is ACTIVE on c1',
            ),
            (
                'the move failed, and the server is in ERROR',
                'the server is in ERROR on c1: no route',
            ),
            (
                'the move failed, and the volume is unharmed',
                'Cinder could not migrate it to b; the volume is in-use and '
                'unharmed on a',
            ),
        ):
            found = owner_words.of('failed', reason)
            self.assertEqual(expected, found, reason)

    def test_a_name_is_not_taken_for_a_reason(self):
        for expected, reason in (
            (
                'the move failed, and the volume is unharmed',
                'Cinder could not copy it for type encrypted; the volume is '
                'available and unharmed on c1@lvm#lvm',
            ),
            (
                'the move failed',
                'Cinder dropped the retype to multiattach and gave no reason',
            ),
            (
                'there was no room for it elsewhere',
                'no other pool with 20 GB free serves type replicated-ssd',
            ),
            (
                'its project has no quota left for the new type',
                'project p has no quota for type replicated-ssd: it needs 3',
            ),
            (
                'the place that it was to go to was not available',
                'destination accelerator-1 is down',
            ),
            (
                'the place that it was to go to was not available',
                'destination h@b#b not found: no such storage pool',
            ),
            ('the move failed', 'Cinder moved it to gateway@lvm, not to b'),
        ):
            found = owner_words.of('failed', reason)
            self.assertEqual(expected, found, reason)

    def test_the_last_attempt_counts(self):
        self.assertEqual(
            'the move failed, and the server is in ERROR',
            owner_words.of(
                'failed',
                'attempt 1: live migration failed; the server is ACTIVE on '
                'c1; attempt 2: the server is in ERROR on c1',
            ),
        )

    def test_what_is_for_operators_alone_is_not_told(self):
        for expected, outcome in (
            ('the move failed', 'failed'),
            ('it cannot be moved', 'cannot move'),
            ('the move was cancelled', 'cancelled'),
            ('the operators left it out', 'left out'),
            ('the move was not started', 'not started'),
        ):
            found = owner_words.of(outcome, 'rabbit7: no route to 10.0.0.7')
            self.assertEqual(expected, found)

    def test_each_documented_reason_has_words_without_its_remedy(self):
        reasons = documented()
        self.assertThat(len(reasons), testtools.matchers.GreaterThan(40))
        for reason in reasons:
            found = owner_words.of('cannot move', reason)
            self.assertNotIn(':', found, reason)
            if 'scope of the audit' not in reason:
                self.assertNotEqual('it cannot be moved', found, reason)
