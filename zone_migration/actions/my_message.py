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

"""Write a message to the log."""

from oslo_log import log
import voluptuous

from zone_migration.actions import base
from zone_migration.actions import parameters

LOG = log.getLogger(__name__)


class MyMessageAction(base.Action):
    """Logs its message, to mark a place in a plan."""

    DESCRIPTION = 'Logs a message'
    SCHEMA = voluptuous.Schema({
        voluptuous.Required('message'): parameters.text,
        voluptuous.Optional('resource_id'): parameters.text,
    })

    def pre_condition(self) -> None:
        """Do nothing: no condition has to hold."""

    def execute(self) -> bool:
        """Log the message."""
        LOG.info('my_message: %s', self.input_parameters['message'])
        return True

    def post_condition(self) -> None:
        """Do nothing: nothing is left to see."""

    def revert(self) -> None:
        """Do nothing: what is logged stays logged."""

    def abort(self) -> bool:
        """Do nothing: it is over before it could be aborted."""
        return False
