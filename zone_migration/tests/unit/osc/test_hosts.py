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

import json
from unittest import mock

import fixtures
from osc_lib import exceptions
import testtools

from zone_migration.osc import asking
from zone_migration.osc import enabling
from zone_migration.osc import exit_codes
from zone_migration.osc import hosts
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fake_nova
from zone_migration.tests.unit.osc import fakes


class HostsTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.cloud = fake_nova.cloud(
            fake_nova.service('c1', fake_nova.OURS),
            fake_nova.service('c2', fake_nova.OURS, state='down'),
            fake_nova.service('c3', 'broken fan'),
            fake_nova.service('c4'),
            servers={'c1': ['1', '2', '3'], 'c4': ['4']},
        )
        self.command = fakes.make(hosts.ListHosts, cloud=self.cloud)

    def output(self, *arguments):
        """What is written, errors too."""
        fakes.run(self.command, *arguments)
        return self.command.output.getvalue()


class ListHostsTest(HostsTest):
    def test_those_that_this_plugin_has_disabled_are_listed(self):
        self.assertEqual(
            'c1 compute1 2026-11-28 03:14:00  3 up\n'
            'c2 compute1 2026-11-28 03:14:00   down\n',
            self.output('-f', 'value').partition('there.\n')[2],
        )

    def test_a_number_that_is_not_known_is_null_in_json(self):
        text = self.output('-f', 'json').partition('there.\n')[2]
        self.assertEqual(
            [3, None], [row['Servers Left'] for row in json.loads(text)]
        )

    def test_a_host_of_which_nova_shows_no_servers_is_told(self):
        self.assertIn(
            'c2: Nova does not tell which servers are left there.\n',
            self.output(),
        )

    def test_servers_that_the_list_of_a_host_does_not_show_are_told(self):
        self.cloud.compute.soft_deleted = ['1']
        self.cloud.compute.unconfirmed = [('c1', '5'), ('c1', '6')]
        text = self.output()
        self.assertIn(
            'c1: deleted, and kept by Nova for a while: 1 of the', text
        )
        self.assertIn(
            'c1: moved, and neither confirmed nor reverted: 2 of the', text
        )

    def test_nova_tells_of_hosts_while_watcher_does_not_answer(self):
        def audit(name_or_id):
            raise watcher_errors.Unavailable('Watcher does not answer: no')

        self.command.watcher.audit = audit
        text = self.output('-f', 'value')
        self.assertIn(
            'Watcher does not answer: no. The column Plan holds', text
        )
        self.assertIn(f'\nc1 {fakes.AUDIT}  ', text)

    def test_no_host_is_told_and_costs_one_request(self):
        self.cloud.compute.services_ = (fake_nova.service('c4'),)
        self.assertIn('no compute host and no backend', self.output())
        self.assertEqual(1, len(self.cloud.compute.requests))

    def test_times_are_short_for_people_and_whole_for_programs(self):
        time = hosts.Time('2026-11-28T03:15:00+00:00')
        self.assertEqual('2026-11-28 03:15:00Z', time.human_readable())
        self.assertEqual('2026-11-28T03:15:00+00:00', time.machine_readable())
        self.assertEqual('', hosts.Time('').human_readable())


class BackendsTest(HostsTest):
    def setUp(self):
        super().setUp()
        self.cloud = fake_nova.cloud(
            fake_nova.service('c1'),
            backends=[
                fake_nova.service('h@a', fake_nova.OURS),
                fake_nova.service('h@b'),
                fake_nova.service('h@c', 'frozen'),
            ],
        )
        self.command = fakes.make(hosts.ListHosts, cloud=self.cloud)

    def test_backends_are_listed_beside_hosts(self):
        self.assertIn('h@a compute1', self.output('-f', 'value'))
        self.assertNotIn('h@b', self.output('-f', 'value'))

    def test_cinder_that_does_not_tell_hides_no_host(self):
        class Refusal(OSError):
            status_code = 403

        self.cloud = fake_nova.cloud(
            fake_nova.service('c1', fake_nova.OURS),
            backends=[fake_nova.service('h@a')],
        )
        self.cloud.block_storage.services = mock.Mock(side_effect=Refusal)
        self.command = fakes.make(hosts.ListHosts, cloud=self.cloud)
        text = self.output('-f', 'value')
        self.assertIn('Backends are not listed: Cinder does not allow', text)
        self.assertIn('c1 compute1', text)

    def test_at_means_backends(self):
        enabled = []

        def enable(watcher, names, force, stderr, kind):
            enabled.append((kind.enabled_by, names))
            return [enabling.Result(name, enabling.ENABLED) for name in names]

        self.useFixture(fixtures.MockPatchObject(enabling, 'enable', enable))
        self.useFixture(
            fixtures.MockPatchObject(enabling, 'check', lambda *_: None)
        )
        text = self.output('--enable', 'h@*', 'h@c', '--yes')
        self.assertEqual([('enable_storage_pools', ['h@a'])], enabled)
        self.assertIn('somebody else has disabled it: frozen', text)


class EnableHostsTest(HostsTest):
    def setUp(self):
        super().setUp()
        patch = mock.patch.object(enabling, 'enable', autospec=True)
        self.enable = patch.start()
        self.addCleanup(patch.stop)
        self.enable.side_effect = lambda watcher, names, *_, **__: [
            enabling.Result(name, enabling.ENABLED) for name in names
        ]
        patch = mock.patch.object(asking, 'confirm', autospec=True)
        self.confirm = patch.start()
        self.addCleanup(patch.stop)

    def test_hosts_are_named_before_they_are_enabled(self):
        self.confirm.return_value = True
        self.assertIn(
            'c1 enabled', self.output('--enable', 'c1', '-f', 'value')
        )
        self.assertIn('Enable 1 host (c1)?', self.confirm.call_args.args[1])
        self.assertEqual(0, self.command.exit_code)

    def test_no_is_no(self):
        self.confirm.return_value = False
        self.assertRaisesRegex(
            exceptions.CommandError,
            'No host was enabled',
            self.output,
            '--enable',
            'c1',
        )
        self.enable.assert_not_called()

    def test_nobody_is_asked_with_yes(self):
        self.output('--enable', 'c1', '--yes')
        self.confirm.assert_not_called()

    def test_those_of_somebody_else_stay(self):
        text = self.output('--enable', 'c*', '--yes', '-f', 'value')
        self.assertEqual(['c1', 'c2'], self.enable.call_args.args[1])
        self.assertIn('c3 stays disabled somebody else has disabled', text)
        self.assertEqual(exit_codes.INCOMPLETE, self.command.exit_code)

    def test_enabled_ones_are_told_only_when_they_are_named(self):
        self.assertNotIn('c4', self.output('--enable', 'c*', '--yes'))
        self.assertIn('c4', self.output('--enable', 'c4', '--yes'))

    def test_no_plan_is_made_for_hosts_of_somebody_else(self):
        self.assertIn(
            'This plugin has disabled none of them.',
            self.output('--enable', 'c3'),
        )
        self.enable.assert_not_called()
        self.confirm.assert_not_called()

    def test_hosts_of_a_plan_that_runs_are_refused(self):
        watcher = self.command.watcher
        watcher.plans_ = [
            fakes.plan(state='FAILED'),
            # Whatever plan the reason names that Nova shows.
            fakes.plan(uuid='retry', audit_uuid='another', state='ONGOING'),
        ]
        watcher.actions_ = [
            fakes.action(
                'c1',
                'change_nova_service_state',
                parameters={
                    'resource_name': 'c1',
                    'state': 'disabled',
                    'disabled_reason': fake_nova.OURS,
                },
            )
        ]
        self.assertRaisesRegex(
            exceptions.CommandError,
            "c1 is disabled for the plan 'retry', which is ONGOING",
            self.output,
            '--enable',
            'c1',
            '--yes',
        )
