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

from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import downtime
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import server

VTPM = {'hw:tpm_version': '2.0'}


def may(id_, *hosts, **more):
    return live(id_, *hosts, allow_downtime=True, **more)


class ReasonTest(testtools.TestCase):
    """The preflight of one server."""

    def result(self, item, status='ACTIVE', **cloud):
        cloud.setdefault('devices', {'s': 'a vTPM'})
        seen = inventory([server('s', status=status)], **cloud)
        (found,) = report([item], seen).results
        return found

    def test_server_that_cannot_go_live_is_migrated_cold(self):
        found = self.result(may('s', 'c2'))
        self.assertEqual(decisions.Kind.START, found.decision.kind)
        self.assertEqual(
            ('a vTPM', 'c2'), (found.item.downtime, found.item.dst_hostname)
        )

    def test_server_that_can_go_live_does(self):
        found = self.result(may('s'), devices={})
        self.assertEqual(decisions.START, found.decision)
        self.assertEqual('', found.item.downtime)

    def test_server_that_may_not_be_down_is_refused(self):
        found = self.result(live('s'))
        self.assertEqual(decisions.Kind.REFUSE, found.decision.kind)
        self.assertEqual('', found.item.downtime)

    def test_server_that_goes_neither_way_is_refused(self):
        for cloud in (
            {'accelerators': {'s': 'no accelerator'}},
            {'devices': {}, 'sharing': {'s'}, 'nova_version': (2, 103)},
            {'hosts': [host('c1', up=False), host('c2')]},
        ):
            found = self.result(may('s'), **cloud)
            self.assertEqual(decisions.Kind.REFUSE, found.decision.kind)

    def test_shares_are_a_reason_where_nova_migrates_them_cold(self):
        found = self.result(
            may('s'), devices={}, sharing={'s'}, nova_version=(2, 104)
        )
        self.assertEqual(decisions.START, found.decision)
        self.assertEqual('shares of Manila', found.item.downtime)
        found = self.result(may('s'), sharing={'s'}, nova_version=(2, 104))
        self.assertEqual('a vTPM, shares of Manila', found.item.downtime)

    def test_what_is_migrated_cold_is_not_forced(self):
        hosts = [host('c1'), host('c2', enabled=False)]
        forced = may('s', 'c2', force=True)
        found = self.result(forced, hosts=hosts, devices={})
        self.assertEqual(decisions.START, found.decision)
        found = self.result(forced, hosts=hosts)
        self.assertIn('c2 is disabled', found.decision.text)

    def test_server_that_is_there_stays(self):
        found = self.result(may('s', 'c1'))
        self.assertEqual(decisions.Kind.SKIP, found.decision.kind)

    def test_server_that_is_gone_is_refused(self):
        (found,) = report([may('s')], inventory()).results
        self.assertEqual(decisions.Kind.REFUSE, found.decision.kind)

    def test_the_ways_of_running_servers_are_counted(self):
        seen = inventory(
            [server(id_) for id_ in 'stu']
            + [server('v', status='SHUTOFF'), server('w')],
            devices={'s': 'a vTPM', 'w': 'a vTPM'},
        )
        found = report(
            [
                *map(may, 'stu'),
                dataclasses.replace(live('v'), status='shutoff'),
                live('w'),
            ],
            seen,
        )
        self.assertEqual((2, 1), found.ways)


class RisksTest(testtools.TestCase):
    def risks(self, *servers, **devices):
        seen = inventory(servers, devices=devices)
        return downtime.risks(
            [
                dataclasses.replace(may(s.id), downtime=devices.get(s.id, ''))
                for s in servers
            ],
            seen,
        )

    def test_live_migrations_that_may_fail_are_told(self):
        (found,) = self.risks(server('s'), server('t'))
        self.assertEqual(
            '2 servers will be down if the live migration fails, as for CPU '
            'models: only trying shows it',
            found,
        )

    def test_server_whose_vtpm_has_a_secret_of_its_owner_is_told(self):
        (found,) = self.risks(server('s', extra_specs=VTPM), s='a vTPM')
        self.assertIn('Nova may fail to start 1 server again', found)

    def test_server_whose_vtpm_has_another_secret_is_not(self):
        shared = {**VTPM, 'hw:tpm_secret_security': 'deployment'}
        self.assertEqual(
            [], self.risks(server('s', extra_specs=shared), s='a vTPM')
        )

    def test_servers_that_may_not_be_down_are_not(self):
        self.assertEqual(
            [], downtime.risks([live('s')], inventory([server('s')]))
        )
