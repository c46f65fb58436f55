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

"""Migrations of servers that have shares of Manila."""

from zone_migration.logic.preflight import decisions

#: The newest microversion of the first release that migrates them cold:
#: ``nova.compute.api.API.resize`` asks since then whether each nova-compute
#: has service version 74 (``MIN_COMPUTE_COLD_MIGRATE_WITH_SHARES``), and
#: refused them all before.
_COLD_SINCE = (2, 104)


def stays(
    is_live: bool, newest: tuple[int, int] | None, remedy: str = ''
) -> decisions.Decision | None:
    """Refuse a server with shares; None if Nova may migrate it.

    None is migrated live (``block_shares_not_supported`` of
    ``nova.compute.api.API.live_migrate``).  What a nova-compute supports no
    API shows: a cold migration that is not refused here is a risk.

    :param newest: the newest microversion that Nova knows, None if unknown.
    :param remedy: what to do with one that only cannot be migrated live.
    """
    is_older = newest is not None and newest < _COLD_SINCE
    if is_older:
        return decisions.refuse(
            'it has shares of Manila, and this Nova does not migrate it with '
            'them: stop it and detach them'
        )
    if is_live:
        return decisions.refuse(
            f'it cannot be migrated live: it has shares of Manila: {remedy}'
        )
    return None
