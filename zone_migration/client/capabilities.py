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

"""The capabilities of storage pools against the specs of volume types."""

from collections.abc import Mapping
import math
import operator
from typing import Any

from oslo_utils import strutils

from zone_migration.logic.preflight import pool_capacity

#: Cinder's scheduler knows a protocol by all of its names, its API shows the
#: first of them (``BackendState.get_storage_protocol_variants``,
#: ``cinder.api.views.scheduler_stats``).
_PROTOCOLS = (
    ['iSCSI', 'iscsi'],
    ['FC', 'fibre_channel', 'fc'],
    ['NFS', 'nfs'],
    ['NVMe-oF', 'NVMeOF', 'nvmeof'],
)

#: By the first word of an extra spec; ``=`` is "at least".
_OPERATORS = {
    '=': lambda has, wants: float(has) >= float(wants),
    '<in>': lambda has, wants: wants in has,
    '<is>': lambda has, wants: (
        strutils.bool_from_string(has) is strutils.bool_from_string(wants)
    ),
    '==': lambda has, wants: float(has) == float(wants),
    '!=': lambda has, wants: float(has) != float(wants),
    '>=': lambda has, wants: float(has) >= float(wants),
    '<=': lambda has, wants: float(has) <= float(wants),
    's==': operator.eq,
    's!=': operator.ne,
    's<': operator.lt,
    's<=': operator.le,
    's>': operator.gt,
    's>=': operator.ge,
}

#: What the operators of Cinder raise where it finds no answer.
_NO_ANSWER = (AttributeError, IndexError, OverflowError, TypeError)


class SpecNotComparable(Exception):
    """An extra spec asks what cannot be asked of a pool's capability.

    :ivar spec: ``key=value``.
    """

    def __init__(self, spec: str, capability: object) -> None:
        super().__init__(spec, capability)
        self.spec = spec
        self.capability = capability

    def __str__(self) -> str:
        return f'{self.spec} cannot be compared with {self.capability!r}'


def serving(
    pools: Mapping[str, Mapping[str, Any]],
    extra_specs: Mapping[str, str | None],
) -> frozenset[str]:
    """The names of the pools that meet the extra specs of a volume type.

    :param pools: their capabilities as Cinder's API shows them, by name.
    :raises SpecNotComparable: when one pool leaves Cinder without an answer:
        its scheduler then chooses none of the others either.
    """
    return frozenset(
        name for name, told in pools.items() if _serves(told, extra_specs)
    )


def is_thick(extra_specs: Mapping[str, str | None]) -> bool:
    """Whether a volume type asks Cinder to count its volumes as thick."""
    return extra_specs.get('provisioning:type') == 'thick'


def capacity(told: Mapping[str, Any]) -> pool_capacity.Capacity:
    """The figures of a pool, with Cinder's defaults (its ``PoolState``).

    What is no finite number leaves no room, as Cinder's filter fails on most
    of it.
    """
    total = _gigabytes(told.get('total_capacity_gb', 0))
    free = _gigabytes(told.get('free_capacity_gb', 0))
    provisioned = _number(
        told.get(
            'provisioned_capacity_gb', told.get('allocated_capacity_gb', 0)
        ),
        math.inf,
    )
    ratio = told.get('max_over_subscription_ratio')
    return pool_capacity.Capacity(
        # Cinder refuses a pool that does not say what is free.
        total_gb=total if told.get('free_capacity_gb', 0) is not None else 0,
        free_gb=free,
        provisioned_gb=provisioned,
        reserved_percent=_number(told.get('reserved_percentage', 0), 100),
        thin=bool(told.get('thin_provisioning_support')),
        ratio=(
            pool_capacity.automatic_ratio(total, free, provisioned)
            if ratio == 'auto'
            else _number(ratio or pool_capacity.DEFAULT_RATIO, 0)
        ),
    )


def _gigabytes(value: object) -> float:
    """The number of GB; infinite where it is ``infinite`` or ``unknown``."""
    if value in ('infinite', 'unknown'):
        return math.inf
    return _number(value, 0)


def _number(value: Any, otherwise: float) -> float:
    """The value as a finite number, ``otherwise`` where it is none."""
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        return otherwise
    return number if math.isfinite(number) else otherwise


def _serves(
    told: Mapping[str, Any], extra_specs: Mapping[str, str | None]
) -> bool:
    """Whether a pool meets all extra specs of a volume type.

    As ``cinder.scheduler.filters.capabilities_filter``: specs of another
    scope than ``capabilities`` are for drivers; each further part of a key
    looks into the capability before it; what is not told is not there; of a
    list one value has to do.
    """
    for key, wanted in extra_specs.items():
        scope, *parts = key.split(':')
        if scope != 'capabilities':
            if parts:
                continue
            parts = [scope]
        capability: Any = told
        for part in parts:
            try:
                capability = capability[part]
            except (KeyError, TypeError):
                return False
        if parts == ['storage_protocol']:
            capability = _variants(capability)
        values = capability if isinstance(capability, list) else [capability]
        try:
            if not any(_matches(value, wanted) for value in values):
                return False
        except _NO_ANSWER as error:
            raise SpecNotComparable(f'{key}={wanted}', capability) from error
    return True


def _variants(protocol: object) -> object:
    """All names of the protocol, or what was told if it has one only."""
    return next((names for names in _PROTOCOLS if protocol in names), protocol)


def _matches(value: Any, wanted: str | None) -> bool:
    """Whether one value of a capability meets an extra spec.

    As ``cinder.scheduler.filters.extra_specs_ops``, which is not oslo's
    matcher: without an operator the whole text counts, behind one only the
    next word does, and a number is not its text.

    >>> _matches('lvm one', 'lvm one'), _matches('lvm one', 's== lvm one')
    (True, False)
    >>> _matches('b', '<or> a <or> b'), _matches(5, '5')
    (True, False)
    """
    if wanted is None:
        return value is None
    first, *words = wanted.split() or ['']
    if first != '<or>' and first not in _OPERATORS:
        return bool(value == wanted)
    if value is None:
        return False
    if first == '<or>':
        # Without a word Cinder ends with this IndexError.
        return bool(value == words[0]) or value in words[2::2]
    try:
        return bool(words) and bool(_OPERATORS[first](value, words[0]))
    except ValueError:
        return False
