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

from zone_migration.logic.preflight import pool_capacity

#: What CapacityFilter of Cinder 29 says: the figures of a pool (total, free,
#: provisioned, reserved percent, thin, ratio), and the size of the largest
#: volume, in whole GB, that it still places there, thin and thick.
CASES = (
    # What is free decides, and what the sizes of the volumes leave.
    ((100, 25, 75, 0, False, 1), (25, 25)),
    ((100, 25, 50, 0, False, 1), (25, 25)),
    ((100, 50, 75, 0, False, 1), (25, 25)),
    ((100, 50, 120, 0, False, 1), (0, 0)),
    # The ratio counts where volumes can be thin only.
    ((100, 25, 75, 0, False, 20), (25, 25)),
    ((1000, 50, 1200, 0, True, 20), (18800, 0)),
    ((1000, 900, 1990, 0, True, 2), (10, 0)),
    ((1000, 900, 2000, 0, True, 2), (0, 0)),
    ((1000, 0, 100, 0, True, 2), (1900, 0)),
    ((1000, 900, 300, 0, True, 2), (1700, 700)),
    ((1000, 900, 300, 0, True, 1), (700, 700)),
    # One below 1 is an error to Cinder, for thin volumes only.
    ((1000, 900, 100, 0, True, 0.9), (0, 900)),
    # A reserved share, in whole GB, is neither free nor promised.
    ((100, 25, 75, 20, False, 1), (5, 5)),
    ((100, 60, 10, 20, False, 1), (60, 60)),
    ((100, 60, 100, 20, True, 2), (60, 0)),
    ((101, 101, 0, 1.5, False, 1), (100, 100)),
    ((100, 60, 0, 100, False, 1), (0, 0)),
    ((100, 60, 0, 120, True, 20), (0, 0)),
    # Cinder rounds to two decimals.
    ((10.0, 9.996, 0, 0, False, 1), (10, 10)),
    ((10.0, 9.994, 0, 0, False, 1), (9, 9)),
    ((10.004, 10.004, 0.004, 0, True, 1), (9, 10)),
    # No end, or not known.
    ((math.inf, math.inf, 0, 0, False, 1), (math.inf, math.inf)),
    ((100, math.inf, 500, 50, False, 1), (math.inf, math.inf)),
    ((math.inf, 10, 500, 0, False, 1), (math.inf, math.inf)),
    ((math.inf, 10, 500, 10, True, 20), (0, 0)),
    ((0, 10, 0, 0, False, 1), (0, 0)),
    ((0, math.inf, 0, 0, False, 1), (math.inf, math.inf)),
)


class LeftTest(testtools.TestCase):
    def left(self, figures):
        capacity = pool_capacity.Capacity(*figures)
        left = [
            pool_capacity.left_gb(capacity, thick) for thick in (False, True)
        ]
        return tuple(n if math.isinf(n) else math.floor(n) for n in left)

    def test_as_much_is_left_as_cinders_filter_says(self):
        self.assertEqual(
            CASES, tuple((figures, self.left(figures)) for figures, _ in CASES)
        )


class RatioTest(testtools.TestCase):
    def test_ratio_is_what_volumes_may_hold_by_what_they_hold(self):
        self.assertEqual(4, pool_capacity.automatic_ratio(1000, 801, 600))

    def test_empty_pool_has_the_default(self):
        self.assertEqual(20, pool_capacity.automatic_ratio(1000, 1000, 0))

    def test_nothing_fits_where_cinder_divides_by_zero(self):
        self.assertEqual(0, pool_capacity.automatic_ratio(1000, 1001, 10))
