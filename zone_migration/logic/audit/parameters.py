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

"""The parameters of an audit, as forms show them.

Watcher's shell and Horizon show their descriptions to whoever fills in the
form: the first sentence of each is a summary of at most 60 characters.
"""

from typing import Any

from zone_migration.logic.schedule import limits


def _parameter(
    kind: str | list[str], description: str, **more: Any
) -> dict[str, Any]:
    """The schema of a parameter; forms show its first two members."""
    return {'description': description, 'type': kind, **more}


#: Numbers end where those of Watcher's database do.
_LARGEST = 2**31 - 1


def _number(
    least: int, description: str, most: int = _LARGEST
) -> dict[str, Any]:
    """The schema of an integer from ``least`` to ``most``."""
    return _parameter('integer', description, minimum=least, maximum=most)


#: The schema of each parameter at the top level, by its name.
PARAMETERS: dict[str, dict[str, Any]] = {
    'params': _parameter(
        'object',
        'Servers and volumes to move, by id. Keys vm and volume, each an '
        'object by id. A vm has status (active is migrated live, shutoff '
        'cold), optionally dst_hostname (compute host, empty for the choice '
        'of the scheduler), src_hostname (move only while it is there) and '
        'force (true or false, live with dst_hostname only). A volume has '
        'status (available or in-use) and dst_hostname (pool as '
        'host@backend#pool) or dst_type (volume type), not both; an in-use '
        'one with neither goes to another pool that serves its type; '
        'optionally src_hostname (pool, move only while it is there). '
        'Required unless another parameter says what to move.',
    ),
    'compute_nodes': _parameter(
        'array',
        'Compute hosts to empty, and where to. A list of objects with '
        'src_node and optionally dst_node, each a host name or a glob such as '
        'rack1-*. Without dst_node the scheduler chooses. A glob as dst_node, '
        'or several entries for one source, spread the servers by free '
        'capacity.',
    ),
    'availability_zones': _parameter(
        'array',
        'Availability zones whose compute hosts are emptied. A list of zone '
        'names or globs, or of objects with src_zone and optionally dst_node '
        '(as in compute_nodes).',
    ),
    'aggregates': _parameter(
        'array',
        'Host aggregates whose compute hosts are emptied. A list of aggregate '
        'names or globs, or of objects with src_aggregate and optionally '
        'dst_node (as in compute_nodes).',
    ),
    'storage_pools': _parameter(
        'array',
        'Storage pools to empty, and where to. A list of objects with '
        'src_pool (host@backend#pool or a glob), optionally src_type (only '
        'volumes of that type) and exactly one of dst_pool (name or glob) and '
        'dst_type (volume type). Several dst_pool for one source spread the '
        'volumes by free capacity.',
    ),
    'exclude': _parameter(
        'object',
        'What the selectors leave alone. Keys servers, volumes and projects, '
        'each a list of ids, names or globs of names. What params names is '
        'moved all the same.',
    ),
    'max_items': _number(
        1,
        'How many servers and volumes are moved at most. An integer from 1; '
        'the plan tells how many are left out. Not given, all are moved.',
    ),
    'parallel_total': _number(
        0,
        'How many actions of the plan run at once, at most. An integer; 0 is '
        'no limit. Not given, as watcher.conf says, 100.',
    ),
    'parallel_per_node': _number(
        0,
        'How many servers migrate per compute host at once, at most. That '
        'many from it, and that many to it. An integer; 0 is no limit. Not '
        'given, as watcher.conf says, 2.',
    ),
    'parallel_per_pool': _number(
        0,
        'How many volumes move per storage pool at once, at most. That many '
        'from it, and that many to it. An integer; 0 is no limit. Not given, '
        'as watcher.conf says, 2.',
    ),
    limits.ATTEMPTS: _number(
        1,
        'How often a move is tried if it fails and harms nothing. An integer '
        'from 1, which is no second try, to 10. The next try comes after the '
        'rest of the queue, to another host where the scheduler chooses. Not '
        'given, as watcher.conf says, 2.',
        limits.MOST_ATTEMPTS,
    ),
    'priority': _parameter(
        'object',
        'Which servers and volumes start first. Keys project (ids or names), '
        'compute_node and storage_pool, each a list with the first to start '
        'at its head; compute (vcpu_num, mem_size, disk_size, created_at) and '
        'storage (size, created_at), each one value or a list, the largest or '
        'oldest first. Keys count in the order in which they are given here.',
    ),
    'with_attached_volume': _parameter(
        'boolean',
        'Whether a server starts right after its volumes. Volumes that are '
        'attached to it and move in the same plan. true or false; not given, '
        'false.',
    ),
    'disable_compute_nodes': _parameter(
        'boolean',
        'Whether the hosts to empty are disabled before. So the scheduler '
        'sends nothing back to them. They stay disabled after the plan. true '
        'or false; not given, false.',
    ),
    'enable_compute_nodes': _parameter(
        'array',
        'Compute hosts to enable again, and nothing else. A list of names or '
        'globs; hosts that somebody else has disabled stay as they are. No '
        'other parameter may stand beside it.',
    ),
    'disable_storage_pools': _parameter(
        'boolean',
        'Whether the backends to empty are disabled before. So Cinder sends '
        'nothing back to them. Only backends of which storage_pools empties '
        'all pools; the others are told. They stay disabled after the plan. '
        'true or false; not given, false.',
    ),
    'enable_storage_pools': _parameter(
        'array',
        'Storage backends to enable again, and nothing else. A list of '
        'host@backend or globs; a pool stands for its backend; those that '
        'somebody else has disabled stay as they are. No other parameter may '
        'stand beside it.',
    ),
    'move_locked': _parameter(
        'boolean',
        'Whether locked servers are moved, too. true or false; not given, '
        'false, and they are skipped.',
    ),
    'allow_downtime': _parameter(
        ['boolean', 'array'],
        'Which running servers may be down while they move. true for all, or '
        'a list of servers and projects, each an id, a name or a glob of '
        'names. Such a server is migrated cold where it cannot go live, or '
        'where its live migration has failed and left it unharmed, and runs '
        'again afterwards. Not given, none.',
    ),
    'confirm_resizes': _parameter(
        ['boolean', 'array'],
        'Which unconfirmed resizes and cold migrations are confirmed. true '
        'for all, or a list of servers and projects, each an id, a name or a '
        'glob of names. A server in VERIFY_RESIZE keeps room on its old host '
        'and cannot leave its new one. It is confirmed, so its owner cannot '
        'revert it any more, and then moved where it is on a host to empty. '
        'Not given, none, and they are skipped.',
    ),
    'unpin': _parameter(
        ['boolean', 'array'],
        'Which servers may leave their availability zone. true for all, or '
        'a list of servers and projects, each an id, a name or a glob of '
        'names. Nova binds a server to the zone that it was created in. Such '
        'a one is unpinned, moved, and pinned to the zone where it is then. '
        'Needs Nova 2026.2. Not given, none.',
    ),
    'leave_unpinned': _parameter(
        'boolean',
        'Whether servers that leave their zone stay unpinned. Those of '
        'unpin, which are pinned to the availability zone where they are '
        'then otherwise. true or false; not given, false.',
    ),
    'all_or_nothing': _parameter(
        'boolean',
        'Whether the audit fails when anything cannot be moved. Its reasons '
        'are then in the log of the decision engine. true or false; not '
        'given, false, and what cannot be moved is skipped.',
    ),
}
