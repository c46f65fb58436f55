# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

from zone_migration import exception
from zone_migration.actions import shelve_offload
from zone_migration.client import exception as client_exception
from zone_migration.tests.unit.actions import fakes

server = fakes.server

SHELVED = (server('SHELVED'), [])
LEAVING = (server('SHELVED', task_state='shelving_offloading'), [])
OFFLOADED = (server('SHELVED_OFFLOADED', None), [])


class ShelveOffloadTest(fakes.ActionTestCase):
    ACTION = shelve_offload.ShelveOffloadAction
    PARAMETERS = {'resource_id': fakes.SERVER_ID, 'source': 'c1'}

    def setUp(self):
        super().setUp()
        self.nova.show((0, SHELVED))
        self.nova.after['offload'] = ((0, LEAVING), (2, OFFLOADED))

    def test_server_is_offloaded(self):
        self.run_action()
        self.assertEqual([('offload',)], self.nova.requests)
        self.assertEqual('offloaded from c1', self.said[-1])
        self.assertEqual(2, self.time.now)

    def test_host_that_nova_takes_away_last_is_waited_for(self):
        self.nova.after['offload'] = (
            (0, LEAVING),
            (1, (server('SHELVED_OFFLOADED', 'c1'), [])),
            (3, OFFLOADED),
        )
        self.run_action()
        self.assertEqual(3, self.time.now)

    def test_slow_one_is_looked_at_by_itself_now_and_then(self):
        self.options('zone_migration', retry=60)
        self.nova.after['offload'] = ((0, LEAVING), (25, OFFLOADED))
        by_itself = []
        self.patch(
            self.nova, 'forget', lambda id_: by_itself.append(self.time.now)
        )
        self.run_action()
        self.assertEqual([0, 1, 2, 3, 20], by_itself)

    def test_lost_answer_is_looked_for_and_not_asked_again(self):
        self.nova.lose.add('offload')
        self.run_action()
        self.assertEqual([('offload',)], self.nova.requests)

    def test_request_that_never_arrived_is_made_again(self):
        self.nova.after['offload'] = ((0, SHELVED),)
        self.nova.lose.add('offload')
        action = self.make()
        action.pre_condition()
        script = ((0, LEAVING), (1, OFFLOADED))
        request = self.nova.request

        def offload(name):
            if self.nova.requests:
                self.nova.after['offload'] = script
            request(name)

        self.patch(self.nova, 'request', offload)
        action.execute()
        self.assertEqual([('offload',)] * 2, self.nova.requests)

    def test_server_that_is_being_offloaded_is_seen_through(self):
        self.nova.show((0, LEAVING), (2, OFFLOADED))
        action = self.run_action()
        self.assertTrue(action.is_under_way)
        self.assertEqual([], self.nova.requests)

    def test_next_applier_finds_what_has_ended(self):
        self.nova.show((0, OFFLOADED))
        action = self.make()
        action.begun_at = '2026-11-28 03:14:05'
        self.assert_fails(
            exception.HasArrived,
            'the server is offloaded already',
            action.pre_condition,
        )

    def test_next_applier_sees_it_through(self):
        self.nova.show((0, LEAVING), (2, OFFLOADED))
        action = self.make()
        action.begun_at = '2026-11-28 03:14:05'
        action.pre_condition()
        action.execute()
        self.assertEqual([], self.nova.requests)

    def test_next_applier_begins_what_nobody_has(self):
        action = self.make()
        action.begun_at = '2026-11-28 03:14:05'
        action.pre_condition()
        action.execute()
        self.assertEqual([('offload',)], self.nova.requests)

    def test_server_that_its_owner_has_unshelved_is_not_offloaded(self):
        for shown, kind, text in (
            (
                server('ACTIVE'),
                exception.MoveRefused,
                'the server is ACTIVE on c1, not SHELVED: repeat the audit '
                'to have it moved',
            ),
            (
                server('SHELVED', task_state='unshelving'),
                exception.MoveRefused,
                'the server is busy on c1: unshelving; repeat it when that '
                'has ended',
            ),
            (
                server('ACTIVE', 'c2'),
                exception.NothingToMove,
                'the server is on c2, not on c1',
            ),
            (
                None,
                exception.NothingToMove,
                f'server {fakes.SERVER_ID} not found: deleted?',
            ),
        ):
            self.nova.show((0, (shown, [])))
            self.assert_fails(kind, text, self.make().pre_condition)

    def test_offload_that_fails_says_how_the_server_is(self):
        for shown, text in (
            (
                server('ERROR', fault='no driver'),
                'Nova has not offloaded it; the server is ERROR on c1: no '
                'driver',
            ),
            (
                server('SHELVED'),
                'Nova has not offloaded it; the server is SHELVED on c1',
            ),
            (None, 'the server was deleted while it was offloaded'),
        ):
            self.nova.show((0, SHELVED))
            self.nova.after['offload'] = ((0, LEAVING), (1, (shown, [])))
            action = self.make()
            action.pre_condition()
            self.assert_fails(exception.MoveFailed, text, action.execute)

    def test_offload_that_hangs_is_given_up(self):
        self.nova.after['offload'] = ((0, LEAVING),)
        action = self.make()
        action.pre_condition()
        error = self.assertRaises(exception.NoProgress, action.execute)
        self.assertIn('cannot be aborted, left as it is', str(error))

    def test_refusal_of_nova_is_told(self):
        self.nova.refuse['offload'] = [
            client_exception.RequestRefused('Nova', 'it is locked', 409)
        ]
        action = self.make()
        action.pre_condition()
        error = self.assertRaises(exception.CloudRequestFailed, action.execute)
        self.assertIn('it is locked', str(error))

    def test_server_that_is_unshelved_to_the_same_host_has_not_left(self):
        action = self.run_action()
        self.nova.show((0, (server('ACTIVE'), [])))
        self.assert_fails(
            exception.MoveFailed,
            'the server is ACTIVE on c1 again',
            action.post_condition,
        )

    def test_it_stays_offloaded(self):
        action = self.run_action()
        self.assertFalse(action.check_abort())
        self.assert_fails(
            exception.MoveRefused,
            'it stays offloaded: its owner unshelves it',
            action.revert,
        )
