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

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import logging
from typing import Any
import urllib.parse

from zone_migration.osc import names
from zone_migration.osc import records
from zone_migration.osc import watcher_errors

GOAL = 'zone_migration'
STRATEGY = 'parallel_migration'

#: How many plans are asked for at once when the newest of ours is looked for.
_PAGE = 20

#: How long an answer may take, in seconds, unless the user has said so.
_PATIENCE = 60.0


class Watcher:
    """Watcher's API, as far as the commands use it.

    :param client: watcherclient's, of API 1.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def limit_waiting(self) -> None:
        """Wait for no answer longer than a minute, or as the user has said.

        Otherwise watcherclient waits as long as the connection lasts.
        """
        session = self._client.http_client.session
        session.timeout = session.timeout or _PATIENCE

    @contextlib.contextmanager
    def asked_repeatedly(self) -> Iterator[None]:
        """Let each request fail soon and silently, for who asks again.

        Otherwise watcherclient tries each six times, and logs what fails.
        """
        http = self._client.http_client
        log = logging.getLogger('watcherclient')
        before = http.conflict_max_retries, log.level
        http.conflict_max_retries = 0
        log.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            http.conflict_max_retries = before[0]
            log.setLevel(before[1])

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

    @watcher_errors.translate
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

    @watcher_errors.translate
    def delete_audit(self, uuid: str) -> None:
        """Delete an audit that has ended."""
        self._client.audit.delete(uuid)

    @watcher_errors.translate
    def delete_plan(self, uuid: str) -> None:
        """Delete a plan that does not run."""
        self._client.action_plan.delete(uuid)

    @watcher_errors.translate
    def plan(self, uuid: str) -> records.Plan:
        """The plan with that UUID.

        :raises NotFound: when there is none.
        """
        return records.plan(self._client.action_plan.get(uuid))

    @watcher_errors.translate
    def plan_of(self, audit_uuid: str) -> records.Plan | None:
        """The newest plan of an audit, None when it has none."""
        found = self._client.action_plan.list(
            audit=audit_uuid,
            limit=1,
            sort_key='created_at',
            sort_dir='desc',
            detail=True,
        )
        return records.plan(found[0]) if found else None

    def name_of(self, plan: records.Plan) -> str:
        """What a plan is called by: its audit's name, or else its UUID."""
        # Asked for the audit '', Watcher lists all.
        if not plan.audit_uuid:
            return plan.uuid
        try:
            return self.audit(plan.audit_uuid).name
        except watcher_errors.NotFound:
            return plan.uuid

    def find_plan(
        self, name_or_id: str | None, preferred: Collection[str] = ()
    ) -> records.Plan:
        """The plan that is meant by this.

        :param name_or_id: the name or UUID of its audit, or its own UUID;
            None for the newest plan of this plugin's strategy, but for those
            that only enable hosts again, or are only read.
        :param preferred: states; where one of the newest plans is in such a
            state, it is meant before newer ones in others.
        :raises NotFound: when there is none.
        """
        if not name_or_id:
            return self._newest_plan(preferred)
        try:
            found = self.plan_of(self.audit(name_or_id).uuid)
        except watcher_errors.NotFound:
            return self._plan_by_uuid(name_or_id)
        if found is None:
            raise watcher_errors.NotFound(
                f'The audit {name_or_id} has no plan.'
            )
        return found

    def _newest_plan(self, preferred: Collection[str]) -> records.Plan:
        """The newest plan that moves something; see :meth:`find_plan`."""
        newest = None
        for number, plan in enumerate(self.plans()):
            if newest and number >= _PAGE:
                break
            if plan.strategy != STRATEGY or not self._moves(plan):
                continue
            if not preferred or plan.state in preferred:
                return plan
            newest = newest or plan
        if newest:
            return newest
        raise watcher_errors.NotFound(
            'There is no plan of this plugin yet: make one with "openstack '
            'optimize zone plan".'
        )

    def _moves(self, plan: records.Plan) -> bool:
        """Whether a plan is made to move something.

        Others enable hosts again, or are made only to be read.
        """
        if not plan.audit_uuid:
            return True
        try:
            audit = self.audit(plan.audit_uuid)
        except watcher_errors.NotFound:
            return True
        if audit.name.startswith(names.LIST):
            return False
        wanted = ('servers_wanted', 'volumes_wanted')
        return (
            any(plan.indicators.get(name) for name in wanted)
            or 'enable_compute_nodes' not in audit.parameters
        )

    def _plan_by_uuid(self, uuid: str) -> records.Plan:
        """The plan with that UUID.

        :raises NotFound: when there is none, in words that fit a name, too.
        """
        try:
            return self.plan(uuid)
        except watcher_errors.WatcherError as error:
            if isinstance(error, watcher_errors.Unavailable):
                raise
            raise watcher_errors.NotFound(
                f'There is neither an audit nor a plan {uuid}: '
                '"openstack optimize audit list" shows the names.'
            ) from error

    def plans(self) -> Iterator[records.Plan]:
        """All plans, of all strategies, the newest first, page by page."""
        marker = None
        while True:
            page = self._page_of_plans(marker)
            yield from page
            if len(page) < _PAGE:
                return
            marker = page[-1].uuid

    @watcher_errors.translate
    def _page_of_plans(self, marker: str | None) -> list[records.Plan]:
        """The plans after the one with that UUID."""
        found = self._client.action_plan.list(
            limit=_PAGE,
            sort_key='created_at',
            sort_dir='desc',
            detail=True,
            marker=marker,
        )
        return [records.plan(one) for one in found]

    @watcher_errors.translate
    def actions(self, plan_uuid: str) -> list[records.Action]:
        """All actions of a plan, however many."""
        found = self._client.action.list(
            action_plan=plan_uuid, limit=0, detail=True
        )
        return [records.action(one) for one in found]

    @watcher_errors.translate
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

    @watcher_errors.translate
    def start(self, plan: records.Plan) -> None:
        """Start a RECOMMENDED plan.

        :raises WatcherError: when it is in another state.
        """
        self._client.action_plan.start(plan.uuid)

    @watcher_errors.translate
    def cancel(self, plan: records.Plan) -> None:
        """Cancel a plan that has not ended."""
        self._client.action_plan.cancel(plan.uuid)

    @watcher_errors.translate
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

    @watcher_errors.translate
    def parameters_spec(self) -> Mapping[str, Any]:
        """The schema that Watcher validates the parameters with.

        :raises NotFound: when the strategy is not installed there.
        """
        spec = self._client.strategy.get(STRATEGY).parameters_spec
        return spec if isinstance(spec, Mapping) else {}
