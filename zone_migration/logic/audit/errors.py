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

"""The faults of the parameters of an audit, and the error with them all."""

import dataclasses

from zone_migration.logic import messages


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where; its text is a line of the log.

    >>> str(Fault('params.vm', 'is not an object'))
    'params.vm: is not an object'
    """

    path: str
    text: str

    def __str__(self) -> str:
        return messages.escaped(f'{self.path}: {self.text}')


class InvalidParameters(ValueError):
    """The parameters of an audit cannot be used.

    :ivar faults: everything that is wrong with them.
    """

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__('; '.join(str(fault) for fault in faults))
