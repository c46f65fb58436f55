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

from zone_migration.logic import resources
from zone_migration.logic import storage_backends
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.logic.plan import backends
from zone_migration.tests.unit.logic import builders

OURS = 'watcher_zone_migration other'


def backend(name, reason=None, **more):
    """A backend, disabled if there is a reason."""
    return storage_backends.Backend(
        name,
        enabled=reason is None,
        up=True,
        disabled_reason=reason or '',
        **more,
    )


def cloud(*found, pools=('h@a#1', 'h@a#2', 'h@b#1')):
    return builders.inventory(
        backends=builders.by_name(found),
        pools=[resources.Pool(name, 1.0) for name in pools],
    )


def leaving(*pools, **more):
    """A selection that empties pools, each with a type or without."""
    return selection.Selection(
        leaving=frozenset(
            (pool, '') if isinstance(pool, str) else pool for pool in pools
        ),
        **more,
    )


A, B = backend('h@a'), backend('h@b')


class DisablingTest(testtools.TestCase):
    def assert_planned(self, expected, selected, inventory):
        actions = backends.disabling(selected, inventory, 'audit-1')
        self.assertEqual(
            {*expected}, {action.resource_id for action in actions}
        )
        for action in actions:
            words = expected[action.resource_id]
            self.assertIn(words, action.skip_reason)
            self.assertEqual(bool(words), bool(action.skip_reason))
        return actions

    def test_backend_whose_pools_are_all_emptied_is_disabled(self):
        (action,) = self.assert_planned(
            {'h@a': ''}, leaving('h@a#1', 'h@a#2'), cloud(A, B)
        )
        self.assertEqual('change_cinder_service_state', action.action_type)
        self.assertEqual(
            {
                'resource_name': 'h@a',
                'state': 'disabled',
                'disabled_reason': 'watcher_zone_migration audit-1',
            },
            action.parameters,
        )

    def test_pool_that_stays_in_use_keeps_its_backend_open(self):
        self.assert_planned(
            {'h@a': 'h@a#2 of h@a would stay in use', 'h@b': ''},
            leaving('h@a#1', 'h@b#1'),
            cloud(A, B),
        )

    def test_type_that_leaves_alone_keeps_it_open(self):
        self.assert_planned(
            {'h@b': 'only volumes of type gold leave h@b#1'},
            leaving(('h@b#1', 'gold')),
            cloud(A, B),
        )
        self.assert_planned(
            {'h@b': ''}, leaving(('h@b#1', 'gold'), 'h@b#1'), cloud(A, B)
        )

    def test_new_type_in_the_same_pool_keeps_it_open(self):
        self.assert_planned(
            {'h@b': 'change their type may stay in h@b#1'},
            leaving(retyped=frozenset({'h@b#1'})),
            cloud(A, B),
        )

    def test_cluster_is_refused(self):
        self.assert_planned(
            {'c@b': 'is in the cluster c@b'},
            leaving('c@b#1'),
            cloud(backend('h@b', cluster='c@b'), pools=['c@b#1']),
        )

    def test_backend_that_is_gone_or_frozen_is_told(self):
        self.assert_planned(
            {'h@x': 'there is no storage backend h@x'},
            leaving('h@x#1'),
            cloud(A),
        )

    def test_one_that_somebody_has_disabled_is_left_alone(self):
        self.assert_planned(
            {}, leaving('h@b#1'), cloud(backend('h@b', 'broken'), pools=[])
        )

    def test_one_that_another_plan_has_disabled_may_be_enabled_by_then(self):
        self.assert_planned(
            {'h@b': ''},
            leaving('h@b#1'),
            cloud(backend('h@b', OURS), pools=[]),
        )

    def test_pool_that_is_in_use_behind_a_disabled_one_keeps_it_open(self):
        closed = cloud(backend('h@b', OURS), pools=[])
        for host, words in (
            ('h@b#2', 'h@b#2 of h@b would stay in use'),
            ('h@b#1', ''),
            ('h@a#1', ''),
            (None, ''),
        ):
            volume = builders.volume('v', host=host)
            found = dataclasses.replace(closed, volumes={'v': volume})
            self.assert_planned({'h@b': words}, leaving('h@b#1'), found)


class OnceClosedTest(testtools.TestCase):
    def test_pools_of_closed_backends_are_no_destinations(self):
        found = backends.once_closed(leaving('h@b#1'), cloud(A, B))
        self.assertEqual({'h@a#1', 'h@a#2'}, {*found.pools})

    def test_backend_that_stays_open_keeps_its_pools(self):
        found = backends.once_closed(leaving('h@a#1'), cloud(A, B))
        self.assertEqual({'h@a#1', 'h@a#2', 'h@b#1'}, {*found.pools})

    def test_destination_that_is_closed_is_refused(self):
        item = params.VolumeItem('v', 'available', dst_hostname='h@b#1')
        error = self.assertRaises(
            errors.InvalidParameters,
            backends.once_closed,
            leaving('h@b#1', volumes=(item,)),
            cloud(A, B),
        )
        self.assertEqual(
            [
                "params.volume.v: 'h@b#1' is to be emptied itself, and "
                'disable_storage_pools disables its backend: name another'
            ],
            [str(fault) for fault in error.faults],
        )
