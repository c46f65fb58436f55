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
from zone_migration.logic.audit import errors
from zone_migration.logic.plan import hosts

OURS = 'watcher_zone_migration audit-1'


def host(name, reason=None):
    """A compute host, disabled if there is a reason (or '')."""
    return resources.ComputeHost(
        name, enabled=reason is None, up=True, disabled_reason=reason or ''
    )


def by_name(*found):
    return {one.name: one for one in found}


class DisablingTest(testtools.TestCase):
    def test_enabled_host_is_disabled_with_our_reason(self):
        (action,) = hosts.disabling(['c1'], by_name(host('c1')), 'audit-1')
        self.assertEqual('change_nova_service_state', action.action_type)
        self.assertEqual('c1', action.resource_id)
        self.assertEqual(
            {
                'resource_name': 'c1',
                'state': 'disabled',
                'disabled_reason': OURS,
            },
            action.parameters,
        )
        self.assertEqual('', action.skip_reason)

    def test_host_that_somebody_else_has_disabled_is_left_alone(self):
        seen = by_name(host('c1', ''), host('c2', 'broken'))
        self.assertEqual([], hosts.disabling(seen, seen, 'audit-2'))

    def test_host_that_we_have_disabled_has_its_action(self):
        (action,) = hosts.disabling(['c1'], by_name(host('c1', OURS)), '2')
        self.assertEqual('', action.skip_reason)
        self.assertEqual(
            'watcher_zone_migration 2', action.parameters['disabled_reason']
        )

    def test_host_that_is_named_twice_is_disabled_once(self):
        seen = by_name(host('c2'), host('c1'))
        self.assertEqual(
            ['c1', 'c2'],
            [
                action.resource_id
                for action in hosts.disabling(['c2', 'c1', 'c2'], seen, 'a')
            ],
        )

    def test_reason_is_no_longer_than_nova_allows(self):
        (action,) = hosts.disabling(['c1'], by_name(host('c1')), 'x' * 300)
        self.assertEqual(255, len(action.parameters['disabled_reason']))


class EnablingTest(testtools.TestCase):
    def enabling(self, *patterns, seen=()):
        return {
            action.resource_id: action.skip_reason
            for action in hosts.enabling(patterns, by_name(*seen))
        }

    def test_host_that_we_have_disabled_is_enabled(self):
        (action,) = hosts.enabling(['c1'], by_name(host('c1', OURS)))
        self.assertEqual('change_nova_service_state', action.action_type)
        self.assertEqual(
            {
                'resource_name': 'c1',
                'state': 'enabled',
                'disabled_reason': OURS,
            },
            action.parameters,
        )
        self.assertEqual('', action.skip_reason)

    def test_globs_match_and_each_host_comes_once(self):
        self.assertEqual(
            {'c1': '', 'c2': '', 'd1': ''},
            self.enabling(
                'c*',
                '?1',
                seen=[host(name, OURS) for name in ('c2', 'c1', 'd1', 'd2')],
            ),
        )

    def test_host_of_somebody_else_is_skipped_with_their_reason(self):
        self.assertEqual(
            {
                'c1': 'c1 was disabled by somebody else: broken',
                'c2': 'c2 was disabled by somebody else',
                'c3': 'c3 was disabled by somebody else: '
                'watcher_zone_migration_2 x',
            },
            self.enabling(
                'c*',
                seen=[
                    host('c1', 'broken'),
                    host('c2', ''),
                    host('c3', 'watcher_zone_migration_2 x'),
                ],
            ),
        )

    def test_enabled_host_is_skipped(self):
        self.assertEqual(
            {'c1': 'c1 is enabled'}, self.enabling('c1', seen=[host('c1')])
        )

    def test_host_that_is_named_exactly_is_meant_alone(self):
        seen = [host('c[1]', OURS), host('c1', OURS)]
        self.assertEqual({'c[1]': ''}, self.enabling('c[1]', seen=seen))

    def test_pattern_that_matches_nothing_is_a_fault(self):
        error = self.assertRaises(
            errors.InvalidParameters,
            hosts.enabling,
            ['c1', 'x*', 'y'],
            by_name(host('c1', OURS)),
        )
        self.assertEqual(
            [
                "enable_compute_nodes.1: there is no compute host 'x*'; "
                'there are c1',
                "enable_compute_nodes.2: there is no compute host 'y'; "
                'there are c1',
            ],
            [str(fault) for fault in error.faults],
        )
