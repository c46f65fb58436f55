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

"""The plans that this process runs, each once.

A plan that goes on may be cast twice: an applier was stopped twice before it
had got the first of them.  Watcher runs it for each.
"""

from collections.abc import Callable
import functools
import threading

from oslo_log import log
from watcher.common import exception as watcher_exception

from zone_migration import exception

LOG = log.getLogger(__name__)

_lock = threading.Lock()
_running: set[str] = set()
#: What makes what the running of a plan has raised, if anything, by its UUID.
#: An exception itself would keep all that its frames have: the whole plan.
_ended: dict[str, Callable[[], Exception] | None] = {}


def knows(uuid: str) -> bool:
    """Whether this process runs a plan, or has run it."""
    with _lock:
        return uuid in _running or uuid in _ended


def has_ended(uuid: str) -> bool:
    """Whether this process has run a plan to its end."""
    with _lock:
        return uuid in _ended


def forget(uuid: str) -> None:
    """Let a plan that has ended here be run once more."""
    with _lock:
        _ended.pop(uuid, None)


def run_once(uuid: str, run: Callable[[], None]) -> bool:
    """Run a plan, unless this process has; end it as that has ended.

    :param run: raises what Watcher is to make of the plan.
    :returns: whether it was run now.
    :raises ActionPlanCancelled: when it was cancelled.
    :raises WorkflowExecutionException: when it has ended with another
        exception.
    :raises PlanIsLost: when it is being run, or somebody else has it.
    """
    with _lock:
        is_running, was_run = uuid in _running, uuid in _ended
        make_error = _ended.get(uuid)
        if not was_run:
            _running.add(uuid)
    if was_run:
        LOG.warning('Action plan %s has ended here already', uuid)
        if make_error is not None:
            raise make_error()
        return False
    if is_running:
        LOG.warning('Action plan %s is running here already', uuid)
        raise exception.PlanIsLost(uuid)
    ended: Callable[[], Exception] | None = None
    is_lost = False
    try:
        run()
    except exception.PlanIsLost:
        # It may come back.
        is_lost = True
        raise
    except watcher_exception.ActionPlanCancelled:
        ended = functools.partial(
            watcher_exception.ActionPlanCancelled, uuid=uuid
        )
        raise
    except BaseException as error:
        ended = functools.partial(
            watcher_exception.WorkflowExecutionException,
            error=f'{type(error).__name__}: {error}',
        )
        raise
    finally:
        with _lock:
            _running.discard(uuid)
            if not is_lost:
                _ended[uuid] = ended
    return True
