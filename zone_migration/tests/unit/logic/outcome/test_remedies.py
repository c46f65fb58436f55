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

import testtools

from zone_migration.logic.outcome import remedies


class RemediesTest(testtools.TestCase):
    def test_reasons_have_a_remedy(self):
        for words, reason in (
            ('free room', 'No valid host was found. There are not enough'),
            ('start nova-compute on c2', 'destination c2 is down'),
            (
                'log of nova-compute on c1',
                'live migration failed; the server is ACTIVE on c1',
            ),
            (
                'on which host its guest runs',
                'migration record 3 says completed, but the server is ACTIVE '
                'on c1 still',
            ),
            (
                'see whether its guest runs on c1',
                'the server is in ERROR on c1',
            ),
            (
                'see whether its guest runs on c1, then',
                'the server is in ERROR on c1: no route',
            ),
            (
                'log of nova-compute on c1 has the reason',
                'live migration failed; the server is ACTIVE on c1: timeout',
            ),
            (
                'log of cinder-volume has the reason; mend it, then "open',
                'Cinder could not migrate it to h@b#b; the volume is '
                'available and unharmed on h@a#a',
            ),
            ('attach the volume anew', 'Cinder has lost the attachment'),
            ('snapshots', 'Cinder dropped the retype'),
            ('room, then "openstack', 'Cinder dropped the retype'),
            ('it may go on', 'no change for 600 s'),
            (
                'made no progress',
                'no change for 9 s; last seen: copying to c2; asked Nova to '
                'abort: live migration cancelled; the server is ACTIVE on c1',
            ),
            (
                'may have gone on',
                'Action was cancelled because Applier c1 was stopped while '
                'the action plan was ongoing.',
            ),
            ('once Nova answers again', 'Nova is unavailable: HTTP 503'),
            ('look at the server', 'Nova may have done it or not: timeout'),
            ('that it depends on', 'depends on action 123, which is FAILED'),
        ):
            self.assertIn(words, remedies.of(reason), reason)

    def test_a_host_that_this_plugin_has_disabled_is_enabled_by_it(self):
        for reason in (
            'destination c2 is disabled: watcher_zone_migration 1-2-3',
            'destination c2 is disabled (watcher_zone_migration 1-2-3): '
            'enable it first',
        ):
            remedy = remedies.of(reason)
            self.assertIn('zone hosts --enable c2"', remedy, reason)
            self.assertNotIn('compute service set', remedy, reason)

    def test_a_host_that_anybody_may_have_disabled_has_both_commands(self):
        remedy = remedies.of('destination c2 is disabled: enable it first')
        for command in (
            '"openstack optimize zone hosts --enable c2" if a plan has',
            '"openstack compute service set --enable c2 nova-compute" other',
        ):
            self.assertIn(command, remedy)

    def test_what_a_command_would_take_apart_is_quoted(self):
        self.assertIn(
            "--enable 'c2;{x}'",
            remedies.of('destination c2;{x} is disabled: enable it first'),
        )

    def test_a_remedy_that_is_told_is_not_told_again(self):
        for reason in (
            'the server is SHUTOFF on c1, not ACTIVE or PAUSED: ask for it as '
            'shutoff, or start it',
            'the server is in ERROR on c1, but its guest runs there: '
            'openstack server set --state active --auto-approve 123',
            'Action skipped by user. Reason: the host is down',
        ):
            self.assertEqual('', remedies.of(reason), reason)

    def test_hosts_that_are_no_destination_have_none(self):
        for reason in (
            'c1 is disabled: memory exchange, Ann',
            'nova-compute on c1 is down, nothing can leave it: bring it up',
        ):
            self.assertEqual('', remedies.of(reason), reason)

    def test_the_plan_is_named_as_the_shell_takes_it(self):
        for plan, words in (
            ('', '"openstack optimize zone retry"'),
            ('rack-12', '"openstack optimize zone retry rack-12"'),
            ('a {b}', '"openstack optimize zone retry \'a {b}\'"'),
        ):
            self.assertIn(words, remedies.of('No valid host', plan), plan)

    def test_the_last_attempt_counts(self):
        tried = 'attempt 1: No valid host; attempt 2: '
        self.assertEqual('', remedies.of(f'{tried}the moon is full'))
        self.assertEqual(
            remedies.of('the server is in ERROR on c2'),
            remedies.of(f'{tried}the server is in ERROR on c2'),
        )

    def test_an_unknown_reason_has_none(self):
        self.assertEqual('', remedies.of('the moon is full'))
