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

"""The plan that is meant by a name, a UUID, or nothing."""

from collections.abc import Collection
import itertools

from zone_migration.logic.audit import schema
from zone_migration.osc import names
from zone_migration.osc import records
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

#: Among how many of the newest plans, and of those that were changed last,
#: one in a preferred state is looked for.
_LOOKED_AT = 20


def find(
    watcher: watcher_api.Watcher,
    name_or_id: str | None,
    preferred: Collection[str] = (),
) -> records.Plan:
    """The plan that is meant by this.

    :param name_or_id: the name or UUID of its audit, or its own UUID;
        None for the newest plan of this plugin's strategy, but for those
        that only enable hosts again, or are only read.
    :param preferred: states; where one of the newest plans, or of those
        that were changed last, is in such a state, it is meant before newer
        ones in others.  So it is among several plans of an audit.
    :raises NotFound: when there is none.
    """
    if name_or_id is None:
        return _newest(watcher, preferred)
    if not name_or_id:
        # As of a shell variable that is not set.
        raise watcher_errors.NotFound(
            'The name of the plan is empty: give one, or leave it out for '
            'the newest plan.'
        )
    try:
        found = watcher.plans_of(watcher.audit(name_or_id).uuid)
    except watcher_errors.NotFound:
        return _by_uuid(watcher, name_or_id)
    if not found:
        raise watcher_errors.NotFound(f'The audit {name_or_id} has no plan.')
    return next((plan for plan in found if plan.state in preferred), found[0])


def _newest(
    watcher: watcher_api.Watcher, preferred: Collection[str]
) -> records.Plan:
    """The newest plan that moves something; see :func:`find`."""
    for plan in itertools.chain(
        _in_states(watcher, preferred), watcher.plans()
    ):
        if plan.strategy == watcher_api.STRATEGY and _moves(watcher, plan):
            return plan
    raise watcher_errors.NotFound(
        'There is no plan of this plugin yet: make one with "openstack '
        'optimize zone plan".'
    )


def _in_states(
    watcher: watcher_api.Watcher, states: Collection[str]
) -> list[records.Plan]:
    """The plans in these states, as far as they are seen soon.

    The engine writes into a plan that runs every ten seconds, whatever else
    is planned meanwhile.
    """
    if not states:
        return []
    found = {
        plan.uuid: plan
        for by in ('created_at', 'updated_at')
        for plan in itertools.islice(watcher.plans(by=by), _LOOKED_AT)
        if plan.state in states
    }
    newest = sorted(
        found.values(), key=lambda plan: plan.created_at, reverse=True
    )
    # One that runs before one that waits behind it.
    runs = any(plan.state in ('ONGOING', 'CANCELLING') for plan in newest)
    return sorted(newest, key=lambda plan: runs and plan.state == 'PENDING')


def _moves(watcher: watcher_api.Watcher, plan: records.Plan) -> bool:
    """Whether a plan is made to move something.

    Others enable hosts again, or are made only to be read.
    """
    if not plan.audit_uuid:
        return True
    try:
        audit = watcher.audit(plan.audit_uuid)
    except watcher_errors.NotFound:
        return True
    if audit.name.startswith(names.LIST):
        return False
    wanted = ('servers_wanted', 'volumes_wanted')
    return any(
        plan.indicators.get(name) for name in wanted
    ) or audit.parameters.keys().isdisjoint(schema.ENABLING)


def _by_uuid(watcher: watcher_api.Watcher, uuid: str) -> records.Plan:
    """The plan with that UUID.

    :raises NotFound: when there is none, in words that fit a name, too.
    """
    try:
        return watcher.plan(uuid)
    except (watcher_errors.Forbidden, watcher_errors.Unavailable):
        raise
    except watcher_errors.WatcherError as error:
        raise watcher_errors.NotFound(
            f'There is neither an audit nor a plan {uuid}: '
            '"openstack optimize audit list" shows the names.'
        ) from error
