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

"""The plans that disable hosts and backends, as the database has them."""

from collections.abc import Collection
import dataclasses
import json

import sqlalchemy
from watcher.db.sqlalchemy import models

from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import host_claims
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import host_changes
from zone_migration.watcher_db import database

_ACTIONS = models.Action.__table__
_PLANS = models.ActionPlan.__table__

#: As text: a statement with the type that Watcher gives it is compiled anew
#: each time, and SQLAlchemy warns of that.
_PARAMETERS = sqlalchemy.literal_column(f'{_ACTIONS.name}.input_parameters')

#: When an action was written last: as a rule, when it ended.
_CHANGED_AT = sqlalchemy.func.coalesce(
    _ACTIONS.c.updated_at, _ACTIONS.c.created_at
)

#: The states of a plan whose hosts stay disabled when it has ended.
_ENDED_WELL = (states.SUCCEEDED, states.FAILED)


@dataclasses.dataclass(frozen=True)
class Disabling:
    """An action of a plan that disables a compute host or a backend.

    :ivar host: its name.
    :ivar reason: the one that the action gives.
    :ivar plan_id: its plan.
    :ivar plan_state: of its plan.
    """

    host: str
    reason: str
    plan_id: int
    plan_state: str


@database.retried
def claims(
    plan,
    plan_states: tuple[str, ...],
    claimants: Collection[int] = (),
    lost_on: str = '',
) -> dict[str, list[host_claims.Claim]]:
    """Return the other plans that want hosts disabled, by host.

    An action that has failed does not count, as what would leave its host is
    SKIPPED, nor does one that the operator has taken out of the plan.

    :param plan: the one that does not count.
    :param plan_states: of those that count; in their order, and the oldest
        first in each.
    :param claimants: the ids of plans that count also when they have ended
        well, after the others: their hosts stay disabled.
    :param lost_on: the host of an applier that was stopped; the plans that it
        has run do not count.
    """
    found: dict[str, list[host_claims.Claim]] = {}
    rows = _rows(
        _PLANS.c.id != plan.id,
        sqlalchemy.or_(
            _PLANS.c.state.in_(plan_states),
            sqlalchemy.and_(
                _PLANS.c.id.in_(claimants), _PLANS.c.state.in_(_ENDED_WELL)
            ),
        ),
        sqlalchemy.true()
        if not lost_on
        else sqlalchemy.func.coalesce(_PLANS.c.hostname, '') != lost_on,
        _ACTIONS.c.state.not_in((states.FAILED, states.CANCELLED)),
        sqlalchemy.func.coalesce(_ACTIONS.c.status_message, '').not_like(
            f'{action_text.BY_USER}.%'
        ),
    )
    order = (*plan_states, *_ENDED_WELL)
    for row in sorted(rows, key=lambda row: order.index(row.plan_state)):
        found.setdefault(row.host, []).append(
            host_claims.Claim(row.plan_id, row.reason, row.plan_state)
        )
    return found


@database.retried
def disabled_for_good(plan) -> set[str]:
    """Return the hosts that an ended plan of the same audit has disabled.

    They stay disabled for good.

    An audit that is repeated has several plans.  A plan without an audit, as
    Watcher's audit pipelines make it, shares none.  A host that another plan
    has disabled since is not among these: it was enabled meanwhile.
    """
    audit_id = (
        sqlalchemy.select(_PLANS.c.audit_id)
        .where(_PLANS.c.id == plan.id)
        .scalar_subquery()
    )
    with database.reader() as connection:
        ended = set(
            connection.execute(
                sqlalchemy.select(_PLANS.c.id).where(
                    _PLANS.c.audit_id == audit_id,
                    _PLANS.c.state.in_(_ENDED_WELL),
                )
            ).scalars()
        )
    rows = _rows(
        _PLANS.c.id != plan.id,
        _ACTIONS.c.state == states.SUCCEEDED,
        order=(_CHANGED_AT, _ACTIONS.c.id),
    )
    last = {row.host: row.plan_id for row in rows}
    return {host for host, plan_id in last.items() if plan_id in ended}


def _rows(*which, order=(_PLANS.c.id,)) -> list[Disabling]:
    """Return the actions that disable hosts, those of the oldest plan first.

    :param which: conditions on actions and their plans.
    :param order: another order.
    """
    with database.reader() as connection:
        found = connection.execute(
            sqlalchemy.select(
                _ACTIONS.c.action_type,
                _PARAMETERS,
                _PLANS.c.id,
                _PLANS.c.state,
            )
            .join(_PLANS, _ACTIONS.c.action_plan_id == _PLANS.c.id)
            .where(
                _ACTIONS.c.action_type.in_(host_changes.TYPES),
                _ACTIONS.c.deleted_at.is_(None),
                _PLANS.c.deleted_at.is_(None),
                *which,
            )
            .order_by(*order)
        ).all()
    rows = []
    for action_type, text, *plan in found:
        parameters = json.loads(text or '{}') or {}
        host = host_changes.disabled_by(
            {
                'action_type': action_type,
                'input_parameters': parameters,
            }
        )
        if host:
            reason = parameters['disabled_reason']
            rows.append(Disabling(host, reason, *plan))
    return rows
