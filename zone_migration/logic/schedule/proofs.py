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

"""The actions of a plan that look whether what it empties is empty."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

VERIFY_EMPTY = 'verify_empty'

HOST = 'host'
POOL = 'pool'


def place_kind(action: Mapping[str, Any]) -> str:
    """What an action of a plan looks at: HOST, POOL, or '' for none.

    >>> place_kind({'action_type': 'verify_empty',
    ...             'input_parameters': {'place': 'host'}})
    'host'

    :param action: with ``action_type`` and ``input_parameters``.
    """
    if action['action_type'] != VERIFY_EMPTY:
        return ''
    return str(action['input_parameters'].get('place') or HOST)


def counts(kind: str, remaining: Sequence[int]) -> dict[str, int]:
    """The efficacy indicators for places of a kind, by their names.

    >>> counts('host', [0, 3])
    {'hosts_to_empty': 2, 'hosts_empty': 1, 'remaining_servers': 3}

    :param kind: HOST or POOL.
    :param remaining: how many servers or volumes each of them has.
    """
    things = 'servers' if kind == HOST else 'volumes'
    return {
        f'{kind}s_to_empty': len(remaining),
        f'{kind}s_empty': remaining.count(0),
        f'remaining_{things}': sum(remaining),
    }
