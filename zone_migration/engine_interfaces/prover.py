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

"""What the engine tells an action that looks whether a place is empty."""

from collections.abc import Callable
from collections.abc import Mapping

from zone_migration.logic.outcome import emptiness


class Prover:
    """An action that is run when all others of its plan have ended.

    The engine sets this on actions that are one.
    """

    #: Gives what became of the other actions, by the id of their server or
    #: volume; None under an engine that does not run it as the last.
    acts: Callable[[], Mapping[str, emptiness.Act]] | None = None
