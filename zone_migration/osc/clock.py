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

"""Time, as the commands take it: what it is, and how it passes."""

from collections.abc import Callable
import dataclasses
import datetime
import threading
import time


@dataclasses.dataclass(frozen=True)
class Clock:
    """Time: what it is, how much has passed, and how it passes."""

    now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(
        datetime.timezone.utc
    )
    #: Seconds.
    passed: Callable[[], float] = time.monotonic
    wait: Callable[[float], object] = threading.Event().wait
