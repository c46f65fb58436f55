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

"""The actions of a plan that disable and enable hosts and backends.

Compute hosts of Nova, and storage backends of Cinder, which are all the pools
that one ``cinder-volume`` has: Cinder has no such switch for a single pool.
"""

from collections.abc import Mapping
import dataclasses
from typing import Any

#: Watcher's own action (``watcher.applier.actions``).
CHANGE_STATE = 'change_nova_service_state'

#: Ours; Watcher has none for Cinder.
CHANGE_BACKEND = 'change_cinder_service_state'

TYPES = (CHANGE_STATE, CHANGE_BACKEND)

ENABLED = 'enabled'
DISABLED = 'disabled'

#: The first word of the reason why this plugin disables a host.  Watcher's
#: action wants the prefix ``watcher_``.
MARK = 'watcher_zone_migration'


@dataclasses.dataclass(frozen=True)
class Kind:
    """What plans disable and enable, and the words for it."""

    action_type: str
    #: As messages name it, in full and in sums.
    noun: str
    short: str
    #: The parameter of an audit that has it enabled again.
    enabled_by: str


HOST = Kind(CHANGE_STATE, 'compute host', 'host', 'enable_compute_nodes')
BACKEND = Kind(
    CHANGE_BACKEND, 'storage backend', 'backend', 'enable_storage_pools'
)
KINDS = (HOST, BACKEND)


def is_ours_to_change(action: Mapping[str, Any]) -> bool:
    """Whether an action of a plan was made here."""
    reason = action['input_parameters'].get('disabled_reason', '')
    return action['action_type'] in TYPES and has_mark(reason)


def disabled_by(action: Mapping[str, Any]) -> str:
    """The host or backend that an action of a plan of ours disables, or ''.

    >>> disabled_by({'action_type': 'change_nova_service_state',
    ...              'input_parameters': {
    ...                  'resource_name': 'c1',
    ...                  'state': 'disabled',
    ...                  'disabled_reason': 'watcher_zone_migration 7'}})
    'c1'

    :param action: with ``action_type`` and ``input_parameters``.
    """
    parameters = action['input_parameters']
    if is_ours_to_change(action) and parameters.get('state') == DISABLED:
        return str(parameters.get('resource_name', ''))
    return ''


def closes(action: Mapping[str, Any]) -> str:
    """What an action of a plan of ours disables: a host, a backend, or ''."""
    if not disabled_by(action):
        return ''
    kinds = {kind.action_type: kind for kind in KINDS}
    return kinds[action['action_type']].short


def has_mark(reason: str) -> bool:
    """Whether this plugin gave the reason why something is disabled."""
    return reason.partition(' ')[0] == MARK
