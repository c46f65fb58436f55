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
import random
import re

from sandbox import cloud as clouds
from sandbox import layout as layouts
from zone_migration.tests.functional import base
from zone_migration.tests.functional import by_hand
from zone_migration.tests.functional import places
from zone_migration.tests.functional import random_clouds

#: Parts of the reasons that the plan itself can take away: what has left
#: makes room, frees quota, or leaves a host of its group.
FREED = (
    'no room', 'has no quota', 'keeps its servers apart',
    'no other pool with', 'without room')
_PREFLIGHT = layouts.REPOSITORY / 'doc/source/reference/preflight.rst'
_HEADING = 'Refused on purpose\n==================\n'


def refused_on_purpose():
    """Patterns of the reasons that the documentation says are ours alone."""
    section = _PREFLIGHT.read_text().partition(_HEADING)[2]
    rows = re.split(r'\n[^\n]+\n[=]{4,}\n', section)[0]
    # The first column of its table, whose cells may go on.
    cells = re.findall(r'^   \* - (.*?)^     - ', rows, re.DOTALL | re.M)
    return [
        '.*'.join(re.escape(part) for part in reason.split('...'))
        for cell in cells
        for reason in re.findall(r'``([^`]+)``', ' '.join(cell.split()))]


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

    def assert_word_is_kept(self, seed, count):
        """Tell one story.

        :param count: how many servers and volumes it has.
        """
        self.forget()
        self.cloud.behave('*', **dict.fromkeys(
            ('live_seconds', 'cold_seconds', 'swap_seconds', 'copy_seconds'),
            0.2))
        told = random_clouds.RandomCloud(
            self.cloud, random.Random(seed), count)
        before = places.of(self.cloud)
        audit = base.audited(base.create_audit(
            told.params, move_locked=told.move_locked))
        if audit['state'] != 'SUCCEEDED':
            self.fail(_story(seed, count, told, before, {}, {}, [
                f'the audit is FAILED: {audit["status_message"]}']))
        plan = base.plan_of_audit(audit['uuid'])
        said = plan.actions()
        plan.run(900)
        ended = plan.actions()
        left = places.of(self.cloud)
        faults = [
            *self.broken(told, before, left, said, ended),
            *self.untrue(told, before, left, said, ended)]
        if faults:
            self.fail(_story(seed, count, told, before, said, ended, faults))

    def broken(self, told, before, left, said, ended):
        """Of what was to move: what has not."""
        for thing in told.things:
            action = ended[thing.id]
            if said[thing.id].state != 'PENDING':
                continue
            if action.state == 'SKIPPED' and action.message.startswith(
                    'depends on action'):
                continue  # that one is told
            if action.state != 'SUCCEEDED':
                yield (
                    f'{thing.name} was to move, and is {action.state}: '
                    f'{action.message}')
            elif not places.arrived(
                    before[thing.id], left[thing.id], thing.item):
                yield (
                    f'{thing.name} is said to have moved, and is '
                    f'{left[thing.id]}')

    def untrue(self, told, before, left, said, ended):
        """Of what was to stay: what moves when it is asked for by hand."""
        on_purpose = refused_on_purpose()
        tried = [
            thing for thing in told.things
            if said[thing.id].state == 'SKIPPED' and not any(
                re.search(one, said[thing.id].message)
                for one in on_purpose)]
        for thing, answer in self.answers(tried):
            action = said[thing.id]
            if answer.moved and not (
                    any(word in action.message for word in FREED)
                    and _has_freed(thing, told, before, left, ended)):
                yield (
                    f'{thing.name} was to stay ({action.message}), and '
                    f'moves by hand: {answer.text}')


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


def _has_freed(thing, told, before, left, ended):
    """Whether the plan has moved something from where this was to go."""
    goal = thing.item.get('dst_hostname') or thing.item.get('dst_type')
    return any(
        ended[other.id].state == 'SUCCEEDED'
        and other.kind == thing.kind
        and before[other.id][:2] != left[other.id][:2]
        and (not goal or goal in before[other.id])
        for other in told.things)


def _story(seed, count, told, before, said, ended, faults):
    """All of it, for who has to mend it."""
    lines = [
        f'seed {seed}, {count} servers and volumes, {told.condition}, '
        f'move_locked {told.move_locked}', *(f'* {fault}' for fault in faults)]
    for thing in told.things:
        lines.append(
            f'{thing.id} {thing.name} {before.get(thing.id)} {thing.item}'
            + ''.join(f' on {server.name}' for server in thing.servers))
        lines.extend(
            f'    {actions[thing.id].state} {actions[thing.id].message}'
            for actions in (said, ended) if thing.id in actions)
    return '\n'.join(lines)
