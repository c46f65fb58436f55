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

import testtools

from zone_migration.logic import resources
from zone_migration.logic.outcome import lost_answers
from zone_migration.logic.outcome import outcomes


def server(status='ACTIVE', host='c1', task_state=None):
    return resources.Server('s', 'web', status, host, task_state)


def record(status, id_=7):
    return resources.Migration(id_, 's', 'migration', status, 'c1', 'c2')


def volume(**more):
    given = {'status': 'available', 'host': 'h@a#a', 'type': 'gold', **more}
    return resources.Volume('v', 'data', **given)


class LostAnswerTest(testtools.TestCase):
    def assert_begun(self, outcome):
        self.assertIs(outcomes.Kind.DONE, outcome.kind)
        self.assertFalse(outcome.provisional)

    def assert_no_sign(self, outcome):
        self.assertIs(outcomes.Kind.FAILED, outcome.kind)
        self.assertTrue(outcome.provisional)


class ServerMigrationTest(LostAnswerTest):
    def evaluate(self, shown, records=()):
        return lost_answers.server_migration(server(), 6, shown, records)

    def test_unchanged_server_gives_no_sign(self):
        self.assert_no_sign(self.evaluate(server(), [record('error', 6)]))

    def test_task_state_is_a_sign(self):
        self.assert_begun(self.evaluate(server(task_state='migrating')))

    def test_another_host_is_a_sign(self):
        self.assert_begun(self.evaluate(server(host='c2')))

    def test_newer_record_is_a_sign_even_when_all_is_over(self):
        self.assert_begun(self.evaluate(server(), [record('error', 7)]))

    def test_deleted_server_is_waited_for_no_more(self):
        self.assert_begun(self.evaluate(None))


class ConclusionTest(LostAnswerTest):
    UNCONFIRMED = server('VERIFY_RESIZE', 'c2')

    def test_unconfirmed_server_gives_no_sign(self):
        self.assert_no_sign(
            lost_answers.conclusion(self.UNCONFIRMED, record('finished'))
        )

    def test_record_that_has_changed_is_a_sign(self):
        for status in ('confirming', 'reverting'):
            self.assert_begun(
                lost_answers.conclusion(self.UNCONFIRMED, record(status))
            )

    def test_server_that_has_changed_is_a_sign(self):
        for shown in (
            None,
            server('SHUTOFF', 'c2'),
            server('VERIFY_RESIZE', 'c2', 'resize_reverting'),
        ):
            self.assert_begun(
                lost_answers.conclusion(shown, record('finished'))
            )

    def test_record_that_is_gone_is_a_sign(self):
        self.assert_begun(lost_answers.conclusion(self.UNCONFIRMED, None))


class PinTest(LostAnswerTest):
    def test_the_zone_is_a_sign(self):
        for zone in ('z1', ''):
            shown = dataclasses.replace(server(), pinned_zone=zone)
            self.assert_begun(lost_answers.pin(shown, zone))
            self.assert_no_sign(lost_answers.pin(shown, 'z2'))

    def test_server_that_is_gone_is_a_sign(self):
        self.assert_begun(lost_answers.pin(None, 'z1'))


class VolumeMoveTest(LostAnswerTest):
    def evaluate(self, **more):
        return lost_answers.volume_move(
            volume(migration_status='success'),
            volume(**{'migration_status': 'success', **more}),
        )

    def test_unchanged_volume_gives_no_sign(self):
        self.assert_no_sign(self.evaluate())

    def test_attachment_by_somebody_is_no_sign(self):
        self.assert_no_sign(self.evaluate(status='in-use', server_ids=('s',)))

    def test_move_under_way_is_a_sign(self):
        self.assert_begun(self.evaluate(migration_status='starting'))
        self.assert_begun(self.evaluate(status='retyping'))

    def test_what_a_move_leaves_behind_is_a_sign(self):
        self.assert_begun(self.evaluate(migration_status='error'))
        self.assert_begun(self.evaluate(host='h@b#b'))
        self.assert_begun(self.evaluate(type='silver'))

    def test_deleted_volume_is_waited_for_no_more(self):
        self.assert_begun(lost_answers.volume_move(volume(), None))
