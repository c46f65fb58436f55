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

"""How the column for the parameters of an audit is divided between lists.

Watcher keeps the parameters as JSON in a column of type TEXT, which MySQL and
MariaDB end at 65,535 bytes.  The column is divided into equal shares.  A row
of :data:`ALLOTMENTS` says how many of them each kind of list may have; a list
fits in its shares when it has at most so many members of at most so many
bytes, for one of a few sizes of member.  A document has to fit in one row.
Sizes are those of ``json.dumps``: a plain character is one byte, another one
of the Basic Multilingual Plane six (``\\uXXXX``), any other one twelve.
"""

#: What a column of type TEXT holds, in bytes.
COLUMN = 65_535

#: Bytes for everything that is no member of a list: keys, brackets, numbers.
_FRAME = 1_024

#: The number of shares, and the bytes of each.
SHARES = 16
SHARE = (COLUMN - _FRAME) / SHARES

#: Shares of servers, of volumes, of compute_nodes, of storage_pools and of
#: all other lists together.
ALLOTMENTS = (
    # Servers and volumes by their ids ...
    (15, 0, 0, 0, 1),
    (14, 1, 0, 0, 1),
    (12, 3, 0, 0, 1),
    (10, 5, 0, 0, 1),
    (8, 7, 0, 0, 1),
    (7, 8, 0, 0, 1),
    (5, 10, 0, 0, 1),
    (3, 12, 0, 0, 1),
    (1, 14, 0, 0, 1),
    (0, 15, 0, 0, 1),
    # ... with some selectors ...
    (12, 0, 1, 1, 2),
    (7, 5, 1, 1, 2),
    (5, 7, 1, 1, 2),
    (0, 12, 1, 1, 2),
    # ... and selectors with some ids.
    (5, 3, 3, 3, 2),
    (3, 5, 3, 3, 2),
    (1, 1, 10, 1, 3),
    (1, 1, 6, 6, 2),
    (1, 1, 3, 3, 8),
    (1, 1, 1, 10, 3),
)

#: Sizes of a server or volume: how many members it has (one is its status),
#: and how many bytes each name in it has at most.
ITEM_SIZES = (
    (1, 12),
    *((2, size) for size in (12, 24, 40, 64)),
    *((3, size) for size in (12, 24, 40, 64)),
    *((4, size) for size in (64, 255, 12 * 255)),
)

#: Sizes of the names in all other lists, in bytes.
NAME_SIZES = (24, 40, 128, 12 * 255)

#: How many members an entry of a list has, 0 where all entries are strings;
#: and the length of the longest name of a member.
NODE = (2, len('src_node'))
POOL = (3, len('src_pool'))
SOURCE = (2, len('src_aggregate'))
STRING = (0, 0)

#: In how many parts a share is divided between all other lists.
PARTS = 21

#: How many parts of each of their shares each of these has.
OTHER_LISTS = {
    ('availability_zones',): (1, SOURCE),
    ('aggregates',): (1, SOURCE),
    ('exclude', 'servers'): (8, STRING),
    ('exclude', 'volumes'): (4, STRING),
    ('exclude', 'projects'): (1, STRING),
    ('allow_downtime',): (1, STRING),
    ('confirm_resizes',): (1, STRING),
    ('unpin',): (1, STRING),
    ('priority', 'project'): (1, STRING),
    ('priority', 'compute_node'): (1, STRING),
    ('priority', 'storage_pool'): (1, STRING),
    # Nothing else stands beside these: they take nothing from the others.
    ('enable_compute_nodes',): (PARTS, STRING),
    ('enable_storage_pools',): (PARTS, STRING),
}


def item_bytes(members: int, size: int) -> int:
    """The most bytes that a server or volume takes.

    ``"<36 characters>": {"status": "available"}, `` is 65 bytes, and
    ``, "dst_hostname": ""`` 20.
    """
    return 65 + (members - 1) * (20 + size)


def entry_bytes(members: int, key: int, size: int) -> int:
    """The most bytes that an entry of another list takes.

    ``"", `` is 4 bytes, ``{}, `` is 4, and ``"": "", `` in it is 8.
    """
    return 4 + members * (8 + key + size) if members else 4 + size
