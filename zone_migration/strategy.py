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

"""The strategy ``parallel_migration``: from an audit to a solution."""

from oslo_log import log
from watcher.decision_engine.strategy.strategies import base

from zone_migration import client
from zone_migration import conf
from zone_migration import exception
from zone_migration import inventory
from zone_migration.conf import workflow_engine
from zone_migration.logic import messages
from zone_migration.logic.audit import consistency
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import scope
from zone_migration.logic.audit import selection
from zone_migration.logic.outcome import holders
from zone_migration.logic.outcome import states
from zone_migration.logic.outcome import summary_text
from zone_migration.logic.plan import backends
from zone_migration.logic.plan import efficacy
from zone_migration.logic.plan import estimate
from zone_migration.logic.plan import hosts
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.plan import proofs
from zone_migration.logic.preflight import evaluation
from zone_migration.logic.preflight import results
from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import limits

CONF = conf.CONF
LOG = log.getLogger(__name__)


class ParallelMigrationStrategy(base.BaseStrategy):
    """Move what the audit names, as fast as the limits allow."""

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        self.planner = CONF.zone_migration.planner
        # Watcher validates an audit that names only the goal on this
        # instance, where a refusal reaches nobody (the audit is FAILED and
        # says nothing); do_execute validates it and says what is wrong.
        self.get_schema = dict

    @classmethod
    def get_name(cls) -> str:
        """The name of the entry point."""
        return limits.STRATEGY

    @classmethod
    def get_display_name(cls) -> str:
        """The name that Horizon shows."""
        return 'Parallel migration of servers and volumes'

    @classmethod
    def get_translatable_display_name(cls) -> str:
        """The name that could be translated."""
        return 'Parallel migration of servers and volumes'

    @classmethod
    def get_goal_name(cls) -> str:
        """The goal that it achieves."""
        return 'zone_migration'

    @classmethod
    def get_schema(cls):
        """The JSON schema that Watcher's API validates audits with."""
        return schema.SCHEMA

    @classmethod
    def get_config_opts(cls):
        """No options of its own: it asks no datasource for metrics."""
        return []

    def pre_execute(self) -> None:
        """Do nothing: Nova and Cinder are asked, not the cluster model."""

    def do_execute(self, audit=None) -> None:
        """Fill the solution.

        :raises InvalidAuditParameters: when the parameters cannot be used.
        :raises CloudRequestFailed: when Nova or Cinder do not tell what they
            have.
        :raises PlanningFailed: for what nobody has foreseen.
        """
        try:
            with exception.translate_cloud_errors():
                self._plan(audit)
        except errors.InvalidParameters as error:
            faults = [str(fault) for fault in error.faults]
            LOG.error(
                'Audit %s cannot be planned: %s',
                _uuid(audit),
                '; '.join(faults),
            )
            self._set_message(audit, messages.fit_all(faults))
            raise exception.InvalidAuditParameters(
                faults='; '.join(faults)
            ) from error
        except exception.CloudRequestFailed as error:
            self._set_message(audit, messages.fit(str(error)))
            raise
        except Exception as error:
            # Whatever it is, Watcher makes the audit FAILED and says why in
            # its log only: without this place nobody learns it from the
            # audit.
            text = messages.escaped(
                f'fault in the planning: {type(error).__name__}: {error}'
            )
            LOG.exception('Audit %s cannot be planned: %s', _uuid(audit), text)
            self._set_message(audit, messages.fit(text))
            raise exception.PlanningFailed(reason=text) from error

    def _plan(self, audit) -> None:
        """Fill the solution, and tell the audit what it comes to."""
        request = parsing.parse(dict(self.input_parameters))
        consistency.check_limits(
            request, workflow_engine.ceilings(CONF[workflow_engine.GROUP])
        )
        cloud = client.cloud_of(self.osc, CONF)
        limited = scope.parse(self.audit_scope)
        found = inventory.collect(cloud, request, limited)
        report = results.Report()
        places = proofs.indicators(selection.Selection(), found)
        if request.enable_compute_nodes or request.enable_storage_pools:
            actions, text = _plan_enabling(request, found)
            told = [text]
        else:
            report, actions, told, places = self._plan_moves(
                cloud, request, found, _uuid(audit)
            )
        bandwidth = estimate.Bandwidth(
            memory=CONF.zone_migration.expected_memory_bandwidth,
            volume=CONF.zone_migration.expected_volume_bandwidth,
        )
        self._fill_solution(estimate.with_durations(actions, bandwidth))
        self.solution.set_efficacy_indicators(
            **efficacy.indicators(
                report,
                actions,
                self._estimate(request.limits, bandwidth),
                places,
            )
        )
        for risk in report.risks:
            LOG.warning('Audit %s: %s', _uuid(audit), messages.escaped(risk))
        # The plan says it, too: Horizon does not show what an audit says.
        self.solution.status_message = messages.fit_all(
            (*told, *report.risks)
        )
        self._set_message(audit, self.solution.status_message)

    def _plan_moves(self, cloud, request, found, audit_uuid: str):
        """Plan the moves of servers and volumes.

        :param found: the inventory of what the audit is about.
        :returns: the preflight results, the actions, the texts for the
            operator, the indicators of what is emptied.
        :raises InvalidParameters: when all are to be moved and some cannot.
        """
        selected = selection.select(request, found)
        planned_actions.check_destinations(request, found)
        found = inventory.examine(
            cloud, found, selected, CONF.zone_migration.scheduler_filters
        )
        closing = []
        if request.disable_storage_pools:
            closing = backends.disabling(selected, found, audit_uuid)
            found = backends.once_closed(selected, found)
        report = evaluation.evaluate(request, selected, found)
        if report.stuck and request.all_or_nothing:
            raise errors.InvalidParameters(
                planned_actions.faults_of_stuck(report, found)
            )
        if request.disable_compute_nodes:
            closing = (
                hosts.disabling(selected.hosts, found.hosts, audit_uuid)
                + closing
            )
        actions = closing + planned_actions.plan(report, found)
        text = summary_text.outlook(
            report.to_move,
            report.already_there,
            len(report.stuck),
            report.left_out,
            selected.excluded,
            report.ways if request.downtime.is_given else None,
            report.others,
        )
        held = proofs.held(selected, report, found)
        for sentence in holders.outlook(held):
            LOG.warning('Audit %s: %s', audit_uuid, sentence)
        if proofs.are_wanted(self.planner, actions):
            actions += proofs.planned(selected, report, found)
        told = [text, *holders.of_all(held)]
        return report, actions, told, proofs.indicators(selected, found)

    def post_execute(self) -> None:
        """Do nothing: nothing is left to do."""

    @staticmethod
    def _set_message(audit, text: str) -> None:
        """Tell whoever looks at the audit; Watcher saves it with its state."""
        if audit is not None:
            audit.status_message = text

    def _fill_solution(
        self, actions: list[planned_actions.PlannedAction]
    ) -> None:
        """Add the actions to the solution, some of them as SKIPPED."""
        # Not with add_action: it compares each action with all before it,
        # and cannot say that one is to be SKIPPED.
        for action in actions:
            planned = {
                'action_type': action.action_type,
                'input_parameters': {
                    'resource_id': action.resource_id,
                    **action.parameters,
                },
            }
            if action.skip_reason:
                planned['state'] = states.SKIPPED
                planned['status_message'] = messages.fit(action.skip_reason)
            self.solution.actions.append(planned)

    def _estimate(self, asked, bandwidth: estimate.Bandwidth) -> float:
        """Return how long the solution takes at least, in seconds.

        :param asked: the limits that the audit sets.
        """
        section = CONF[workflow_engine.GROUP]
        return estimate.seconds(
            self.solution.actions,
            limits.effective(
                asked,
                workflow_engine.defaults(section),
                workflow_engine.ceilings(section),
            ),
            bandwidth,
        )


def _plan_enabling(request, found):
    """Plan to enable hosts or backends.

    :param found: the inventory of what the audit is about.
    :returns: the actions, and a text for the operator.
    """
    kind = host_changes.HOST
    if request.enable_storage_pools:
        kind = host_changes.BACKEND
        actions = hosts.enabling(
            request.enable_storage_pools, found.backends, kind=kind
        )
    else:
        actions = hosts.enabling(
            request.enable_compute_nodes, found.hosts, found.in_scope
        )
    stay = sum(1 for action in actions if action.skip_reason)
    return actions, summary_text.outlook_of_hosts(
        len(actions) - stay, stay, kind.short
    )


def _uuid(audit) -> str:
    """The UUID of an audit; '' where Watcher gives none."""
    return audit.uuid if audit is not None else ''
