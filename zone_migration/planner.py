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

from oslo_log import log
from watcher import objects
from watcher.common import utils
from watcher.decision_engine.planner import base

from zone_migration.conf import planner as options
from zone_migration.logic import ordering

LOG = log.getLogger(__name__)


class DefaultPlanner(base.BasePlanner):
    """Orders by weight and expected duration, without any waves.

    Parents are only what an action truly depends on, so any engine can run
    the plan.
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
        plan = self._create_plan(context, audit_id, solution)
        self._create_indicators(context, plan, solution.efficacy_indicators)
        actions = solution.actions
        parents = ordering.parents(actions)
        uuids = [utils.generate_uuid() for _ in actions]
        order = ordering.order(actions, self._weights())
        for index in order:
            objects.Action(
                context,
                uuid=uuids[index],
                action_plan_id=plan.id,
                parents=[uuids[parent] for parent in parents[index]],
                **actions[index],
            ).create()
        if not order:
            LOG.warning('Action plan %s is empty', plan.uuid)
            plan.state = objects.action_plan.State.SUCCEEDED
            plan.save()
        LOG.info('Action plan %s has %d actions', plan.uuid, len(order))
        return plan

    def _weights(self) -> dict[str, int]:
        return {
            action_type: int(weight)
            for action_type, weight in self.config.weights.items()
        }

    @staticmethod
    def _create_plan(context, audit_id, solution):
        strategy = objects.Strategy.get_by_name(
            context, solution.strategy.name
        )
        plan = objects.ActionPlan(
            context,
            uuid=utils.generate_uuid(),
            audit_id=audit_id,
            strategy_id=strategy.id,
            state=objects.action_plan.State.RECOMMENDED,
            global_efficacy=solution.global_efficacy,
        )
        plan.create()
        return plan

    @staticmethod
    def _create_indicators(context, plan, indicators) -> None:
        for indicator in indicators:
            objects.EfficacyIndicator(
                context,
                uuid=utils.generate_uuid(),
                action_plan_id=plan.id,
                name=indicator.name,
                description=indicator.description,
                unit=indicator.unit,
                value=indicator.value,
            ).create()
