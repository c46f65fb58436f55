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

"""The border to Watcher's API: python-watcherclient."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
from typing import Any
import urllib.parse

from zone_migration.osc import clock as clocks
from zone_migration.osc import patience
from zone_migration.osc import records
from zone_migration.osc import watcher_errors

GOAL = 'zone_migration'
STRATEGY = 'parallel_migration'

#: How many plans are asked for at once.
_PAGE = 20


class Watcher:
    """Watcher's API, as far as the commands use it.

    :param client: watcherclient's, of API 1.
    :param tell: tells the user that a request is tried again.
    """

    def __init__(
        self,
        client: Any,
        clock: clocks.Clock | None = None,
        tell: Callable[[str], object] = lambda line: None,
    ) -> None:
        self._client = client
        self.patience = patience.Patience(clock or clocks.Clock(), tell)

    @contextlib.contextmanager
    def asked_repeatedly(self) -> Iterator[None]:
        """Let each request be tried once, for who asks again."""
        with self.patience.none():
            yield

    @watcher_errors.translate
    def create_audit(
        self, name: str, parameters: Mapping[str, Any], force: bool = False
    ) -> records.Audit:
        """Create an audit of this plugin's strategy, and return it.

        :param parameters: of the strategy.
        :param force: run it although a plan is ONGOING.
        :raises Conflict: when there is one with that name.
        """
        return records.audit(
            self._client.audit.create(
                name=name,
                goal=GOAL,
                strategy=STRATEGY,
                audit_type='ONESHOT',
                parameters=dict(parameters),
                force=force,
            )
        )

    @patience.patient
    def audit(self, name_or_id: str) -> records.Audit:
        """The audit with that name or UUID.

        :raises NotFound: when there is none.
        """
        none = watcher_errors.NotFound(f'There is no audit {name_or_id}.')
        if name_or_id in ('.', '..'):
            raise none  # It would lead to another path.
        # The client puts it in a path as it is: a name may hold a "#".
        found = records.audit(
            self._client.audit.get(urllib.parse.quote(name_or_id, safe=''))
        )
        # Watcher takes "rack.json" for "rack" in JSON, and its database may
        # take "Rack" for it.
        if name_or_id != found.name and name_or_id.lower() != found.uuid:
            raise none
        return found

    @patience.patient
    def delete_audit(self, uuid: str) -> None:
        """Delete an audit that has ended."""
        self._client.audit.delete(uuid)

    @patience.patient
    def delete_plan(self, uuid: str) -> None:
        """Delete a plan that does not run."""
        self._client.action_plan.delete(uuid)

    @patience.patient
    def plan(self, uuid: str) -> records.Plan:
        """The plan with that UUID.

        :raises NotFound: when there is none.
        """
        return records.plan(self._client.action_plan.get(uuid))

    @patience.patient
    def plans_of(
        self, audit_uuid: str, limit: int = _PAGE
    ) -> list[records.Plan]:
        """The newest plans of an audit, the newest first.

        A CONTINUOUS audit has one of each time that it was run.
        """
        found = self._client.action_plan.list(
            audit=audit_uuid,
            limit=limit,
            sort_key='created_at',
            sort_dir='desc',
            detail=True,
        )
        return [records.plan(one) for one in found]

    def plan_of(self, audit_uuid: str) -> records.Plan | None:
        """The newest plan of an audit, None when it has none."""
        return next(iter(self.plans_of(audit_uuid, 1)), None)

    def name_of(self, plan: records.Plan) -> str:
        """What a plan is called by: its audit's name, or else its UUID.

        The name means the newest plan of the audit.
        """
        # Asked for the audit '', Watcher lists all.
        if not plan.audit_uuid:
            return plan.uuid
        try:
            name = self.audit(plan.audit_uuid).name
        except watcher_errors.NotFound:
            return plan.uuid
        newest = self.plan_of(plan.audit_uuid)
        return name if newest and newest.uuid == plan.uuid else plan.uuid

    def plans(self, by: str = 'created_at') -> Iterator[records.Plan]:
        """All plans, of all strategies, the newest first, page by page.

        :param by: the time that they are sorted by, ``created_at`` or
            ``updated_at``; those that were never changed are the last in
            MySQL, and the first in PostgreSQL.
        """
        marker = None
        while True:
            page = self._page_of_plans(marker, by)
            yield from page
            if len(page) < _PAGE:
                return
            marker = page[-1].uuid

    @patience.patient
    def _page_of_plans(
        self, marker: str | None, by: str
    ) -> list[records.Plan]:
        """The plans after the one with that UUID."""
        found = self._client.action_plan.list(
            limit=_PAGE,
            sort_key=by,
            sort_dir='desc',
            detail=True,
            marker=marker,
        )
        return [records.plan(one) for one in found]

    @patience.patient
    def actions(self, plan_uuid: str) -> list[records.Action]:
        """All actions of a plan, however many."""
        found = self._client.action.list(
            action_plan=plan_uuid, limit=0, detail=True
        )
        return [records.action(one) for one in found]

    @patience.patient
    def changed_actions(
        self, plan_uuid: str, limit: int
    ) -> list[records.Action]:
        """The actions of a plan that were changed last, the newest first."""
        found = self._client.action.list(
            action_plan=plan_uuid,
            limit=limit,
            sort_key='updated_at',
            sort_dir='desc',
            detail=True,
        )
        return [records.action(one) for one in found]

    @patience.patient
    def start(self, plan: records.Plan) -> None:
        """Start a RECOMMENDED plan.

        :raises WatcherError: when it is in another state.
        """
        self._client.action_plan.start(plan.uuid)

    @patience.patient
    def cancel(self, plan: records.Plan) -> None:
        """Cancel a plan that has not ended."""
        self._client.action_plan.cancel(plan.uuid)

    @patience.patient
    def skip(self, action: records.Action, reason: str) -> None:
        """Set a PENDING action to SKIPPED.

        :raises Conflict: when its plan runs already.
        """
        given = {'/state': 'SKIPPED'}
        if reason:
            given['/status_message'] = reason
        self._client.action.update(
            action.uuid,
            [
                {'op': 'replace', 'path': path, 'value': value}
                for path, value in given.items()
            ],
        )

    @patience.patient
    def parameters_spec(self) -> Mapping[str, Any]:
        """The schema that Watcher validates the parameters with.

        :raises NotFound: when the strategy is not installed there.
        """
        spec = self._client.strategy.get(STRATEGY).parameters_spec
        return spec if isinstance(spec, Mapping) else {}
