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
import pathlib

import testtools

import zone_migration
from zone_migration.logic import resources
from zone_migration.logic.outcome import failures

DOCUMENT = pathlib.Path('doc/source/reference/attempts.rst')

SERVER = resources.Server('s', 'web', 'ACTIVE', 'c1', None, power_state=1)
VOLUME = resources.Volume('v', 'data', 'in-use', 'h@a#a', type='gold',
                          server_ids=('s',))


def record(status, id_=7, source='c1'):
    return resources.Migration(
        id_, 's', 'live-migration', status, source, 'c2')


RECORDS = (record('failed'),)


def of_server(server=SERVER, records=RECORDS, reason='',
              status='ACTIVE', is_named=False):
    return failures.of_server(
        reason, 'c1', status, server, records, is_named)


def of_volume(reason='', **now):
    return failures.of_volume(
        reason, VOLUME, dataclasses.replace(VOLUME, **now))


class NoValidHostTest(testtools.TestCase):
    def test_nova_says_it_in_its_own_words(self):
        for reason, expected in (
            ('No valid host was found. There are not enough hosts', True),
            ('Live migration operation has aborted', False),
            ('', False),
        ):
            self.assertIs(expected, failures.is_no_valid_host(reason), reason)


class ServerTest(testtools.TestCase):
    def test_server_that_is_as_it_was_is_tried_again(self):
        for status in ('failed', 'error', 'cancelled', 'reverted'):
            self.assertIs(
                failures.ENDED, of_server(records=[record(status)]), status)
        self.assertIs(failures.ENDED, of_server(records=[]))

    def test_state_of_each_status_before(self):
        for before, now, expected in (
            ('ACTIVE', 'ACTIVE', failures.ENDED),
            ('PAUSED', 'PAUSED', failures.ENDED),
            ('SHUTOFF', 'SHUTOFF', failures.ENDED),
            ('ACTIVE', 'SHUTOFF', failures.HARMED),
            ('ACTIVE', 'ERROR', failures.HARMED),
            ('SHUTOFF', 'ACTIVE', failures.HARMED),
            # It was migrating already.
            ('', 'ACTIVE', failures.ENDED),
            ('', 'SHUTOFF', failures.ENDED),
            ('', 'ERROR', failures.HARMED),
            ('', 'VERIFY_RESIZE', failures.HARMED),
        ):
            server = dataclasses.replace(SERVER, status=now)
            self.assertIs(
                expected, of_server(server, status=before), (before, now))

    def test_guest_that_has_stopped_is_harmed(self):
        stopped = dataclasses.replace(SERVER, power_state=4)
        self.assertIs(failures.HARMED, of_server(stopped))
        off = dataclasses.replace(stopped, status='SHUTOFF')
        self.assertIs(failures.ENDED, of_server(off, status='SHUTOFF'))

    def test_busy_server_is_harmed(self):
        busy = dataclasses.replace(SERVER, task_state='rebooting')
        self.assertIs(failures.HARMED, of_server(busy))

    def test_server_elsewhere_is_moved(self):
        there = dataclasses.replace(SERVER, host='c2')
        self.assertIs(failures.MOVED, of_server(there))

    def test_server_whose_record_says_that_it_has_gone_well_is_moved(self):
        self.assertIs(
            failures.MOVED,
            of_server(records=[record('completed', 8), record('failed')]))

    def test_record_of_another_host_tells_nothing(self):
        self.assertIs(
            failures.ENDED, of_server(records=[record('completed', 5, 'c9')]))

    def test_what_is_in_flight_goes_on(self):
        for status in ('running', 'queued', 'pre-migrating'):
            self.assertIs(
                failures.IN_FLIGHT, of_server(records=[record(status)]),
                status)

    def test_server_that_is_gone(self):
        self.assertIs(failures.GONE, of_server(None))

    def test_named_destination_that_cannot_take_it_is_unfit(self):
        for reason in (
            "Unacceptable CPU info: CPU doesn't have compatibility",
            'c1 is not on shared storage: Shared storage live-migration',
            'The supplied hypervisor type of is invalid.',
            'guest CPU is not compatible with host CPU',
        ):
            self.assertIs(
                failures.UNFIT, of_server(reason=reason, is_named=True),
                reason)
            self.assertIs(failures.ENDED, of_server(reason=reason), reason)


class VolumeTest(testtools.TestCase):
    def test_volume_that_is_as_it_was_is_tried_again(self):
        self.assertIs(
            failures.VOLUME, of_volume(migration_status='error'))
        self.assertIs(
            failures.DROPPED,
            of_volume('Cinder dropped the retype to silver'))

    def test_what_else_there_is(self):
        for now, expected in (
            ({'migration_status': 'migrating'}, failures.IN_FLIGHT),
            ({'host': 'h@b#b'}, failures.MOVED),
            ({'type': 'silver'}, failures.MOVED),
            ({'status': 'error'}, failures.HARMED),
            ({'status': 'available', 'server_ids': ()}, failures.HARMED),
            ({'server_ids': ()}, failures.HARMED),
        ):
            self.assertIs(expected, of_volume(**now), now)

    def test_volume_that_is_gone(self):
        self.assertIs(failures.GONE, failures.of_volume('', VOLUME, None))


class TableTest(testtools.TestCase):
    def test_document_has_each_kind_and_why(self):
        root = pathlib.Path(zone_migration.__file__).parent.parent
        text = ' '.join((root / DOCUMENT).read_text().split())
        for kind in failures.KINDS:
            again = 'yes' if kind.is_worth_another else 'no'
            self.assertIn(f'* - {kind.what} - {again} - {kind.why}', text)

    def test_table_has_each_kind_once(self):
        kinds = [
            one for one in vars(failures).values()
            if isinstance(one, failures.Failure)
        ]
        self.assertEqual(
            sorted(map(repr, kinds)), sorted(map(repr, failures.KINDS)))
