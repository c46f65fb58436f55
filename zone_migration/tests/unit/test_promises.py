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

"""Whether the functional test notices a plan that lies."""

import dataclasses
import types

import testtools

from zone_migration.tests.functional import base
from zone_migration.tests.functional import by_hand
from zone_migration.tests.functional import excuses
from zone_migration.tests.functional import promises
from zone_migration.tests.functional import random_clouds
from zone_migration.tests.functional import seen

MOVED = by_hand.Answer(True, 'HTTP 202', 'compute2')
BEFORE = ('compute1', None, 'ACTIVE')
TO_2 = base.active('compute2')
LOCKED = 'the server is locked: unlock it, or set move_locked'
RUNS = 'the server is ACTIVE on compute1, not SHUTOFF: ask for it as active'
ELSEWHERE = 'the server is on compute1, not on compute3'
ATTACHED = (
    'Invalid state for cold migration: the volume is in-use by s: ask for it '
    'as in-use, or detach it')
DETACHED = (
    'Invalid state for swapping volume: the volume is available: ask for it '
    'as available')
CLEAR = (
    'Invalid volume type plain: the volume is encrypted and would not be any '
    'more: name an encrypted type')
NO_MEMORY = (
    'no room: it needs 64 MB of memory, 10 are left on compute2 after the '
    'others that go there: make room, or name another host')
NO_GB = (
    'no room: it needs 2 GB, 1 are left on b@2#2 after the others that go '
    'there: make room, or name another pool')
NO_QUOTA = (
    'project p has no quota for type new: it needs 2 of gigabytes_new, 1 are '
    'left after the others: raise it')
APART = (
    'server group g keeps its servers apart (anti-affinity), compute2 has or '
    'gets as many as it may: name another host')


def action(state, message=''):
    return types.SimpleNamespace(
        state=state, message=message, uuid='u', resource_id='')


def server(id_, item=TO_2):
    return random_clouds.Thing('vm', id_, 'compute1', 'active', id=id_,
                               item=item)


def volume(id_, item):
    return random_clouds.Thing('volume', id_, 'b@1#1', '', id=id_, item=item)


def shown(status, *servers, **more):
    """A volume, as Cinder shows it."""
    attachments = [{'server_id': one} for one in servers]
    return {'status': status, 'attachments': attachments, 'size': 2, **more}


def story_of(*told, servers=None, volumes=None, move_locked=False, **more):
    """A story of things, each with its place before and after, and reason.

    :param told: ``(thing, reason or '', before, after)``.
    """
    said = {
        thing.id: action('SKIPPED' if reason else 'PENDING', reason)
        for thing, reason, _, _ in told}
    ended = {
        id_: one if one.message else action('SUCCEEDED')
        for id_, one in said.items()}
    return excuses.Story(
        [thing for thing, *_ in told], move_locked,
        seen.Seen(servers or {}, volumes or {}, **more),
        {thing.id: before for thing, _, before, _ in told},
        {thing.id: after for thing, _, _, after in told}, said, ended)


def stays(thing, reason, before=BEFORE):
    return thing, reason, before, before


class OnPurposeTest(testtools.TestCase):
    def test_each_reason_of_the_documentation_is_checked(self):
        self.assertEqual(
            sorted(excuses.documented()), sorted(excuses.ON_PURPOSE))

    def assert_is(self, truth, told, **more):
        story = story_of(stays(*told), **more)
        self.assertIs(truth, excuses.on_purpose(told[0], story))
        faults = list(promises.untrue(story, lambda things: ()))
        self.assertEqual([] if truth else 1, faults and len(faults))

    def test_a_locked_server(self):
        told = server('s'), LOCKED
        for truth, locked, move_locked in (
                (True, True, False), (False, False, False),
                (False, True, True)):
            self.assert_is(
                truth, told, servers={'s': {'locked': locked}},
                move_locked=move_locked)

    def test_a_server_that_runs(self):
        for truth, status, item in (
                (True, 'ACTIVE', base.shutoff()),
                (False, 'SHUTOFF', base.shutoff()),
                (False, 'ACTIVE', base.active())):
            self.assert_is(
                truth, (server('s', item), RUNS),
                servers={'s': {'status': status}})

    def test_what_is_elsewhere(self):
        for truth, source in (
                (True, 'compute3'), (False, 'compute1'), (False, None)):
            item = base.active('compute2', src_hostname=source)
            self.assert_is(truth, (server('s', item), ELSEWHERE))

    def test_a_volume_that_is_attached_or_not(self):
        for truth, reason, status, item in (
                (True, ATTACHED, 'in-use', base.available()),
                (False, ATTACHED, 'in-use', base.in_use()),
                (False, ATTACHED, 'available', base.available()),
                (True, DETACHED, 'available', base.in_use()),
                (False, DETACHED, 'in-use', base.in_use())):
            self.assert_is(
                truth, (volume('v', item), reason),
                volumes={'v': shown(status)})

    def test_a_volume_that_would_not_be_encrypted(self):
        for truth, encrypted, new in (
                (True, True, 'plain'), (False, False, 'plain'),
                (False, True, 'secret')):
            self.assert_is(
                truth, (volume('v', base.available(dst_type=new)), CLEAR),
                volumes={'v': shown('available', encrypted=encrypted)},
                encrypted_types={'secret'})

    def test_a_volume_that_stays(self):
        reason = f'its volume v cannot move: {NO_GB}'
        for faults, its_reason, servers in (
                (0, NO_GB, ['s']), (1, '', ['s']), (1, 'another', ['s']),
                (1, NO_GB, [])):
            story = story_of(
                stays(server('s'), reason),
                stays(volume('v', base.in_use('b@2#2')), its_reason),
                volumes={'v': shown('in-use', *servers)})
            self.assertEqual(
                faults, len(list(promises.untrue(story, lambda things: ()))))


class FreedTest(testtools.TestCase):
    def assert_faults(self, count, story, place):
        answer = dataclasses.replace(MOVED, place=place)
        self.assertEqual(count, len(list(promises.untrue(
            story, lambda things: [(thing, answer) for thing in things]))))

    def test_a_reason_that_nothing_takes_away(self):
        self.assert_faults(1, story_of(
            stays(server('s'), 'destination compute2 is disabled')),
            'compute2')

    def test_memory(self):
        for count, left, others in ((0, 50, 0), (1, 64, 0), (0, 64, 1)):
            told = [stays(server('s'), NO_MEMORY)]
            told += [
                (server(f'o{n}'), '', BEFORE, ('compute2', None, 'ACTIVE'))
                for n in range(others)]
            # One leaves, as if that were enough.
            told += [
                (server('m'), '', ('compute2', None, 'ACTIVE'), BEFORE)]
            needs = {thing.id: {'MEMORY_MB': 64} for thing, *_ in told}
            self.assert_faults(count, story_of(
                *told, needs=needs, rooms={'compute2': {'MEMORY_MB': left}}),
                'compute2')

    def test_a_pool(self):
        for count, left, place in (
                (0, 1, 'b@2#2'), (1, 2, 'b@2#2'), (1, 1, 'b@1#1')):
            self.assert_faults(count, story_of(
                stays(volume('v', base.available('b@2#2')), NO_GB,
                      ('b@1#1', 'new', 'available')),
                volumes={'v': shown('available')},
                pools={'b@2#2': left, 'b@1#1': 0}), place)

    def test_quota(self):
        item = base.available(dst_type='new')
        for count, left, others in (
                (0, 1, 0), (1, 2, 0), (0, 3, 1), (1, 4, 1)):
            told = [stays(volume('v', item), NO_QUOTA, ('1', 'old', ''))]
            told += [
                (volume(f'o{n}', item), '', ('1', 'old', ''),
                 ('2', 'new', '')) for n in range(others)]
            told += [(volume('m', item), '', ('2', 'new', ''),
                      ('1', 'old', ''))]
            self.assert_faults(count, story_of(
                *told,
                volumes={t.id: shown('available') for t, *_ in told},
                quotas={'gigabytes_new': left}), '2')

    def test_a_group(self):
        for count, apart, before, after in (
                (0, {'s', 'm'}, 'compute2', 'compute3'),
                (0, {'s', 'm'}, 'compute3', 'compute2'),
                (1, {'s', 'm'}, 'compute1', 'compute3'),
                (1, {'x', 'm'}, 'compute2', 'compute3')):
            self.assert_faults(count, story_of(
                stays(server('s'), APART),
                (server('m', base.active(after)), '',
                 (before, None, 'ACTIVE'), (after, None, 'ACTIVE')),
                apart=[apart]), 'compute2')


class MovesTest(testtools.TestCase):
    def test_a_plan_that_moves_nothing(self):
        story = story_of(*(
            stays(server(f's{n}'), LOCKED) for n in range(36)))
        self.assertEqual(
            [f'the plan has not moved {move}' for move in promises.MOVES],
            list(promises.missing(story)))

    def test_each_move(self):
        pool, new = {'pool': 'b@2#2'}, {'dst_type': 'new'}
        story = story_of(
            *((server(f's{n}', item), '', BEFORE,
               ('compute2', None, 'ACTIVE'))
              for n, item in enumerate((TO_2, base.shutoff('compute2')))),
            *((volume(f'v{n}', item), '', ('b@1#1', 'old', ''),
               ('b@2#2', 'new', ''))
              for n, item in enumerate((
                  base.available(**pool), base.available(**new),
                  base.in_use(**pool), base.in_use(**new)))))
        self.assertEqual([], list(promises.missing(story)))

    def test_what_has_not_moved(self):
        story = story_of((server('s'), '', BEFORE, BEFORE))
        self.assertEqual(1, len(list(promises.broken(story))))

    def test_what_depends_on_another(self):
        for faults, state in ((0, 'FAILED'), (1, 'SUCCEEDED')):
            story = story_of(stays(server('s'), ''))
            story.ended.update(
                s=action('SKIPPED', 'depends on action u, which is FAILED'),
                other=action(state))
            story.ended['s'].uuid = 'another'
            self.assertEqual(faults, len(list(promises.broken(story))))
