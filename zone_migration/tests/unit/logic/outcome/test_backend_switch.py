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

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import storage_backends
from zone_migration.logic.outcome import backend_switch

OURS = 'watcher_zone_migration 7'
Step = backend_switch.Step


class Cinder:
    """A backend, and what some Cinder does when it is asked.

    :param works: whether ``enable`` enables.
    :param thaws: whether each thaw succeeds; the last is that of all others.
    :param remarks: whether the mark can be put over ``frozen``.
    """

    def __init__(self, works=False, thaws=(True,), remarks=True, **seen):
        self.seen = storage_backends.Backend(
            **{
                'name': 'h@b',
                'enabled': False,
                'up': True,
                'disabled_reason': OURS,
                **seen,
            }
        )
        self.works = works
        self.thaws = [*thaws]
        self.remarks = remarks

    def be(self, **seen):
        self.seen = dataclasses.replace(self.seen, **seen)

    def do(self, step, reason):
        if step is Step.ENABLE and self.works:
            self.be(enabled=True, disabled_reason='')
        elif step is Step.FREEZE:
            self.be(frozen=True, disabled_reason='frozen')
        elif step is Step.MARK and self.remarks:
            self.be(disabled_reason=reason)
        elif step is Step.THAW and self.seen.frozen:
            self.be(frozen=False)
            if self.thaws.pop(0) if self.thaws[1:] else self.thaws[0]:
                self.be(enabled=True, disabled_reason='')


def switch(cinder, may_thaw=False):
    """What is done until nothing is left to do, and why it is given up."""
    done = backend_switch.Switching(may_thaw=may_thaw)
    steps = []
    while True:
        step, why = backend_switch.next_step('h@b', cinder.seen, done)
        steps.append(step.name)
        if step in (Step.DONE, Step.GIVE_UP, Step.LEAVE):
            return steps, why
        done.note(step)
        cinder.do(step, done.reason)


class NextStepTest(testtools.TestCase):
    def assert_steps(self, steps, cinder, *words, **how):
        done, why = switch(cinder, **how)
        self.assertEqual(steps.split(), done)
        for word in words:
            self.assertIn(word, why)
        return cinder.seen

    def test_enabled_backend_is_left_as_it_is(self):
        self.assert_steps('DONE', Cinder(enabled=True))

    def test_cinder_that_enables_is_asked_for_nothing_else(self):
        self.assert_steps('ENABLE DONE', Cinder(works=True))

    def test_cinder_that_does_nothing_freezes_and_thaws(self):
        seen = self.assert_steps(
            'ENABLE FREEZE MARK THAW DONE', Cinder(works=False)
        )
        self.assertEqual((True, False), (seen.enabled, seen.frozen))

    def test_failed_thaw_is_repeated_with_a_freeze(self):
        self.assert_steps(
            'ENABLE FREEZE MARK THAW FREEZE MARK THAW DONE',
            Cinder(thaws=(False, True)),
        )

    def test_third_thaw_that_fails_is_the_last(self):
        seen = self.assert_steps(
            'ENABLE' + ' FREEZE MARK THAW' * 3 + ' GIVE_UP',
            Cinder(thaws=(False,)),
            'has not thawed it in 3 attempts',
        )
        # The next plan that enables it finds it as it was.
        self.assertEqual((OURS, False), (seen.disabled_reason, seen.frozen))

    def test_mark_that_is_lost_keeps_nothing_frozen(self):
        self.assert_steps(
            'ENABLE FREEZE MARK THAW DONE', Cinder(remarks=False)
        )
        self.assert_steps(
            'ENABLE' + ' FREEZE MARK THAW' * 2 + ' DONE',
            Cinder(remarks=False, thaws=(False, True)),
        )

    def test_backend_that_is_down_is_not_frozen(self):
        self.assert_steps(
            'ENABLE GIVE_UP', Cinder(up=False), 'its cinder-volume is down'
        )

    def test_frozen_one_with_the_mark_is_thawed_by_anybody(self):
        self.assert_steps('THAW DONE', Cinder(frozen=True))

    def test_frozen_one_is_thawed_by_what_was_begun_before(self):
        seen = {'frozen': True, 'disabled_reason': 'frozen'}
        self.assert_steps('MARK THAW DONE', Cinder(**seen), may_thaw=True)
        self.assert_steps('LEAVE', Cinder(**seen), 'disabled it: frozen')

    def test_one_that_somebody_else_has_disabled_stays_so(self):
        for reason in ('broken', ''):
            self.assert_steps(
                'LEAVE',
                Cinder(disabled_reason=reason),
                'somebody else has disabled it',
                may_thaw=True,
            )

    def test_one_that_somebody_else_disables_is_told_to_be_frozen(self):
        class Shared(Cinder):
            def do(self, step, reason):
                super().do(step, reason)
                if step is Step.FREEZE:
                    self.be(disabled_reason='broken')

        told = (
            'may be frozen: thaw it first (openstack volume host set '
            '--enable h@b); somebody else has disabled it: broken'
        )
        seen = self.assert_steps('ENABLE FREEZE GIVE_UP', Shared(), told)
        self.assertEqual(('broken', True), (seen.disabled_reason, seen.frozen))
        # After a restart, likewise.
        self.assert_steps(
            'GIVE_UP',
            Cinder(frozen=True, disabled_reason='broken'),
            told,
            may_thaw=True,
        )

    def test_one_that_stays_frozen_is_given_up(self):
        class Ice(Cinder):
            def do(self, step, reason):
                if step is not Step.THAW:
                    super().do(step, reason)

        self.assert_steps(
            'ENABLE FREEZE MARK THAW THAW GIVE_UP', Ice(), 'may be frozen'
        )

    def test_freeze_of_ours_on_an_enabled_one_is_thawed(self):
        class Late(Cinder):
            def do(self, step, reason):
                super().do(step, reason)
                if step is Step.FREEZE:
                    self.be(enabled=True, disabled_reason='')

        seen = self.assert_steps('ENABLE FREEZE THAW DONE', Late())
        self.assertFalse(seen.frozen)

    def test_freeze_of_others_on_an_enabled_one_stays(self):
        seen = {'enabled': True, 'frozen': True}
        self.assert_steps('DONE', Cinder(**seen), may_thaw=True)

    def test_what_was_done_shows(self):
        for step, seen in (
            (Step.ENABLE, {'enabled': True}),
            (Step.FREEZE, {'frozen': True, 'disabled_reason': 'frozen'}),
            (Step.MARK, {'disabled_reason': OURS}),
            (Step.THAW, {'enabled': True}),
        ):
            self.assertTrue(backend_switch.shows(step, Cinder(**seen).seen))
            self.assertTrue(backend_switch.shows(step, None))

    def test_what_has_only_begun_does_not_show(self):
        for step, seen in (
            (Step.ENABLE, {}),
            (Step.FREEZE, {'frozen': True}),
            (Step.MARK, {'disabled_reason': 'frozen'}),
            (Step.THAW, {'frozen': False}),
            (Step.THAW, {'enabled': True, 'frozen': True}),
        ):
            self.assertFalse(backend_switch.shows(step, Cinder(**seen).seen))

    def test_one_that_is_gone(self):
        self.assertEqual(
            (Step.LEAVE, 'there is no storage backend h@b'),
            backend_switch.next_step('h@b', None, backend_switch.Switching()),
        )

    @hypothesis.given(
        st.booleans(),
        st.lists(st.booleans(), min_size=1, max_size=6),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.sampled_from([OURS, 'frozen', 'broken', '']),
    )
    def test_whatever_cinder_does_it_ends_and_leaves_nothing_frozen(
        self, works, thaws, remarks, may_thaw, frozen, reason
    ):
        cinder = Cinder(
            works, thaws, remarks, frozen=frozen, disabled_reason=reason
        )
        before = cinder.seen
        switch(cinder, may_thaw)
        ours = reason == OURS or (may_thaw and reason == 'frozen')
        if ours:
            self.assertFalse(cinder.seen.frozen)
        else:
            self.assertEqual(before, cinder.seen)
