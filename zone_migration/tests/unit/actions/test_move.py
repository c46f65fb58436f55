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

from zone_migration import exception
from zone_migration.actions import cold_migration
from zone_migration.actions import live_migration
from zone_migration.actions import move
from zone_migration.actions import volume_migration
from zone_migration.actions import volume_retype
from zone_migration.actions import volume_update
from zone_migration.client import exception as client_exception
from zone_migration.tests.unit import fakes as unit_fakes
from zone_migration.tests.unit.actions import fakes
from zone_migration.tests.unit.actions import test_parameters

SERVER = {'resource_id': fakes.SERVER_ID, 'source': 'c1'}
VOLUME = {'resource_id': fakes.VOLUME_ID, 'source': 'h@a#a'}

#: Each move with parameters, and the volume, with which it can begin.
MOVES = {
    live_migration.LiveMigrationAction: (SERVER, fakes.volume()),
    cold_migration.ColdMigrationAction: (SERVER, fakes.volume()),
    volume_migration.VolumeMigrationAction: (
        {**VOLUME, 'dst_hostname': 'h@b#b'},
        fakes.volume(),
    ),
    volume_retype.VolumeRetypeAction: (
        {**VOLUME, 'dst_type': 'silver'},
        fakes.volume(),
    ),
    volume_update.VolumeUpdateAction: (
        VOLUME,
        fakes.volume('in-use', server_ids=(fakes.SERVER_ID,)),
    ),
}

ERRORS = (
    client_exception.RequestRefused('Nova', 'no', status=409),
    client_exception.CloudUnavailable('Nova', 'HTTP 503'),
    client_exception.ServiceNotFound('Nova', 'no endpoint'),
    client_exception.BackendStaysDisabled('Cinder', 'it is down'),
    client_exception.BackendIsNotOurs('Cinder', 'it is gone'),
    client_exception.AnswerLost('Nova', 'reset by peer'),
)


class NameTest(fakes.ActionTestCase):
    def test_name_of_a_resource_cannot_begin_a_line(self):
        # Of a plan that was not made by this strategy, or before names were
        # looked at.
        self.ACTION = live_migration.LiveMigrationAction
        self.PARAMETERS = {**SERVER, 'resource_name': 'x)\nERROR forged'}
        self.assertEqual(
            rf'LiveMigrationAction {fakes.SERVER_ID} (x)\nERROR forged)',
            str(self.make()),
        )


class CloudErrorTest(fakes.ActionTestCase):
    """What the border raises leaves an action as one of Watcher's."""

    def moves(self):
        """One of each, decided on, and a cloud that breaks right then."""
        working = self.cloud
        for error in ERRORS:
            for self.ACTION, (self.PARAMETERS, shown) in MOVES.items():
                self.cloud = working
                self.cinder.show((0, shown))
                action = self.make()
                action.pre_condition()
                self.cloud = unit_fakes.BrokenCloud(error)
                yield action, error

    def assert_translated(self, call, error):
        translated = self.assertRaises(exception.MoveError, call)
        self.assertEqual(str(error), str(translated))
        self.assertIs(error, translated.__cause__)

    def test_nothing_is_forgotten_here(self):
        self.assertEqual(test_parameters.MOVES.keys(), MOVES.keys())
        self.assertEqual(
            {
                kind
                for kind in vars(client_exception).values()
                if isinstance(kind, type)
            },
            {client_exception.CloudError, *map(type, ERRORS)},
        )

    def test_pre_condition_fails_in_the_words_of_the_cloud(self):
        for action, error in self.moves():
            self.assert_translated(action.pre_condition, error)

    def test_execute_fails_in_the_words_of_the_cloud(self):
        for action, error in self.moves():
            self.assert_translated(action.execute, error)

    def test_post_condition_that_cannot_look_takes_nothing_back(self):
        for action, error in self.moves():
            action._moved = True
            with self.assertLogs(move.__name__, 'WARNING') as logs:
                action.post_condition()
            self.assertIn(str(error), logs.output[-1])

    def test_service_that_is_away_is_told_from_one_that_refuses(self):
        away = (
            client_exception.CloudUnavailable('Nova', 'HTTP 503'),
            client_exception.RequestRefused('Nova', 'who?', status=401),
        )
        there = (
            client_exception.AnswerLost('Nova', 'reset by peer'),
            client_exception.RequestRefused('Nova', 'policy', status=403),
        )
        for expected, errors in ((True, away), (False, there)):
            for error in errors:
                self.cloud = unit_fakes.BrokenCloud(error)
                self.ACTION, (self.PARAMETERS, _) = next(iter(MOVES.items()))
                raised = self.assertRaises(
                    exception.CloudRequestFailed, self.make().pre_condition
                )
                self.assertEqual(
                    expected,
                    isinstance(raised, exception.ServiceUnavailable),
                )
                if expected:
                    self.assertEqual('Nova', raised.kwargs['service'])

    def test_revert_fails_in_the_words_of_the_cloud(self):
        for action, error in self.moves():
            self.assert_translated(action.revert, error)

    def test_who_asks_an_action_to_end_does_not_ask_the_cloud(self):
        for action, _ in self.moves():
            self.assertIs(action.check_abort(), action.abort())
