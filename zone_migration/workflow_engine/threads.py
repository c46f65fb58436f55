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

"""The threads that the actions of a plan run in, and those beside them."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import threading

import futurist

from zone_migration import exception

#: Threads when nothing else limits how many actions run at once.
_MOST = 1000


@contextlib.contextmanager
def pool(max_workers: int) -> Iterator:
    """Give a pool of at most so many threads, and wait for them in the end.

    Those of a plan that is lost end by themselves.
    """
    made = _make_pool(max_workers)
    waits = True
    try:
        yield made
    except exception.PlanIsLost:
        waits = False
        raise
    finally:
        made.shutdown(wait=waits)


def _make_pool(max_workers: int):
    """Return a pool of at most so many threads.

    Watcher's function gives green threads where Watcher runs under eventlet.
    It goes by ``watcher.eventlet``, which Watcher 17 deprecates; without that,
    threads are native.
    """
    try:
        from watcher.common import executor
    except ImportError:
        return futurist.ThreadPoolExecutor(max_workers)
    return executor.get_futurist_pool_executor(max_workers)


def pool_size(limit: int, count: int, begun: int = 0) -> int:
    """Return how many threads a pool needs for so many actions.

    :param limit: how many run at once; 0: nothing but the threads limits it.
    :param begun: how many run already, whatever the limit is now.
    """
    return max(min(limit or _MOST, count), begun)


def start(name: str, function: Callable[..., None], *args) -> threading.Thread:
    """Call a function in a thread that nobody has to wait for.

    Neither a pool nor the end of the process waits for it, nor does anybody
    learn that it has ended with PlanIsLost.
    """

    def call() -> None:
        with contextlib.suppress(exception.PlanIsLost):
            function(*args)

    thread = threading.Thread(target=call, name=name, daemon=True)
    thread.start()
    return thread
