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
from zone_migration.actions import confirm_resize
from zone_migration.logic import resources
from zone_migration.tests.unit.actions import fakes

server = fakes.server


def record(status, dest='c2', id_=7, kind='resize'):
    return fakes.record(status, dest, id_, kind)


WAITING = (server('VERIFY_RESIZE', 'c2', power_state=1), [record('finished')])
CONFIRMING = (
    server('VERIFY_RESIZE', 'c2', power_state=1),
    [record('confirming')],
)
CONFIRMED = (server('ACTIVE', 'c2'), [record('confirmed')])


class ConfirmResizeTest(fakes.ActionTestCase):
    ACTION = confirm_resize.ConfirmResizeAction
    PARAMETERS = {'resource_id': fakes.SERVER_ID, 'source': 'c1'}

    def setUp(self):
        super().setUp()
        self.nova.show((0, WAITING))
        self.nova.after['confirm'] = ((0, CONFIRMING), (2, CONFIRMED))

    def test_resize_is_confirmed(self):
        self.run_action()
        self.assertEqual([('confirm',)], self.nova.requests)
        self.assertEqual('resize from c1 to c2 confirmed', self.said[-1])

    def test_nothing_goes_to_its_host(self):
        action = self.make()
        seen = []
        action.on_destination = seen.append
        action.pre_condition()
        action.execute()
        self.assertEqual([], seen)

    def test_neither_volumes_nor_all_hosts_are_read(self):
        self.cloud.cinder = None
        self.nova.hosts = None
        waiting = server('VERIFY_RESIZE', 'c2', volume_ids=(fakes.VOLUME_ID,))
        self.nova.show((0, (waiting, [record('finished')])))
        self.run_action()
        self.assertEqual([('confirm',)], self.nova.requests)

    def test_stopped_server_is_shut_off_afterwards(self):
        stopped = server('VERIFY_RESIZE', 'c2', power_state=4)
        self.nova.show((0, (stopped, [record('finished')])))
        self.nova.after['confirm'] = (
            (0, (server('SHUTOFF', 'c2'), [record('confirmed')])),
        )
        self.run_action()
        self.assertEqual('resize from c1 to c2 confirmed', self.said[-1])

    def test_lost_answer_is_looked_for_and_not_asked_again(self):
        self.nova.lose.add('confirm')
        self.run_action()
        self.assertEqual([('confirm',)], self.nova.requests)

    def test_next_applier_sees_it_through(self):
        self.nova.show((0, CONFIRMING), (2, CONFIRMED))
        action = self.make()
        action.begun_at = '2026-11-28 03:14:05'
        action.pre_condition()
        self.assertTrue(action.is_under_way)
        action.execute()
        self.assertEqual([], self.nova.requests)

    def test_next_applier_finds_what_has_ended(self):
        self.nova.show((0, CONFIRMED))
        action = self.make()
        action.begun_at = '2026-11-28 03:14:05'
        self.assert_fails(
            exception.HasArrived,
            'resize 7 is confirmed already',
            action.pre_condition,
        )

    def test_what_has_changed_since_is_left_alone(self):
        for shown, kind, text in (
            (
                (server('ACTIVE', 'c1'), [record('reverted')]),
                exception.MoveRefused,
                'the server is ACTIVE on c1: repeat the audit',
            ),
            (
                (server('REVERT_RESIZE', 'c2'), [record('reverting')]),
                exception.MoveRefused,
                'resize 7 is reverting, the server is REVERT_RESIZE on c2: '
                'repeat the audit',
            ),
            (
                (server('ACTIVE', 'c2'), [record('finished')]),
                exception.MoveRefused,
                'resize 7 waits for its confirmation, but the server is '
                'ACTIVE on c2, and Nova confirms it no more: "openstack '
                'resource provider allocation delete " frees its room on c1',
            ),
            (
                (
                    server('VERIFY_RESIZE', 'c2', task_state='deleting'),
                    [record('finished')],
                ),
                exception.MoveRefused,
                'the server is busy on c2: deleting; repeat it when that has '
                'ended',
            ),
            (
                (server('ACTIVE', 'c3'), []),
                exception.NothingToMove,
                'the server waits for no confirmation from c1, it is ACTIVE '
                'on c3',
            ),
            (
                (None, []),
                exception.NothingToMove,
                f'server {fakes.SERVER_ID} not found: deleted?',
            ),
        ):
            self.nova.show((0, shown))
            self.assert_fails(kind, text, self.make().pre_condition)

    def test_confirmation_needs_the_old_host(self):
        self.nova.compute_hosts['c1'] = resources.ComputeHost(
            'c1', enabled=True, up=False
        )
        self.assert_fails(
            exception.MoveRefused,
            'resize 7 cannot be confirmed: nova-compute on c1, which the '
            'server has left, is down: bring it up',
            self.make().pre_condition,
        )

    def test_confirmation_that_fails_says_how_the_server_is(self):
        self.nova.after['confirm'] = (
            (0, (server('ERROR', 'c2', fault='no disk'), [record('error')])),
        )
        action = self.make()
        action.pre_condition()
        self.assert_fails(
            exception.MoveFailed,
            'the confirmation on c2 failed: the server is in ERROR on c2: no '
            'disk',
            action.execute,
        )

    def test_it_stays_confirmed(self):
        action = self.run_action()
        self.assertFalse(action.check_abort())
        self.assert_fails(
            exception.MoveRefused,
            'it stays confirmed: Nova keeps nothing to go back to',
            action.revert,
        )
