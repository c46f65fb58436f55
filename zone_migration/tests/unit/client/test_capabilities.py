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

import math

import testtools

from zone_migration.client import capabilities
from zone_migration.logic.preflight import pool_capacity

#: What Cinder's CapabilitiesFilter says: a capability ``c``, an extra spec,
#: and whether the pool passes; None where the filter raises.
CASES = (
    # A boolean is not the text of it.
    (True, {'c': '<is> True'}, True),
    (True, {'c': '<is> False'}, False),
    ('True', {'c': '<is> yes'}, True),
    (True, {'c': 'True'}, False),
    ('True', {'c': 'True'}, True),
    ('true', {'c': 'True'}, False),
    # Nor is a number.
    (5, {'c': '5'}, False),
    ('5', {'c': '5'}, True),
    (5, {'c': '== 5'}, True),
    ('5', {'c': '== 5.0'}, True),
    (7.5, {'c': '>= 4'}, True),
    (7.5, {'c': '<= 4'}, False),
    (7.5, {'c': '!= 7.5'}, False),
    (5, {'c': '= 4'}, True),
    (5, {'c': '= 6'}, False),
    (True, {'c': '>= 1'}, True),
    (False, {'c': '>= 1'}, False),
    ('thin', {'c': '>= 4'}, False),
    (5, {'c': '>= four'}, False),
    (5, {'c': '> 4'}, False),
    # A name with blanks is one without an operator.
    ('lvm one', {'c': 'lvm one'}, True),
    ('lvm one', {'c': 's== lvm one'}, False),
    ('lvm', {'c': 's== lvm one'}, True),
    (' lvm', {'c': 'lvm'}, False),
    ('', {'c': ''}, True),
    ('lvm', {'c': ''}, False),
    ('lvm', {'c': ' '}, False),
    ('thin', {'c': 's!= thick'}, True),
    ('b', {'c': 's> a'}, True),
    ('b', {'c': 's< a'}, False),
    ('b', {'c': 's<= b'}, True),
    ('b', {'c': 's>= c'}, False),
    # One of a list has to do.
    (['thin', 'thick'], {'c': 'thick'}, True),
    (['thin', 'thick'], {'c': '<or> dense <or> thick'}, True),
    (['thin', 'thick'], {'c': 'dense'}, False),
    ([True, False], {'c': '<is> False'}, True),
    ([False], {'c': '<is> True'}, False),
    (['async', 'sync'], {'c': '<in> sync'}, True),
    ([], {'c': 's!= thin'}, False),
    ([None, 5], {'c': '>= 5'}, True),
    ([5, ['x']], {'c': '>= 5'}, True),
    # Alternatives, each of one word.
    ('thin', {'c': '<or> thin <or> thick'}, True),
    ('thick', {'c': '<or> thin <or> thick'}, True),
    ('thick', {'c': '<or> thin thick'}, False),
    ('dense', {'c': '<or> thin <or> thick'}, False),
    ('asynchronous', {'c': '<in> thin'}, False),
    ('asynchronous', {'c': '<in> chron'}, True),
    # Operators that Cinder does not know are text.
    (['async', 'sync'], {'c': '<all-in> async sync'}, False),
    ('<range-in> 1', {'c': '<range-in> 1'}, True),
    # An operator alone asks for nothing, and nothing meets it.
    ('', {'c': 's=='}, False),
    ('x', {'c': '<is>'}, False),
    # What is not told, and what tells nothing.
    (None, {'d': 'x'}, False),
    (None, {'c': 's!= thin'}, False),
    (None, {'c': '<is> False'}, False),
    (None, {'c': None}, True),
    ('x', {'c': None}, False),
    # Scopes: those of drivers are not looked at, ours may go deeper.
    ('x', {'vendor:c': 'y'}, True),
    ('x', {'vendor:capabilities:c': 'y'}, True),
    ('x', {':c': 'y'}, True),
    ('x', {'capabilities:c': 'x'}, True),
    ('x', {'capabilities:c': 'y'}, False),
    ({'b': 'x'}, {'capabilities:c:b': 'x'}, True),
    ({'b': 'x'}, {'capabilities:c:b': 'y'}, False),
    ({'b': 'x'}, {'capabilities:c:d': 'x'}, False),
    ({'b': 'x'}, {'c:b': 'y'}, True),
    ('x', {'capabilities:c:b': 'x'}, False),
    ('x', {'capabilities': '<in> c'}, True),
    ('x', {'capabilities': 'c'}, False),
    # All specs have to be met; behind one that is not, none is looked at.
    ('x', {'c': 'x', 'd': 'x'}, False),
    ('x', {'c': 'y', 'capabilities:c': '<or>'}, False),
    # What cannot be compared.
    (True, {'c': '<in> async'}, None),
    (5, {'c': '<in> 5'}, None),
    (5, {'c': 's>= 4'}, None),
    (True, {'c': 's< b'}, None),
    ({'b': 'x'}, {'c': '>= 4'}, None),
    ([['x']], {'c': '== 4'}, None),
    ('x', {'c': '<or>'}, None),
    (10**400, {'c': '>= 4'}, None),
)

PROTOCOLS = (
    ('iSCSI', 'iscsi', True),
    ('iscsi', 'iSCSI', True),
    ('FC', 'fibre_channel', True),
    ('fc', '<or> FC <or> iSCSI', True),
    ('NFS', 'nfs', True),
    ('NVMe-oF', 'nvmeof', True),
    ('NVMe-TCP', 'nvmeof', False),
    ('ceph', 'ceph', True),
    ('iSCSI', 'FC', False),
    ('FC', 's!= FC', True),
)


class ServingTest(testtools.TestCase):
    def serves(self, told, specs):
        try:
            return bool(capabilities.serving({'h@a#a': told}, specs))
        except capabilities.SpecNotComparable:
            return None

    def test_specs_are_met_as_cinders_filter_says(self):
        self.assertEqual(
            CASES,
            tuple(
                (capability, specs, self.serves({'c': capability}, specs))
                for capability, specs, _ in CASES
            ),
        )

    def test_protocol_has_all_of_its_names(self):
        self.assertEqual(
            PROTOCOLS,
            tuple(
                (
                    name,
                    wanted,
                    self.serves(
                        {'storage_protocol': name},
                        {'storage_protocol': wanted},
                    ),
                )
                for name, wanted, _ in PROTOCOLS
            ),
        )

    def test_only_the_pools_that_meet_all_are_named(self):
        self.assertEqual(
            {'h@b#b'},
            capabilities.serving(
                {'h@a#a': {'c': 1}, 'h@b#b': {'c': 2}, 'h@c#c': {}},
                {'c': '>= 2'},
            ),
        )

    def test_type_without_specs_is_served_by_all(self):
        self.assertEqual(
            {'h@a#a', 'h@b#b'},
            capabilities.serving({'h@a#a': {}, 'h@b#b': {}}, {}),
        )

    def test_one_pool_that_cannot_be_compared_ends_it(self):
        error = self.assertRaises(
            capabilities.SpecNotComparable,
            capabilities.serving,
            {'h@a#a': {'c': 'async'}, 'h@b#b': {'c': True}},
            {'capabilities:c': '<in> async'},
        )
        self.assertEqual(
            'capabilities:c=<in> async cannot be compared with True',
            str(error),
        )


class CapacityTest(testtools.TestCase):
    """What Cinder's scheduler takes for the figures of a pool."""

    THIN = {
        'total_capacity_gb': 100,
        'free_capacity_gb': 51,
        'provisioned_capacity_gb': 150,
        'thin_provisioning_support': True,
    }

    def test_all_is_read(self):
        self.assertEqual(
            pool_capacity.Capacity(100, 51, 150, 10, True, 1.5),
            capabilities.capacity(
                {
                    **self.THIN,
                    'reserved_percentage': 10,
                    'max_over_subscription_ratio': '1.5',
                }
            ),
        )

    def test_what_is_not_told_has_cinders_defaults(self):
        self.assertEqual(
            pool_capacity.Capacity(0, 0, 0, 0, False, 20),
            capabilities.capacity({}),
        )

    def test_allocated_stands_for_provisioned(self):
        self.assertEqual(
            (7, 0),
            (
                capabilities.capacity(
                    {'allocated_capacity_gb': 7}
                ).provisioned_gb,
                capabilities.capacity(
                    {
                        'allocated_capacity_gb': 7,
                        'provisioned_capacity_gb': 0,
                    }
                ).provisioned_gb,
            ),
        )

    def test_ratio_can_be_automatic(self):
        told = {**self.THIN, 'max_over_subscription_ratio': 'auto'}
        empty = {**told, 'provisioned_capacity_gb': 0}
        self.assertEqual(4, capabilities.capacity(told).ratio)
        self.assertEqual(20, capabilities.capacity(empty).ratio)

    def test_pool_without_end_is_infinite(self):
        for word in ('infinite', 'unknown'):
            found = capabilities.capacity(
                {'total_capacity_gb': word, 'free_capacity_gb': word}
            )
            self.assertEqual(
                (math.inf, math.inf), (found.total_gb, found.free_gb), word
            )

    def test_what_is_no_number_leaves_no_room(self):
        for wrong in (
            {'free_capacity_gb': None},
            {'total_capacity_gb': None},
            {'total_capacity_gb': 'much'},
            {'provisioned_capacity_gb': None},
            {'reserved_percentage': None},
            {'max_over_subscription_ratio': 'much'},
        ):
            self.assertEqual(
                0,
                pool_capacity.left_gb(
                    capabilities.capacity({**self.THIN, **wrong})
                ),
                wrong,
            )

    def test_what_is_no_finite_number_leaves_no_room(self):
        for key in (
            'total_capacity_gb',
            'provisioned_capacity_gb',
            'reserved_percentage',
            'max_over_subscription_ratio',
        ):
            for wrong in ('nan', math.nan, '-inf', -math.inf, -(10**400)):
                self.assertEqual(
                    0,
                    pool_capacity.left_gb(
                        capabilities.capacity({**self.THIN, key: wrong})
                    ),
                    f'{key}: {wrong!r}',
                )

    def test_share_of_infinity_leaves_no_room(self):
        self.assertEqual(
            0,
            pool_capacity.left_gb(
                capabilities.capacity(
                    {**self.THIN, 'reserved_percentage': 'inf'}
                )
            ),
        )

    def test_what_is_free_is_a_finite_number(self):
        for wrong in ('nan', math.nan, '-inf'):
            found = capabilities.capacity(
                {
                    **self.THIN,
                    'free_capacity_gb': wrong,
                    'max_over_subscription_ratio': 'auto',
                }
            )
            self.assertEqual(
                0, pool_capacity.left_gb(found, thick=True), wrong
            )
            self.assertTrue(math.isfinite(found.ratio), wrong)
