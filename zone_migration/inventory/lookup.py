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

"""Finding servers and volumes by their ids, one by one or in listings."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from typing import TypeVar

from oslo_log import log

from zone_migration import client
from zone_migration.client import at_once
from zone_migration.client import exception
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources

LOG = log.getLogger(__name__)

#: Up to so many servers or volumes are asked for by their ids, one by one.
MAX_BY_ID = 10

Thing = TypeVar('Thing')


def most_by_id(found: cloud_inventory.Inventory) -> int:
    """How many at most are asked for by their ids, and not with a listing.

    Where hosts or pools were asked for, as many as were found there: what is
    asked then grows with these, and not with the cloud around them.
    """
    return max(
        MAX_BY_ID,
        (0 if found.asked_hosts is None else len(found.servers))
        + (0 if found.asked_pools is None else len(found.volumes)),
    )


def servers(
    cloud: client.Cloud, ids: Collection[str], most: int = MAX_BY_ID
) -> dict[str, resources.Server]:
    """The servers with these ids that exist, by id.

    :param most: for more of them, everything is listed.
    """
    if len(ids) <= most:
        return existing(
            by_id(lambda id_: cloud.nova.server(id_, whole=True), ids)
        )
    listed = cloud.nova.servers(whole=True)
    return existing({id_: listed.get(id_) for id_ in ids})


def volumes(
    cloud: client.Cloud, ids: Collection[str], most: int = MAX_BY_ID
) -> dict[str, resources.Volume]:
    """The volumes with these ids that exist, by id.

    :param most: see :func:`servers`.
    """
    found: dict[str, resources.Volume] = {}
    if MAX_BY_ID < len(ids) <= most:
        found = cloud.cinder.volumes_of(ids)
    # The rest is deleted, unless this Cinder takes no list of ids.
    rest = [id_ for id_ in ids if id_ not in found]
    if len(rest) <= MAX_BY_ID:
        found.update(existing(by_id(cloud.cinder.volume, rest)))
    else:
        found = cloud.cinder.volumes()
    return existing({id_: found.get(id_) for id_ in ids})


def by_id(
    ask: Callable[[str], Thing], ids: Collection[str]
) -> dict[str, Thing]:
    """What is asked for by each of these ids, by id; of many a few at once."""
    ids = list(ids)
    if len(ids) <= MAX_BY_ID:
        return {id_: ask(id_) for id_ in ids}
    return dict(zip(ids, at_once.each(ask, ids), strict=True))


def existing(found: Mapping[str, Thing | None]) -> dict[str, Thing]:
    """The things that exist, of those that were asked for."""
    return {id_: thing for id_, thing in found.items() if thing is not None}


def optional(what: str, ask: Callable[[], Thing], otherwise: Thing) -> Thing:
    """The answer of a service, or a substitute where it may not be asked.

    :param what: what is not checked then, as the log says it.
    :raises CloudError: when a service fails in any other way.
    """
    try:
        return ask()
    except exception.ServiceNotFound as error:
        LOG.warning('Not checked: %s. %s', what, error)
    except exception.RequestRefused as error:
        if error.status not in (403, 404):
            raise
        LOG.warning('Not checked: %s. %s', what, error)
    return otherwise
