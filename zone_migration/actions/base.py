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

"""The base of all actions: a schema, a description, the recovery's hook."""

import voluptuous
from watcher.applier.actions import base

from zone_migration import exception
from zone_migration.actions import parameters
from zone_migration.applier_recovery import applier_startup_hook


class Action(base.BaseAction):
    """An action whose parameters are checked with voluptuous."""

    #: The voluptuous schema of the input parameters.
    SCHEMA: voluptuous.Schema
    #: One sentence for ``openstack optimize`` and the logs.
    DESCRIPTION: str

    @property
    def schema(self) -> voluptuous.Schema:
        """The schema of the input parameters."""
        return self.SCHEMA

    def validate_parameters(self) -> bool:
        """Check the input parameters.

        Watcher's own check is for JSON schemas, and it says which keyword of
        the schema was violated; this one says which parameter, and why.

        :raises InvalidActionParameters: naming each wrong parameter.
        """
        try:
            self.SCHEMA(self.input_parameters)
        except voluptuous.MultipleInvalid as error:
            raise exception.InvalidActionParameters(
                action=type(self).__name__,
                faults=parameters.faults(error),
            ) from error
        return True

    def get_description(self) -> str:
        """Return one sentence; asking also starts the recovery.

        See :mod:`~zone_migration.applier_recovery.applier_startup_hook`.
        """
        applier_startup_hook.recover_once()
        return self.DESCRIPTION
