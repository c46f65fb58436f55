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

"""Disable or enable a storage backend of Cinder."""

from oslo_log import log
import voluptuous

from zone_migration import exception
from zone_migration import waiting
from zone_migration.actions import parameters
from zone_migration.actions import waiting_action
from zone_migration.client import backend_enabling
from zone_migration.client import exception as client_exception
from zone_migration.logic import storage_backends
from zone_migration.logic.outcome import backend_switch
from zone_migration.logic.outcome import disabled_services
from zone_migration.logic.schedule import host_changes

LOG = log.getLogger(__name__)


class ChangeCinderServiceStateAction(waiting_action.WaitingAction):
    """Keeps Cinder's scheduler from a backend, or lets it use that again.

    As ``change_nova_service_state`` of Watcher does for a compute host.
    """

    DESCRIPTION = 'Disables or enables a storage backend'
    SCHEMA = voluptuous.Schema({
        # host@backend
        voluptuous.Required('resource_id'): parameters.name,
        voluptuous.Optional('resource_name'): parameters.text,
        voluptuous.Required('state'): parameters.one_of(
            host_changes.DISABLED, host_changes.ENABLED),
        # Of what is enabled, the one that it was disabled for.
        voluptuous.Optional('disabled_reason'): parameters.text,
    })

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        # Whether that thaws what nothing shows to be frozen for this.
        self._thaws = False

    @exception.translate_cloud_errors()
    def pre_condition(self) -> None:
        """Look whether it may be brought into the state.

        :raises HasArrived: when it was begun before, and is in it.
        :raises HostLeftAlone: when it is not as it was when the plan was
            made.
        """
        seen = self._seen()
        state = self.input_parameters['state']
        reason = disabled_services.why_not(
            self._name, state, seen, host_changes.BACKEND)
        if not reason:
            return
        if self._was_begun and disabled_services.is_changed(
            state, self._reason, seen
        ):
            raise exception.HasArrived(reason=f'{self._name} is {state}')
        self._thaws = self._was_frozen_here(seen)
        if not self._thaws:
            raise exception.HostLeftAlone(reason=reason)

    @exception.translate_cloud_errors()
    def execute(self) -> bool:
        """Bring it into the state, and see that it is.

        :returns: True; it is.
        :raises MoveFailed: when it is not.
        :raises CloudRequestFailed: when Cinder does not do it, and the remedy.
        """
        state = self.input_parameters['state']
        LOG.info('%s: is to be %s', self, state)
        if state == host_changes.DISABLED:
            self._disable()
        else:
            self._enable()
        told = ''
        if self._thaws:
            told = ': it was thawed, whoever had frozen it'
        self._report_progress(f'{self._name} is {state}{told}')
        return True

    def post_condition(self) -> None:
        """Do nothing: what was done was seen."""

    @exception.translate_cloud_errors()
    def revert(self) -> None:
        """Enable what it has disabled; what it has enabled stays so.

        The engine ``parallel`` does not ask for it: it leaves a backend to
        other plans that rely on it.

        :raises CloudRequestFailed: when Cinder does not do it, and the remedy.
        """
        if self.input_parameters['state'] != host_changes.DISABLED:
            return
        if self._is_disabled():
            self._enable()

    def abort(self) -> bool:
        """Do nothing: it is over in a moment."""
        return False

    @property
    def _name(self) -> str:
        """The backend."""
        return str(self.input_parameters['resource_id'])

    @property
    def _reason(self) -> str:
        """The reason that the action gives."""
        return str(self.input_parameters.get('disabled_reason', ''))

    @property
    def _was_begun(self) -> bool:
        """Whether an applier that was stopped may have begun it."""
        return bool(self.begun_at) or self.may_have_begun

    def _seen(self) -> storage_backends.Backend | None:
        """What Cinder shows of the backend."""
        return self.cloud.cinder.backend(self._name)

    def _is_disabled(self) -> bool:
        """Whether it is disabled for this."""
        return disabled_services.is_changed(
            host_changes.DISABLED, self._reason, self._seen()
        )

    def _was_frozen_here(self, seen: storage_backends.Backend | None) -> bool:
        """Whether a stopped applier may have frozen it to enable it."""
        return (
            self._was_begun
            and self.input_parameters['state'] == host_changes.ENABLED
            and seen is not None
            and seen.frozen
        )

    def _enable(self) -> None:
        """Enable it.

        :raises MoveFailed: when it stays disabled, and the remedy.
        """
        try:
            backend_enabling.enable(
                self.cloud.cinder, self._name, self._was_begun)
        except client_exception.BackendIsNotOurs as error:
            raise exception.MoveFailed(
                reason=f'{self._name} is not enabled: {error}') from error
        except client_exception.BackendStaysDisabled as error:
            told = f'{self._name} stays disabled: {error}'
            # The thaw enables it as well.
            if backend_switch.may_be_frozen(self._name) not in told:
                told += '; enable_storage_pools enables it'
            raise exception.MoveFailed(reason=told) from error

    def _disable(self) -> None:
        """Disable it.

        :raises MoveFailed: when it is not disabled, whatever Cinder says.
        """
        try:
            self.cloud.cinder.disable_backend(self._name, self._reason)
        except client_exception.AnswerLost as error:
            LOG.warning('%s: %s; looking what has become of it', self, error)
            is_disabled = waiting.settles(self._is_disabled)
        else:
            is_disabled = self._is_disabled()
        if not is_disabled:
            raise exception.MoveFailed(
                reason=f'Cinder was asked to disable {self._name}, and it is '
                       'not, or for another reason'
            )
