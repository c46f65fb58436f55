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

"""The calls that the thread of a plan makes, also those of other threads.

Nothing that is raised in one ends the plan.
"""

from collections.abc import Callable
import functools
import queue

from oslo_log import log

LOG = log.getLogger(__name__)


class PlanCalls:
    """The calls of the thread of one plan.

    :param plan: the action plan.
    """

    def __init__(self, plan) -> None:
        self._plan = plan
        self._submitted: queue.Queue[Callable[[], None]] = queue.Queue()

    def call(self, function: Callable[..., None], *args) -> None:
        """Call a function; what it raises is logged."""
        try:
            function(*args)
        except Exception:
            LOG.exception('Action plan %s goes on after this', self._plan.uuid)

    def submit(self, function: Callable[..., None], *args) -> None:
        """Have a function called in the thread of the plan, from any thread.

        :meth:`run_submitted` waits for it.
        """
        self._submitted.put(functools.partial(function, *args))

    def wake(self) -> None:
        """End the waiting of :meth:`run_submitted`."""
        self.submit(lambda: None)

    def run_submitted(
        self, timeout: float, between: Callable[[], None]
    ) -> None:
        """Wait for a call that was submitted, and make all there are.

        :param timeout: how long to wait, in seconds.
        :param between: called between two of them.
        """
        try:
            self.call(self._submitted.get(timeout=timeout))
            while True:
                self.call(between)
                self.call(self._submitted.get_nowait())
        except queue.Empty:
            pass
