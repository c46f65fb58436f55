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

"""Audits, plans and actions, as Watcher's API shows them."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any

from zone_migration.osc import watcher_errors


@dataclasses.dataclass(frozen=True)
class Audit:
    """An audit."""

    uuid: str
    name: str
    state: str
    #: '' where Watcher says nothing.
    message: str
    parameters: Mapping[str, Any]
    strategy: str
    #: ISO 8601, UTC.
    created_at: str
    #: What the audit is limited to; only templates of audits give it.
    scope: Sequence[Any] = ()


@dataclasses.dataclass(frozen=True)
class Plan:
    """An action plan."""

    uuid: str
    audit_uuid: str
    state: str
    #: '' where Watcher says nothing.
    message: str
    strategy: str
    #: By name.
    indicators: Mapping[str, float]
    #: ISO 8601, UTC; of the last change.
    updated_at: str
    created_at: str


@dataclasses.dataclass(frozen=True)
class Action:
    """An action of a plan."""

    uuid: str
    type: str
    state: str
    #: '' where Watcher says nothing.
    message: str
    parameters: Mapping[str, Any]
    #: UUIDs.
    parents: tuple[str, ...]
    #: ISO 8601, UTC; '' for one that was never changed.
    updated_at: str

    @property
    def resource_id(self) -> str:
        """The id of its server or volume, or the name of its host."""
        return str(self.parameters.get('resource_id', ''))

    @property
    def name(self) -> str:
        """The name of its resource; its id where it has none."""
        return str(self.parameters.get('resource_name') or self.resource_id)


def audit(found: Any) -> Audit:
    """An audit, from what watcherclient gives."""
    return Audit(
        uuid=found.uuid,
        name=found.name,
        state=found.state,
        message=_message(found),
        parameters=found.parameters or {},
        strategy=found.strategy_name or '',
        created_at=found.created_at or '',
        scope=getattr(found, 'scope', None) or (),
    )


def plan(found: Any) -> Plan:
    """A plan, from what watcherclient gives."""
    return Plan(
        uuid=found.uuid,
        audit_uuid=found.audit_uuid or '',
        state=found.state,
        message=_message(found),
        strategy=found.strategy_name or '',
        indicators={
            one['name']: one['value']
            for one in getattr(found, 'efficacy_indicators', None) or ()
        },
        updated_at=found.updated_at or '',
        created_at=found.created_at or '',
    )


def action(found: Any) -> Action:
    """An action, from what watcherclient gives."""
    return Action(
        uuid=found.uuid,
        type=found.action_type,
        state=found.state,
        message=_message(found),
        parameters=found.input_parameters or {},
        parents=tuple(found.parents or ()),
        updated_at=found.updated_at or '',
    )


def _message(found: Any) -> str:
    """The status message of an audit, a plan or an action.

    :raises WatcherError: when Watcher is too old to have any.
    """
    try:
        return found.status_message or ''
    except AttributeError:
        raise watcher_errors.WatcherError(
            'This Watcher is too old: the commands need API 1.5 '
            '(Watcher 15, 2025.2, or newer).'
        ) from None
