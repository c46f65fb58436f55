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

import logging

import fixtures

from zone_migration.logic import resources
from zone_migration.tests.unit.client import cases


class ServerTest(cases.NovaTest):
    def test_server_leaves_as_ours(self):
        self.http.answers['GET', '/servers/s'] = {'server': cases.SERVER}
        self.assertEqual(
            resources.Server(
                id='s',
                name='web',
                status='ERROR',
                host='c1',
                task_state='migrating',
                vm_state='active',
                power_state=1,
                progress=42,
                fault='boom',
                vcpus=2,
                memory_mb=2048,
                disk_gb=16,
                volume_ids=('v',),
                project_id='p',
                created_at='2026-11-21T08:00:00Z',
                locked=True,
                extra_specs={'hw:cpu_policy': 'shared'},
            ),
            self.nova.server('s'),
        )

    def test_server_says_when_it_was_changed(self):
        self.http.answers['GET', '/servers/s'] = {'server': cases.SERVER}
        self.assertEqual(
            cases.SERVER['updated'], self.nova.server('s').updated_at
        )

    def test_server_without_progress_and_fault_leaves_as_ours(self):
        shown = {
            k: v
            for k, v in cases.SERVER.items()
            if k not in ('progress', 'fault')
        }
        self.http.answers['GET', '/servers/s'] = {'server': shown}
        found = self.nova.server('s')
        self.assertEqual((0, ''), (found.progress, found.fault))

    def shown(self, **fields):
        """How a server leaves that differs in some fields."""
        self.http.answers['GET', '/servers/s'] = {
            'server': {**cases.SERVER, **fields}
        }
        return self.nova.server('s')

    def test_root_disk_that_is_a_volume_is_no_local_one(self):
        self.assertEqual(6, self.shown(image='').disk_gb)

    def test_local_disks_are_those_that_extra_specs_ask_for(self):
        flavor = {
            **cases.SERVER['flavor'],
            'extra_specs': {'resources:DISK_GB': '0'},
        }
        self.assertEqual(0, self.shown(flavor=flavor).disk_gb)

    def test_local_disks_that_are_no_amount_are_those_of_the_flavor(self):
        log = self.useFixture(fixtures.FakeLogger())
        usual = self.shown().disk_gb
        for odd in ('none', '', '-1', '1.5'):
            flavor = {
                **cases.SERVER['flavor'],
                'original_name': f'odd {odd}',
                'extra_specs': {'resources:DISK_GB': odd},
            }
            self.assertEqual(usual, self.shown(flavor=flavor).disk_gb, odd)
            self.assertIn(
                f'odd {odd} cannot be read: {odd!r}', log.output, odd
            )

    def test_extra_specs_that_policy_hides_are_empty(self):
        flavor = {
            k: v
            for k, v in cases.SERVER['flavor'].items()
            if k != 'extra_specs'
        }
        self.assertEqual({}, self.shown(flavor=flavor).extra_specs)

    def test_properties_of_the_image_leave_with_the_server(self):
        image = {'id': 'i', 'properties': {'hw_tpm_version': '2.0'}}
        self.assertEqual(
            {'hw_tpm_version': '2.0'},
            self.shown(image=image).image_properties,
        )

    def test_server_that_boots_from_a_volume_has_no_properties(self):
        self.assertEqual({}, self.shown(image='').image_properties)
        # One that boots from a volume, and before microversion 2.98.
        for hidden in ('', {'id': 'i'}):
            self.assertFalse(self.shown(image=hidden).image_known, hidden)
        shown = {'id': 'i', 'properties': {}}
        self.assertTrue(self.shown(image=shown).image_known)

    def test_server_of_a_cell_that_is_down_leaves_as_unknown(self):
        self.http.answers['GET', '/servers/s'] = {
            'server': {
                'id': 's',
                'status': 'UNKNOWN',
                'tenant_id': 'p',
                'created': '2026-11-21T08:00:00Z',
                'links': [],
            }
        }
        found = self.nova.server('s')
        self.assertEqual(
            ('UNKNOWN', None, 'p'),
            (found.status, found.host, found.project_id),
        )


class OddTest(cases.NovaTest):
    """What cannot be read hides nothing else."""

    def test_server_that_cannot_be_read_hides_no_other(self):
        odd = {'id': 't', 'status': 'ACTIVE', 'flavor': 'm1.tiny'}
        self.http.answers['GET', '/servers/detail'] = lambda query: {
            'servers': [] if 'marker' in query else [odd, cases.SERVER]
        }
        found = self.nova.servers()
        self.assertEqual({'s', 't'}, set(found))
        self.assertEqual('UNKNOWN', found['t'].status)

    def test_server_that_cannot_be_read_is_there(self):
        self.http.answers['GET', '/servers/t'] = {'server': {'id': 't'}}
        self.assertEqual('UNKNOWN', self.nova.server('t').status)

    def test_migration_says_when_nova_has_made_it(self):
        created_at = '2026-11-28T03:14:05.000000'
        self.http.answers['GET', '/os-migrations'] = {
            'migrations': [
                {**cases.RECORD, 'created_at': told}
                for told in (created_at, None)
            ]
            + [cases.RECORD]
        }
        self.assertEqual(
            [created_at, '', ''],
            [m.created_at for m in self.nova.migrations_of('s')],
        )

    def test_migration_that_cannot_be_read_hides_no_other(self):
        odd = {'id': 8, 'uuid': 'u8', 'status': 'running'}
        self.http.answers['GET', '/os-migrations'] = {
            'migrations': [odd, cases.RECORD]
        }
        self.assertEqual([7], [m.id for m in self.nova.migrations_of('s')])
        self.assertEqual([7], [m.id for m in self.nova.migrations(None)])

    def test_what_cannot_be_read_is_told_once(self):
        odd = {'id': 'odd', 'status': 'ACTIVE', 'flavor': 'm1.tiny'}
        self.http.answers['GET', '/servers/odd'] = {'server': odd}
        output = self.useFixture(
            fixtures.FakeLogger('zone_migration.client', level=logging.WARNING)
        )
        for _ in range(3):
            self.nova.server('odd')
        self.assertEqual(1, output.output.count('server odd cannot be read'))

    def test_what_else_cannot_be_read_hides_no_other(self):
        self.http.answers['GET', '/'] = 403
        self.http.answers.update(
            {
                ('GET', '/os-services'): {
                    'services': [
                        {'id': 'u9', 'host': 'odd'},
                        {
                            'id': 'u1',
                            'host': 'c1',
                            'status': 'enabled',
                            'state': 'up',
                        },
                    ]
                },
                ('GET', '/os-aggregates'): {
                    'aggregates': [
                        {'id': 1, 'name': 'odd', 'hosts': None},
                        {'id': 2, 'name': 'rack', 'hosts': ['c1']},
                    ]
                },
                ('GET', '/os-server-groups'): [
                    {
                        'server_groups': [
                            {'id': 'odd', 'name': 'odd', 'members': None},
                            {
                                'id': 'g',
                                'name': 'g',
                                'policies': ['affinity'],
                                'members': ['s'],
                            },
                        ]
                    },
                    {'server_groups': []},
                ],
                ('GET', '/os-hypervisors/detail'): [
                    {
                        'hypervisors': [
                            {'id': 'u9'},
                            {'id': 'u1', 'service': {'host': 'c1'}},
                        ]
                    },
                    {'hypervisors': []},
                ],
            }
        )
        self.assertEqual({'c1'}, set(self.nova.hosts()))
        self.assertEqual({'rack'}, set(self.nova.aggregates()))
        self.assertEqual(['g'], [group.id for group in self.nova.groups()])
        self.assertEqual({'c1': 'u1'}, self.nova.providers())


class LastErrorTest(cases.NovaTest):
    def events(self, *events):
        self.http.answers['GET', '/servers/s/os-instance-actions'] = {
            'instanceActions': [
                {'request_id': 'req-2'},
                {'request_id': 'req-1'},
            ]
        }
        self.http.answers['GET', '/servers/s/os-instance-actions/req-2'] = {
            'instanceAction': {'request_id': 'req-2', 'events': list(events)}
        }
        return self.nova.last_error('s')

    def test_details_of_the_failed_event_are_told(self):
        self.assertEqual(
            'No valid host was found.',
            self.events(
                {'result': 'Success', 'details': None},
                {'result': 'Error', 'details': 'No valid host was found.'},
            ),
        )

    def test_details_are_one_line(self):
        self.assertEqual(
            r'No\nhost',
            self.events({'result': 'Error', 'details': 'No\nhost'}),
        )

    def test_last_line_of_a_traceback_is_told(self):
        self.assertEqual(
            'ValueError: boom',
            self.events(
                {
                    'result': 'Error',
                    'details': None,
                    'traceback': 'Traceback\n  File x\nValueError: boom\n',
                }
            ),
        )

    def test_rolled_back_copy_leaves_no_words(self):
        self.assertEqual('', self.events({'result': 'Success'}))

    def test_server_that_is_gone_leaves_no_words(self):
        self.http.answers['GET', '/servers/s/os-instance-actions'] = 404
        self.assertEqual('', self.nova.last_error('s'))


class DowntimeTest(cases.NovaTest):
    """Instance actions as Nova 34 shows them, the newest first."""

    PREPARED = ('compute_prep_resize', '12', '13')
    STOPPED = ('compute_resize_instance', '13', '17')
    STARTED = ('compute_finish_resize', '17', '18')
    TAKEN_BACK = ('compute_revert_resize', '24', '25')
    BACK = ('compute_finish_revert_resize', '25', '29')

    def downtime(self, **actions):
        """What Nova tells when it shows these, the newest first."""
        self.http.answers['GET', '/servers/s/os-instance-actions'] = {
            'instanceActions': [
                {'request_id': f'req-{name}', 'action': name.strip('_')}
                for name in actions
            ]
        }
        for name, events in actions.items():
            path = f'/servers/s/os-instance-actions/req-{name}'
            self.http.answers['GET', path] = {
                'instanceAction': {
                    'request_id': f'req-{name}',
                    'events': [self.event(*event) for event in events[::-1]],
                }
            }
        return self.nova.downtime('s')

    def event(self, name, start, finish, result='Success'):
        def time(seconds):
            return seconds and f'2026-11-29T08:49:{seconds}.000000'

        return {
            'event': name,
            'start_time': time(start),
            'finish_time': time(finish),
            'result': result,
        }

    def test_it_is_down_from_its_stop_to_its_start(self):
        self.assertEqual(
            5.0,
            self.downtime(
                confirmResize=[('compute_confirm_resize', '30', '31')],
                migrate=[self.PREPARED, self.STOPPED, self.STARTED],
                create=[],
            ),
        )

    def test_one_that_was_taken_back_is_down_until_it_runs_again(self):
        there = [self.PREPARED, self.STOPPED, self.STARTED]
        self.assertEqual(
            16.0,
            self.downtime(
                revertResize=[self.TAKEN_BACK, self.BACK], migrate=there
            ),
        )
        for back in (
            [self.TAKEN_BACK],
            [self.TAKEN_BACK, ('compute_finish_revert_resize', '25', None)],
        ):
            self.assertIsNone(self.downtime(revertResize=back, migrate=there))

    def test_earlier_migrations_do_not_count(self):
        self.assertIsNone(
            self.downtime(
                migrate=[self.PREPARED],
                migrate_=[self.STOPPED, self.STARTED],
            )
        )

    def test_one_that_does_not_run_again_has_no_end(self):
        for end in (
            ('compute_finish_resize', '17', None),
            ('compute_finish_resize', '17', '18', 'Error'),
        ):
            self.assertIsNone(self.downtime(migrate=[self.STOPPED, end]))

    def test_clock_that_is_behind_makes_no_time_negative(self):
        early = ('compute_finish_resize', '09', '10')
        self.assertEqual(0.0, self.downtime(migrate=[self.STOPPED, early]))

    def test_server_that_is_gone_tells_nothing(self):
        self.http.answers['GET', '/servers/s/os-instance-actions'] = 404
        self.assertIsNone(self.nova.downtime('s'))
