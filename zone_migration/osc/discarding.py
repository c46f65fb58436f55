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

"""The deletion of a plan that was made only to be read."""

from collections.abc import Iterator
import contextlib
from typing import TextIO

from zone_migration.osc import records
from zone_migration.osc import signals
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors


def discard(
    watcher: watcher_api.Watcher, audit: records.Audit, stderr: TextIO
) -> None:
    """Delete an audit and its plan, or tell that they are left."""
    try:
        plan = watcher.plan_of(audit.uuid)
        if plan is not None:
            # What is gone already was deleted by a try without an answer.
            with contextlib.suppress(watcher_errors.NotFound):
                watcher.delete_plan(plan.uuid)
        with contextlib.suppress(watcher_errors.NotFound):
            watcher.delete_audit(audit.uuid)
    except watcher_errors.WatcherError as error:
        print(
            f"The plan '{audit.name}' is left, do not start it: {error}",
            file=stderr,
        )


@contextlib.contextmanager
def unless_done(
    watcher: watcher_api.Watcher, audit: records.Audit, stderr: TextIO
) -> Iterator[None]:
    """Discard an audit on Control-C, on SIGTERM, and on each error."""
    with signals.ended_afterwards():
        try:
            yield
        except BaseException:
            discard(watcher, audit, stderr)
            raise
