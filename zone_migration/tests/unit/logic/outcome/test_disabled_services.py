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
from zone_migration.logic import storage_backends
from zone_migration.logic.outcome import disabled_services as services
from zone_migration.logic.schedule import host_changes


def host(name, reason=None):
    """A compute host, disabled if there is a reason (or '')."""
    return resources.ComputeHost(
        name, enabled=reason is None, up=True, disabled_reason=reason or ''
    )


def backend(**more):
    """An enabled storage backend."""
    return storage_backends.Backend('h@b', enabled=True, up=True, **more)


class IsChangedTest(testtools.TestCase):
    def test_host_is_disabled_for_the_reason_of_the_action(self):
        self.assertEqual(
            [True, False, False, False],
            [
                services.is_changed(host_changes.DISABLED, 'ours', shown)
                for shown in (
                    host('c1', 'ours'),
                    host('c1', 'broken'),
                    host('c1'),
                    None,
                )
            ],
        )

    def test_host_is_enabled(self):
        self.assertEqual(
            [True, False],
            [
                services.is_changed(host_changes.ENABLED, None, shown)
                for shown in (host('c1'), host('c1', 'ours'))
            ],
        )


class WhyNotTest(testtools.TestCase):
    def test_who_has_disabled_it_before_is_read_from_it(self):
        for reason, expected in (
            (f'{host_changes.MARK} 7', True),
            ('broken', False),
            ('', False),
        ):
            told = services.why_not(
                'c1', host_changes.DISABLED, host('c1', reason)
            )
            self.assertIs(expected, services.was_ours(told), told)

    def test_host_that_is_gone(self):
        for state in (host_changes.ENABLED, host_changes.DISABLED):
            self.assertEqual(
                'there is no compute host c1',
                services.why_not('c1', state, None),
            )

    def test_host_that_somebody_has_disabled_meanwhile(self):
        self.assertEqual(
            'c1 is disabled: broken',
            services.why_not(
                'c1', host_changes.DISABLED, host('c1', 'broken')
            ),
        )

    def test_host_that_is_to_be_disabled(self):
        self.assertEqual(
            '', services.why_not('c1', host_changes.DISABLED, host('c1'))
        )

    def test_backend_that_is_gone(self):
        self.assertEqual(
            'there is no storage backend h@b',
            services.why_not(
                'h@b', host_changes.ENABLED, None, host_changes.BACKEND
            ),
        )

    def test_backend_that_is_frozen_is_not_disabled(self):
        # It would be thawed when it is enabled again.
        self.assertEqual(
            'h@b is frozen',
            services.why_not(
                'h@b', host_changes.DISABLED, backend(frozen=True)
            ),
        )

    def test_backend_of_a_cluster_is_not_disabled(self):
        self.assertEqual(
            'h@b is in the cluster c@b, which Cinder disables as a whole '
            '(cinder cluster-disable c@b)',
            services.why_not(
                'h@b', host_changes.DISABLED, backend(cluster='c@b')
            ),
        )

    def test_backend_is_disabled(self):
        self.assertEqual(
            '', services.why_not('h@b', host_changes.DISABLED, backend())
        )
