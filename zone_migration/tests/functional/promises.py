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

"""Whether a plan keeps its word, with Nova and Cinder as the judges."""

import concurrent.futures
import dataclasses

from sandbox import cloud as clouds
from zone_migration.tests.functional import base
from zone_migration.tests.functional import by_hand
from zone_migration.tests.functional import excuses
from zone_migration.tests.functional import places
from zone_migration.tests.functional import random_clouds
from zone_migration.tests.functional import seen

#: What each story has to move, as :func:`_move` names it.
MOVES = (
    'a server that runs', 'a server that is stopped',
    'a detached volume to a pool', 'a detached volume to a type',
    'an attached volume to a pool', 'an attached volume to a type')


class PromisesTest(base.FunctionalTest):
    """What is to move moves; what is to stay could not have moved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, (_, _, extra_specs) in random_clouds.TYPES.items():
            if extra_specs is not None:
                cls.create_type(name, **extra_specs)
        cls.add_to_types()
        cls.create('nova', 'flavors', flavor={
            'id': random_clouds.HUGE, 'name': random_clouds.HUGE,
            'ram': 100_000, 'vcpus': 1, 'disk': 1})
        cls.create('cinder', 'group_types', group_type={'name': 'plain'})
        cls.create_zone()
        cls.addClassCleanup(cls.forget)

    @classmethod
    def create(cls, service, kind, **body):
        """Something that is deleted after the class."""
        made, = cls.cloud.call('POST', service, f'/{kind}', body).values()
        cls.addClassCleanup(
            cls.cloud.call, 'DELETE', service, f'/{kind}/{made["id"]}')
        return made['id']

    @classmethod
    def add_to_types(cls):
        """What a type has beside its extra specs."""
        cloud = cls.cloud
        types = {t['name']: t['id'] for t in cloud.call(
            'GET', 'cinder', '/types?is_public=none')['volume_types']}
        qos = cloud.call('POST', 'cinder', '/qos-specs', {'qos_specs': {
            'name': 'front-end', 'consumer': 'front-end',
            'read_iops_sec': '1000'}})['qos_specs']['id']
        # It goes before the type does.
        cls.addClassCleanup(
            cloud.call, 'DELETE', 'cinder', f'/qos-specs/{qos}?force=true')
        cloud.call(
            'GET', 'cinder', f'/qos-specs/{qos}/associate'
            f'?vol_type_id={types["front-end"]}')
        cloud.call(
            'POST', 'cinder', f'/types/{types["secret"]}/encryption',
            {'encryption': {
                'provider': 'luks2', 'control_location': 'front-end',
                'cipher': 'aes-xts-plain64', 'key_size': 256}})

    @classmethod
    def create_zone(cls):
        zone = cls.create('nova', 'os-aggregates', aggregate={
            'name': random_clouds.ZONE,
            'availability_zone': random_clouds.ZONE})
        path = f'/os-aggregates/{zone}/action'
        host = {'host': random_clouds.ZONE_HOST}
        cls.cloud.call('POST', 'nova', path, {'add_host': host})
        cls.addClassCleanup(
            cls.cloud.call, 'POST', 'nova', path, {'remove_host': host})

    @classmethod
    def forget(cls):
        """An empty cloud, without groups and quotas of volumes."""
        cloud = cls.cloud
        random_clouds.end_conditions(cloud)
        groups = cloud.call(
            'GET', 'cinder', '/groups?all_tenants=1')['groups']
        for group in groups:
            cloud.call(
                'POST', 'cinder', f'/groups/{group["id"]}/action',
                {'delete': {'delete-volumes': True}})
        cloud.clean()
        # One goes after its last volume, and keeps its type until then.
        cloud.wait(
            lambda: not cloud.call(
                'GET', 'cinder', '/groups?all_tenants=1')['groups'],
            what='the end of all groups')

    def assert_word_is_kept(self, seed, count):
        """Tell one story.

        :param count: how many servers and volumes it has.
        """
        self.forget()
        self.cloud.behave('*', **dict.fromkeys(
            ('live_seconds', 'cold_seconds', 'swap_seconds', 'copy_seconds'),
            0.2))
        told = random_clouds.RandomCloud(self.cloud, seed, count)
        title = (
            f'seed {seed}, {count} servers and volumes, {told.condition}, '
            f'move_locked {told.move_locked}')
        before = places.of(self.cloud)
        story = excuses.Story(
            told.things, told.move_locked, seen.of(self.cloud),
            before, before, {}, {})
        audit = base.audited(base.create_audit(
            told.params, move_locked=told.move_locked))
        if audit['state'] != 'SUCCEEDED':
            self.fail(_tell(title, story, [
                f'the audit is FAILED: {audit["status_message"]}']))
        plan = base.plan_of_audit(audit['uuid'])
        said = plan.actions()
        plan.run(900)
        story = dataclasses.replace(
            story, said=said, ended=plan.actions(),
            left=places.of(self.cloud))
        # By hand it shall not fail for figures of before the plan.
        random_clouds.wait_for_figures(self.cloud)
        faults = [
            *missing(story), *broken(story), *untrue(story, self.answers)]
        if faults:
            self.fail(_tell(title, story, faults))

    def answers(self, things):
        """``[(thing, Answer)]``: servers first, then volumes.

        Nova and Cinder would refuse to move a server and its volume at once.
        """
        def answer(thing):
            return thing, by_hand.move(
                self.cloud, thing.id, thing.kind, thing.item)

        with concurrent.futures.ThreadPoolExecutor(clouds.AT_ONCE) as pool:
            for kind in ('vm', 'volume'):
                yield from pool.map(
                    answer, [t for t in things if t.kind == kind])


def broken(story):
    """Of what was to move: what has not."""
    for thing in story.things:
        action = story.ended[thing.id]
        if story.said[thing.id].state != 'PENDING':
            continue
        if action.state == 'SKIPPED' and any(
                action.message.startswith(f'depends on action {other.uuid}')
                and other.state != 'SUCCEEDED'
                for other in story.ended.values()):
            continue  # that one is told
        if action.state != 'SUCCEEDED':
            yield (
                f'{thing.name} was to move, and is {action.state}: '
                f'{action.message}')
        elif not _has_arrived(thing, story):
            yield (
                f'{thing.name} is said to have moved, and is '
                f'{story.left[thing.id]}')


def untrue(story, answers):
    """Of what was to stay: what moves when it is asked for by hand.

    :param answers: ``f(things)``, see :meth:`PromisesTest.answers`.
    """
    tried = []
    for thing in story.things:
        if story.said[thing.id].state != 'SKIPPED':
            continue
        is_true = excuses.on_purpose(thing, story)
        if is_true is None:
            tried.append(thing)
        elif not is_true:
            yield (
                f'{thing.name} was to stay for a reason that is not true: '
                f'{story.message(thing)}')
    for thing, answer in answers(tried):
        if answer.moved and not excuses.by_hand(
                thing, story, answer.place):
            yield (
                f'{thing.name} was to stay ({story.message(thing)}), and '
                f'moves by hand: {answer.text}')


def missing(story):
    """Of the moves that each story has: those that nothing has made."""
    made = {
        _move(thing) for thing in story.things
        if story.said[thing.id].state == 'PENDING'
        and story.before[thing.id] != story.left[thing.id]
        and _has_arrived(thing, story)}
    for move in MOVES:
        if move not in made:
            yield f'the plan has not moved {move}'


def _has_arrived(thing, story):
    return places.arrived(
        story.before[thing.id], story.left[thing.id], thing.item)


def _move(thing):
    if thing.kind == 'vm':
        runs = thing.item['status'] == 'active'
        return f'a server that {"runs" if runs else "is stopped"}'
    attached = thing.item['status'] == 'in-use'
    return (
        f'{"an attached" if attached else "a detached"} volume to a '
        + ('type' if 'dst_type' in thing.item else 'pool'))


def _tell(title, story, faults):
    """All of it, for who has to mend it."""
    lines = [title, *(f'* {fault}' for fault in faults)]
    for thing in story.things:
        lines.append(
            f'{thing.id} {thing.name} {story.before.get(thing.id)} '
            f'{thing.item}'
            + ''.join(f' on {server.name}' for server in thing.servers))
        lines.extend(
            f'    {actions[thing.id].state} {actions[thing.id].message}'
            for actions in (story.said, story.ended) if thing.id in actions)
    return '\n'.join(lines)
