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

import dataclasses

import fixtures
import testtools

from zone_migration import waiting
from zone_migration.client import backend_enabling
from zone_migration.client import exception
from zone_migration.logic import storage_backends

AWAY = exception.CloudUnavailable('Cinder', 'gone')
LOST = exception.AnswerLost('Cinder', 'broken')
REFUSED = exception.RequestRefused('Cinder', 'not allowed', 403)


#: How often it is looked at once an answer was lost.
LOOKS = 11


class Cinder:
    """A backend that only a freeze and a thaw enable."""

    def __init__(self, *troubles):
        self.seen = storage_backends.Backend(
            'h@b',
            enabled=False,
            up=True,
            disabled_reason='watcher_zone_migration 7',
        )
        #: What was asked for.
        self.asked = []
        #: By request: what its first calls raise, once they have arrived
        #: where the answer is lost.
        self.troubles = {}
        for request, *raised in troubles:
            self.troubles[request] = raised

    def ask(self, request, **becomes):
        self.asked.append(request)
        trouble = (self.troubles.get(request) or [None]).pop(0)
        if trouble is None or isinstance(trouble, exception.AnswerLost):
            self.seen = dataclasses.replace(self.seen, **becomes)
        if trouble is not None:
            raise trouble

    def backend(self, name):
        self.ask('look')
        self.asked.pop()
        return self.seen

    def ask_to_enable_backend(self, name):
        self.ask('enable')

    def freeze_backend(self, name):
        self.ask('freeze', frozen=True, disabled_reason='frozen')

    def disable_backend(self, name, reason):
        self.ask('mark', disabled_reason=reason)

    def thaw_backend(self, name):
        self.ask('thaw', frozen=False, enabled=True, disabled_reason='')


class EnableTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(
            fixtures.MockPatchObject(backend_enabling, '_PAUSE', 0)
        )
        self.useFixture(
            fixtures.MockPatchObject(
                waiting, 'polls', lambda interval, most: iter(range(most))
            )
        )

    def enable(self, *troubles, **how):
        self.cinder = Cinder(*troubles)
        backend_enabling.enable(self.cinder, 'h@b', **how)
        return self.cinder.asked

    def lose(self, request, looks, works=False):
        """Enable where a request takes effect after so many looks only."""
        cinder = self.cinder = Cinder((request, LOST))
        late, left = {}, [looks]

        def ask(what, **becomes):
            if what == 'look' and late:
                left[0] -= 1
                if not left[0]:
                    cinder.seen = dataclasses.replace(cinder.seen, **late)
                    late.clear()
            if what == 'enable' and works:
                becomes = {'enabled': True, 'disabled_reason': ''}
            if what == request and cinder.troubles.get(request):
                late.update(becomes)
                becomes = {}
            Cinder.ask(cinder, what, **becomes)

        cinder.ask = ask
        backend_enabling.enable(cinder, 'h@b')
        self.assertEqual({}, late)
        return cinder.asked

    def test_what_takes_effect_late_is_waited_for(self):
        for request in ('freeze', 'mark', 'thaw'):
            self.assertEqual(
                ['enable', 'freeze', 'mark', 'thaw'], self.lose(request, 5)
            )
            self.assertTrue(self.cinder.seen.enabled)
            self.assertFalse(self.cinder.seen.frozen)
        self.assertEqual(['enable'], self.lose('enable', 5, works=True))

    def test_cinder_that_enables_it_after_the_freeze_keeps_nothing(self):
        asked = self.lose('enable', LOOKS + 2, works=True)
        self.assertEqual('thaw', asked[-1])
        self.assertTrue(self.cinder.seen.enabled)
        self.assertFalse(self.cinder.seen.frozen)

    def test_one_of_somebody_else_is_told_apart(self):
        self.cinder = Cinder()
        for seen in (
            None,
            dataclasses.replace(self.cinder.seen, disabled_reason='broken'),
        ):
            self.cinder.backend = lambda name, seen=seen: seen
            self.assertRaises(
                exception.BackendIsNotOurs,
                backend_enabling.enable,
                self.cinder,
                'h@b',
            )

    def why_not(self, *troubles):
        return self.assertRaises(exception.CloudError, self.enable, *troubles)

    def test_cinder_is_asked_until_it_is_enabled(self):
        self.assertEqual(['enable', 'freeze', 'mark', 'thaw'], self.enable())

    def test_lost_answers_are_looked_after(self):
        for request in ('enable', 'freeze', 'mark', 'thaw'):
            self.assertEqual(
                ['enable', 'freeze', 'mark', 'thaw'],
                self.enable((request, LOST)),
            )

    def test_cinder_that_is_away_before_the_freeze_is_left_alone(self):
        for request in ('look', 'enable'):
            self.assertIs(AWAY, self.why_not((request, AWAY)))
            self.assertNotIn('freeze', self.cinder.asked)

    def test_cinder_that_goes_away_after_the_freeze_is_waited_for(self):
        for request in ('mark', 'thaw'):
            asked = self.enable((request, AWAY, AWAY))
            self.assertTrue(self.cinder.seen.enabled)
            self.assertEqual(1, asked.count('freeze'))

    def test_cinder_that_stays_away_after_the_freeze_is_told(self):
        error = self.why_not(('thaw', *[AWAY] * 1000))
        self.assertIsInstance(error, exception.BackendStaysDisabled)
        self.assertIn('it may be frozen: thaw it first', str(error))
        self.assertIn('gone', str(error))

    def test_freeze_that_is_refused_is_told(self):
        error = self.why_not(('freeze', *[REFUSED] * 3))
        self.assertIn('not allowed', str(error))
        self.assertEqual(['enable', *['freeze'] * 3], self.cinder.asked)
