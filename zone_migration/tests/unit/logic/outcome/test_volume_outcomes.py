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

from zone_migration.logic import resources
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import volume_outcomes

RUNNING = outcomes.Kind.RUNNING
DONE = outcomes.Kind.DONE
FAILED = outcomes.Kind.FAILED


def volume(
    status='available', host='h@a#a', migration_status=None, type_='a', **more
):
    return resources.Volume(
        'v', 'name', status, host, type_, migration_status, **more
    )


LOST = (
    'the data are on h@b#b, but Cinder has lost the attachment: stop the '
    'server and attach the volume anew'
)


class VolumeMigrationTest(testtools.TestCase):
    def evaluate(self, seen, before=None, pool='h@b#b'):
        return _parts(
            volume_outcomes.volume_migration(before or volume(), seen, pool)
        )

    def test_each_status_of_a_running_copy_is_running(self):
        for status in ('starting', 'migrating', 'completing'):
            for shown in ('available', 'in-use', 'maintenance'):
                self.assertEqual(
                    (RUNNING, f'copying to h@b#b, {status}', False),
                    self.evaluate(volume(shown, migration_status=status)),
                )

    def test_new_host_while_completing_is_running(self):
        self.assertEqual(
            RUNNING,
            self.evaluate(volume(host='h@b#b', migration_status='completing'))[
                0
            ],
        )

    def test_success_on_the_pool_is_done(self):
        self.assertEqual(
            (DONE, 'migrated from h@a#a to h@b#b', False),
            self.evaluate(volume(host='h@b#b', migration_status='success')),
        )

    def test_success_on_a_pool_of_the_backend_is_done(self):
        self.assertEqual(
            DONE,
            self.evaluate(
                volume(host='h@b#b', migration_status='success'), pool='h@b'
            )[0],
        )

    def test_success_elsewhere_is_failed(self):
        self.assertEqual(
            (FAILED, 'Cinder moved it to h@c#c, not to h@b#b', False),
            self.evaluate(volume(host='h@c#c', migration_status='success')),
        )

    def test_error_is_failed(self):
        self.assertEqual(
            (
                FAILED,
                'Cinder could not migrate it to h@b#b; the volume is '
                'available and unharmed on h@a#a',
                False,
            ),
            self.evaluate(volume(migration_status='error')),
        )

    def test_success_in_maintenance_is_running(self):
        self.assertEqual(
            (RUNNING, 'waiting for the volume, maintenance', False),
            self.evaluate(
                volume('maintenance', host='h@b#b', migration_status='success')
            ),
        )

    def test_volume_in_use_is_done_once_it_is_attached(self):
        for status, provisional in ((None, True), ('success', False)):
            seen = volume(
                'in-use',
                host='h@b#b',
                migration_status=status,
                server_ids=('s',),
            )
            self.assertEqual(
                (DONE, 'migrated from h@a#a to h@b#b', provisional),
                self.evaluate(
                    seen, before=volume('in-use', server_ids=('s',))
                ),
            )

    def test_volume_that_a_host_has_attached_meanwhile_is_done(self):
        seen = volume(
            'in-use',
            host='h@b#b',
            migration_status='success',
            host_names=('glance1',),
        )
        self.assertEqual(
            (DONE, 'migrated from h@a#a to h@b#b', False), self.evaluate(seen)
        )

    def test_lost_attachment_is_provisionally_failed(self):
        for status in (None, 'success'):
            self.assertEqual(
                (FAILED, LOST, True),
                self.evaluate(
                    volume('in-use', host='h@b#b', migration_status=status),
                    before=volume('in-use', server_ids=('s',)),
                ),
            )

    def test_migration_that_ended_without_a_word_is_provisionally_failed(
        self,
    ):
        self.assertEqual(
            (
                FAILED,
                'Cinder does not migrate it any more; it is on h@a#a',
                True,
            ),
            self.evaluate(volume()),
        )

    def test_volume_in_error_is_failed(self):
        for status in ('error', 'error_deleting'):
            self.assertEqual(
                (FAILED, f'the volume is in {status}', False),
                self.evaluate(volume(status)),
            )

    def test_deleted_volume_is_failed(self):
        self.assertEqual(
            (FAILED, 'the volume was deleted during its migration', False),
            self.evaluate(None),
        )


class VolumeRetypeTest(testtools.TestCase):
    def evaluate(self, seen, before=None):
        return _parts(
            volume_outcomes.volume_retype(before or volume(), seen, 'b')
        )

    def test_retyping_is_running(self):
        self.assertEqual(
            (RUNNING, 'retyping to b', False),
            self.evaluate(volume('retyping')),
        )

    def test_lost_attachment_is_provisionally_failed(self):
        self.assertEqual(
            (FAILED, LOST, True),
            self.evaluate(
                volume(
                    'in-use',
                    host='h@b#b',
                    type_='b',
                    migration_status='success',
                ),
                before=volume('in-use', server_ids=('s',)),
            ),
        )

    def test_retyping_with_the_status_of_an_earlier_migration_is_running(self):
        for stale in ('success', 'error'):
            self.assertEqual(
                RUNNING,
                self.evaluate(
                    volume('retyping', migration_status=stale),
                    before=volume(migration_status=stale),
                )[0],
            )

    def test_copy_for_a_retype_is_running(self):
        self.assertEqual(
            (RUNNING, 'copying for type b, migrating', False),
            self.evaluate(volume('retyping', migration_status='migrating')),
        )

    def test_new_type_while_completing_is_running(self):
        self.assertEqual(
            RUNNING,
            self.evaluate(
                volume(
                    'available',
                    'h@b#b',
                    migration_status='completing',
                    type_='b',
                )
            )[0],
        )

    def test_new_type_after_a_copy_is_done(self):
        self.assertEqual(
            (DONE, 'retyped from a to b, now on h@b#b', False),
            self.evaluate(
                volume(host='h@b#b', migration_status='success', type_='b')
            ),
        )

    def test_new_type_inside_the_backend_is_provisionally_done(self):
        self.assertEqual(
            (DONE, 'retyped from a to b, now on h@a#a', True),
            self.evaluate(volume(type_='b')),
        )

    def test_new_type_with_an_earlier_success_is_provisionally_done(self):
        self.assertEqual(
            (DONE, True),
            self.evaluate(
                volume(type_='b', migration_status='success'),
                before=volume(migration_status='success'),
            )[::2],
        )

    def test_failed_copy_is_failed(self):
        self.assertEqual(
            (
                FAILED,
                'Cinder could not copy it for type b; the volume is '
                'available and unharmed on h@a#a',
                False,
            ),
            self.evaluate(volume(migration_status='error')),
        )

    def test_error_of_an_earlier_migration_is_provisionally_failed(self):
        self.assertEqual(
            (FAILED, True),
            self.evaluate(
                volume(migration_status='error'),
                before=volume(migration_status='error'),
            )[::2],
        )

    def test_dropped_retype_is_provisionally_failed(self):
        self.assertEqual(
            (
                FAILED,
                'Cinder dropped the retype to b and gave no reason; '
                'snapshots, or no pool with room, are the usual causes',
                True,
            ),
            self.evaluate(volume()),
        )

    def test_volume_in_error_is_failed(self):
        self.assertEqual(
            (FAILED, 'the volume is in error', False),
            self.evaluate(volume('error')),
        )

    def test_deleted_volume_is_failed(self):
        self.assertEqual(
            (FAILED, 'the volume was deleted during its retype', False),
            self.evaluate(None),
        )


def _parts(outcome):
    return outcome.kind, outcome.text, outcome.provisional
