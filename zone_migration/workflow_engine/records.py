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


"""Reading and writing of what Watcher's database keeps of a running plan.

Deadlocks and lost connections are the database's business, not a reason to
call a migration failed: they are tried again.
"""

from oslo_db import api as db_api
from watcher import objects

from zone_migration.logic import messages

retried = db_api.wrap_db_retry(
    max_retries=10, retry_on_deadlock=True, retry_on_disconnect=True
)


@retried
def read_plan(context, uuid: str):
    """The action plan as it is now."""
    return objects.ActionPlan.get_by_uuid(context, uuid)


@retried
def write_plan_message(uuid: str, text: str) -> None:
    """Say where a plan stands.

    Nothing but the message is written, since whoever cancels the plan writes
    its state meanwhile; and it is not notified of, as the plans of other
    strategies are to be notified of as under Watcher's own engine.
    """
    objects.ActionPlan.dbapi.update_action_plan(
        uuid, {'status_message': messages.fit(text)}
    )
