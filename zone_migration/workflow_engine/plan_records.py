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

"""The row of a plan, as the applier that runs it reads and writes it.

Whatever is written has that as its condition: Watcher may give the plan to
another applier at any moment.
"""

from oslo_log import log
import sqlalchemy
from watcher import objects
from watcher.common import exception as watcher_exception
from watcher.db.sqlalchemy import models

from zone_migration import conf
from zone_migration import exception
from zone_migration.logic import messages
from zone_migration.logic.outcome import states
from zone_migration.watcher_db import cancelled_plans
from zone_migration.watcher_db import database

CONF = conf.CONF
LOG = log.getLogger(__name__)

_PLANS = models.ActionPlan.__table__

#: The states of a plan that an applier runs.  One that was deleted meanwhile
#: is nobody else's: what is in flight of it is ended.
_RUN = (states.ONGOING, states.CANCELLING, states.DELETED)


@database.retried
def load(context, plan_id: int):
    """Return a plan as the database has it, with its audit and strategy.

    :raises ActionPlanNotFound: when it was deleted.
    """
    return objects.ActionPlan.get_by_id(context, plan_id, eager=True)


def origin(plan):
    """Return a plan's strategy, by name, and its audit's parameters.

    '' and {} where one is missing: Watcher's audit pipelines make such plans.

    :param plan: as :func:`load` gives it.
    """
    strategy, audit = _related(plan, 'strategy'), _related(plan, 'audit')
    if not strategy or not audit:
        return '', {}
    return strategy.name, audit.parameters or {}


def _related(plan, field: str):
    """Return what a plan belongs to, or None."""
    try:
        return getattr(plan, field)
    except NotImplementedError:
        # What oslo.versionedobjects says of a field that is not set.
        return None


@database.retried
def state(plan_id: int) -> str:
    """Return the state that the database has for a plan now.

    :raises ActionPlanNotFound: when it was deleted.
    :raises PlanIsLost: when it is not run here.
    """
    return state_without_retry(plan_id)


def state_without_retry(plan_id: int) -> str:
    """Return it, asked for once, for who asks again in a moment anyway.

    That is each second: hence not the whole plan.  One that is run here is
    ONGOING again when Watcher has cancelled it for a change of its strategy.

    :raises ActionPlanNotFound: when it was deleted.
    :raises PlanIsLost: when it is not run here.
    """
    now, host = _read(plan_id)
    if host == CONF.host and now == states.CANCELLED and _undo_sync(plan_id):
        return states.ONGOING
    if host != CONF.host or now not in _RUN:
        raise exception.PlanIsLost(f'{now} on {host}')
    return now


@database.retried
def has_ended(plan_id: int) -> bool:
    """Whether nobody runs a plan any more.

    :raises ActionPlanNotFound: when it was deleted.
    """
    return _read(plan_id)[0] not in _RUN


@database.retried
def write_message(plan_id: int, text: str) -> None:
    """Write the message of a plan, and try again while that fails.

    See :func:`write_message_without_retry`.
    """
    write_message_without_retry(plan_id, text)


def write_message_without_retry(plan_id: int, text: str) -> None:
    """Write the message of a plan, and nothing else; it is tried once.

    Whoever cancels the plan writes its state meanwhile.  It is not notified
    of: the plans of other strategies are to be notified of as under Watcher's
    own engine.

    :raises ActionPlanNotFound: when it was deleted.
    :raises PlanIsLost: when it is not run here.
    """
    if not _write_text(plan_id, text, is_run_here()):
        state_without_retry(plan_id)


@database.retried
def write_last_message(plan_id: int, text: str) -> None:
    """Write the message of a plan that has ended here."""
    _write_text(plan_id, text, _PLANS.c.hostname == CONF.host)


def _undo_sync(plan_id: int) -> bool:
    """Let a plan be ONGOING that Watcher has cancelled beside its run here.

    Where an operator has cancelled it as well, the run has seen that, or not
    for one look: then it has to be cancelled again.

    :returns: whether Watcher has done that.
    """
    is_undone = _write(plan_id, {'state': states.ONGOING}, _is_out_of_sync())
    if is_undone:
        LOG.warning(
            'Action plan %s goes on, which Watcher has cancelled, as its '
            'strategy has changed',
            plan_id,
        )
    return is_undone


def _write_text(plan_id: int, text: str, condition) -> bool:
    """Write the message of a plan, and return whether it is such a one."""
    values = {'status_message': messages.fit(text)}
    return _write(plan_id, values, condition)


def _write(plan_id: int, values, condition) -> bool:
    """Write columns of a plan, and return whether it is such a one."""
    with database.writer() as connection:
        result = connection.execute(
            sqlalchemy.update(_PLANS)
            .where(_PLANS.c.id == plan_id, condition)
            .values(values)
        )
    return bool(result.rowcount)


def is_run_here():
    """Return what is true of plans that this applier runs."""
    return sqlalchemy.or_(
        sqlalchemy.and_(
            _PLANS.c.hostname == CONF.host, _PLANS.c.state.in_(_RUN)
        ),
        _is_out_of_sync(),
    )


def _is_out_of_sync():
    """Return what is true of plans whose cancel is undone here."""
    return sqlalchemy.and_(
        _PLANS.c.hostname == CONF.host, cancelled_plans.by_sync()
    )


def _read(plan_id: int) -> tuple[str, str | None]:
    """Return the state of a plan, and the host that it is on.

    :raises ActionPlanNotFound: when it was deleted.
    """
    with database.reader() as connection:
        found = connection.execute(
            sqlalchemy.select(_PLANS.c.state, _PLANS.c.hostname).where(
                _PLANS.c.id == plan_id, _PLANS.c.deleted_at.is_(None)
            )
        ).one_or_none()
    if found is None or found.state == states.DELETED:
        raise watcher_exception.ActionPlanNotFound(action_plan=plan_id)
    return found.state, found.hostname
