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

"""Pools and types are matched, and pools filled, as Cinder's own filters do.

Its classes are asked in the environment of the sandbox that has Cinder; no
service takes part.
"""

import json
import pathlib
import random
import subprocess
import unittest

from zone_migration.client import capabilities
from zone_migration.logic.preflight import pool_capacity
from zone_migration.tests.functional import base

_SEED = 2026
_CASES = 4_000

#: What drivers tell of a capability, and what types ask of one.
_TOLD = (
    True, False, None, 'True', 'thin', 'lvm one', '', '5', 5, 7.5, [],
    ['thin', 'thick'], [True, False], [5, None],
    ['async'], {'b': 'x'}, {'b': [1, 'x']}, {'b': {'d': True}})
_PROTOCOLS = ('iSCSI', 'fc', 'NFS', 'NVMeOF', 'NVMe-TCP', 'ceph', None)
_OPERATORS = (
    '=', '==', '!=', '>=', '<=', 's==', 's!=', 's<', 's<=', 's>', 's>=',
    '<in>', '<is>', '<or>', '<all-in>', '>', '')
_ASKED = (
    'True', 'False', 'yes', 'thin', 'thick', 'lvm one', '5', '7', 'iscsi',
    'iSCSI', 'FC', 'nvmeof', 'NFS', 'async', 'x', '',
    'thin <or> thick', 'async <or> iscsi', 'a thick')
_KEYS = (
    'c', 'd', 'capabilities:c', 'capabilities:c:b', 'capabilities:c:b:d',
    'vendor:c', 'c:b', ':c', 'capabilities', 'storage_protocol',
    'capabilities:storage_protocol')


def _extra_specs(chance):
    specs = {}
    for _ in range(chance.choice((1, 1, 2))):
        wanted = f'{chance.choice(_OPERATORS)} {chance.choice(_ASKED)}'
        specs[chance.choice(_KEYS)] = chance.choice(
            (wanted, wanted.strip(), None) if chance.random() < .1
            else (wanted.strip(),))
    return specs


def _figures(chance):
    """What a driver tells of the room in its pool."""
    total = chance.choice((0, 10, 100, round(chance.uniform(1, 999), 2)))
    figures = {
        'total_capacity_gb': total,
        'free_capacity_gb': round(total * chance.random(), 2),
        'allocated_capacity_gb': chance.randrange(0, 200),
        'provisioned_capacity_gb': round(chance.uniform(0, 3 * total), 2),
        'reserved_percentage': chance.choice((0, 0, 5, 15, 50, 100)),
        'thin_provisioning_support': chance.choice((True, True, False)),
        'max_over_subscription_ratio': chance.choice(
            (0.5, 1, 1.0, 1.5, 2.0, 20.0, '20.0', 'auto', None, 0)),
    }
    for key in ('total_capacity_gb', 'free_capacity_gb'):
        if chance.random() < .1:
            figures[key] = chance.choice(('infinite', 'unknown'))
    if figures['max_over_subscription_ratio'] is None:
        # With "auto" Cinder would not take the figures of such a pool at all.
        figures['free_capacity_gb'] = chance.choice((None, 5))
    for key in list(figures):
        if chance.random() < .05:
            del figures[key]
    return figures


def _case(chance):
    return {
        'pool': {
            'c': chance.choice(_TOLD),
            'storage_protocol': chance.choice(_PROTOCOLS),
            **_figures(chance),
        },
        'extra_specs': _extra_specs(chance),
        'volumes': [
            {'size': chance.choice((1, 2, 10, 100, 1000)),
             'thick': chance.random() < .3}
            for _ in range(chance.randrange(1, 5))
        ],
    }


def _serves(shown, extra_specs):
    try:
        return bool(capabilities.serving({'h@b#p': shown}, extra_specs))
    except capabilities.SpecNotComparable:
        return None


def _fits(shown, volumes):
    """Whether each of the volumes fits, after those before that do."""
    capacity = capabilities.capacity(shown)
    taken = 0
    result = []
    for volume in volumes:
        left = pool_capacity.left_gb(capacity, volume['thick']) - taken
        result.append(left >= volume['size'])
        taken += volume['size'] * result[-1]
    return result


class CinderFiltersTest(unittest.TestCase):
    """Each case is one pool, one type and some volumes that come."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chance = random.Random(_SEED)
        cls.cases = [_case(chance) for _ in range(_CASES)]
        script = pathlib.Path(__file__).with_name('cinder_filters.py')
        python = base.sandbox().layout.venv('services') / 'bin' / 'python'
        answer = subprocess.run(
            [python, '-W', 'ignore', script], input=json.dumps(cls.cases),
            check=True, stdout=subprocess.PIPE, text=True)
        cls.answers = json.loads(answer.stdout)

    def differences(self, ours, what):
        """The cases about which we and Cinder differ, a few of them."""
        return [
            (case, answer[what], ours(case, answer['shown']))
            for case, answer in zip(self.cases, self.answers, strict=True)
            if answer[what] != ours(case, answer['shown'])
        ][:5]

    def test_types_are_served_by_the_pools_that_cinder_takes(self):
        self.assertEqual([], self.differences(
            lambda case, shown: _serves(shown, case['extra_specs']),
            'serves'))

    def test_volumes_fit_where_cinder_takes_them(self):
        self.assertEqual([], self.differences(
            lambda case, shown: _fits(shown, case['volumes']), 'fits'))

    def test_cases_have_all_kinds_of_answers(self):
        served = {answer['serves'] for answer in self.answers}
        self.assertEqual({True, False, None}, served)
        self.assertEqual({True, False}, {
            fits for answer in self.answers for fits in answer['fits']})
