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

"""Finding servers and volumes, one by one or in listings."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from typing import TypeVar

from oslo_log import log

from zone_migration import client
from zone_migration.client import exception
from zone_migration.logic import resources

LOG = log.getLogger(__name__)

#: Up to so many servers or volumes are asked for by their ids, one by one.
MAX_BY_ID = 10

Thing = TypeVar('Thing')


def servers(
    cloud: client.Cloud, ids: Collection[str]
) -> dict[str, resources.Server]:
    """The servers with these ids that exist, by id."""
    return _find(
        ids,
        lambda id_: cloud.nova.server(id_, whole=True),
        lambda: cloud.nova.servers(whole=True),
    )


def volumes(
    cloud: client.Cloud, ids: Collection[str]
) -> dict[str, resources.Volume]:
    """The volumes with these ids that exist, by id."""
    return _find(ids, cloud.cinder.volume, cloud.cinder.volumes)


def _find(
    ids: Collection[str],
    one: Callable[[str], Thing | None],
    everything: Callable[[], Mapping[str, Thing | None]],
) -> dict[str, Thing]:
    """The things with these ids that exist, by id.

    :param one: asks for one.
    :param everything: lists all.
    """
    if len(ids) <= MAX_BY_ID:
        return existing({id_: one(id_) for id_ in ids})
    listed = everything()
    return existing({id_: listed.get(id_) for id_ in ids})


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
