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

"""The planner ``default``: the order of a plan, and its true dependencies."""

import itertools

from oslo_db import exception as db_exception
from oslo_log import log
import sqlalchemy
from watcher import notifications
from watcher import objects
from watcher.common import exception as watcher_exception
from watcher.common import utils
from watcher.db.sqlalchemy import models
from watcher.decision_engine.planner import base
from watcher.objects import fields

from zone_migration.conf import planner as options
from zone_migration.logic.schedule import limits
from zone_migration.logic.schedule import ordering
from zone_migration.watcher_db import database
from zone_migration.watcher_db import notifier

LOG = log.getLogger(__name__)

#: Rows that one statement writes: few enough for the limits that databases
#: have on its size.
_ROWS = 500


class DefaultPlanner(base.BasePlanner):
    """Orders by weight and expected duration, without any waves.

    Parents are only what an action truly depends on, so any engine can run
    the plan.  It knows that of the actions that the strategy
    ``parallel_migration`` plans, and not which order those of other
    strategies need: a Watcher solution is a set, and each planner has its own
    rules.
    """

    @classmethod
    def get_config_opts(cls):
        """The options of ``[watcher_planners.default]``."""
        return options.OPTS

    def schedule(self, context, audit_id, solution):
        """Write the plan of a solution to the database.

        :param solution: a Watcher solution; its actions are dicts of an
            Action's fields, with ``state`` and ``status_message`` for those
            that are known to be impossible.
        """
        rows = _rows(context, solution.actions, self.config)
        plan = _create_plan(context, audit_id, solution, rows)
        if solution.strategy.name != limits.STRATEGY:
            LOG.warning(
                'Action plan %s of the strategy %s keeps no order but that of '
                'servers after their volumes: the planner %s is made for %s',
                plan.uuid,
                solution.strategy.name,
                ordering.PLANNER,
                limits.STRATEGY,
            )
        _create_indicators(context, plan, solution.efficacy_indicators)
        _notify_of_actions(context, plan)
        if not rows:
            LOG.warning('Action plan %s is empty', plan.uuid)
            plan.state = objects.action_plan.State.SUCCEEDED
            database.retried(plan.save)()
        LOG.info('Action plan %s has %d actions', plan.uuid, len(rows))
        return plan


def _rows(context, actions, config):
    """Return the rows of the actions, in their order."""
    parents = ordering.parents(actions)
    uuids = [utils.generate_uuid() for _ in actions]
    return [
        _row(
            objects.Action(
                context,
                uuid=uuids[index],
                parents=[uuids[parent] for parent in parents[index]],
                **actions[index],
            )
        )
        for index in ordering.order(actions, options.weights(config))
    ]


# What is created has its UUID before the first attempt: when that exists at
# the next one, the connection was lost between the commit and its answer.


def _create_plan(context, audit_id, solution, rows):
    """Create the plan with all its actions, and return it.

    In one transaction: a plan that is in the database can be started, and the
    decision engine can be stopped at any moment.

    :param rows: those of its actions, in their order.
    """
    uuid = utils.generate_uuid()

    @database.retried
    def create():
        strategy = objects.Strategy.get_by_name(
            context, solution.strategy.name
        )
        _insert(
            {
                'uuid': uuid,
                'audit_id': audit_id,
                'strategy_id': strategy.id,
                'state': objects.action_plan.State.RECOMMENDED,
                'global_efficacy': solution.global_efficacy,
                # Solutions of other strategies have none.
                'status_message': getattr(solution, 'status_message', None),
            },
            rows,
        )

    create()
    plan = _created_plan(context, uuid)
    notifier.send(notifications.action_plan.send_create, context, plan)
    return plan


@database.retried
def _created_plan(context, uuid):
    """Return the plan with all its fields."""
    return objects.ActionPlan.get_by_uuid(context, uuid, eager=True)


def _create_indicators(context, plan, indicators) -> None:
    """Create the efficacy indicators of the plan."""
    for indicator in indicators:
        _create_indicator(
            context,
            uuid=utils.generate_uuid(),
            action_plan_id=plan.id,
            name=indicator.name,
            description=indicator.description,
            unit=indicator.unit,
            value=indicator.value,
        )


@database.retried
def _create_indicator(context, **values) -> None:
    """Create an indicator, unless an earlier attempt has."""
    try:
        objects.EfficacyIndicator(context, **values).create()
    except watcher_exception.EfficacyIndicatorAlreadyExists:
        LOG.debug('Efficacy indicator %s was created', values['uuid'])


def _notify_of_actions(context, plan) -> None:
    """Notify of each action, as its ``create()`` would."""
    if not notifier.emitted(fields.NotificationPriority.INFO):
        return
    for action in _created(context, plan):
        notifier.send(notifications.action.send_create, context, action)


def _row(action):
    """Return the row of an action, with Watcher's defaults."""
    return {
        'state': objects.action.State.PENDING,
        'status_message': None,
        **action.obj_get_changes(),
    }


def _insert(plan, rows) -> None:
    """Insert the row of a plan and those of its actions, or none of them.

    Nothing, where an earlier attempt has.
    """
    try:
        with database.writer() as connection:
            inserted = connection.execute(
                sqlalchemy.insert(models.ActionPlan.__table__).values(plan)
            )
            (plan_id,) = inserted.inserted_primary_key
            left = ({**row, 'action_plan_id': plan_id} for row in rows)
            while chunk := list(itertools.islice(left, _ROWS)):
                connection.execute(
                    sqlalchemy.insert(models.Action.__table__), chunk
                )
    except db_exception.DBDuplicateEntry:
        LOG.debug('Action plan %s was created', plan['uuid'])


@database.retried
def _created(context, plan):
    """Return the actions of the plan with all their fields, in its order."""
    return objects.Action.list(
        context, filters={'action_plan_id': plan.id}, eager=True
    )
