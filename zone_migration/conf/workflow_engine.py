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

"""The section ``[watcher_workflow_engines.parallel]``: how many at once."""

from oslo_config import cfg

GROUP = 'watcher_workflow_engines.parallel'

OPTS = [
    cfg.IntOpt(
        'parallel_total',
        default=100,
        min=0,
        max=1000,
        help="""
How many actions of a plan run at once, at most; 0 means no limit but that of
1000 threads.

Each running action keeps one thread of watcher-applier. Raise it when many
hosts or pools take part and their own limits leave room.
""",
    ),
    cfg.IntOpt(
        'parallel_per_node',
        default=2,
        min=0,
        help="""
How many servers migrate at once from, and how many to, one compute host, at
most; 0 means no limit.

Nova itself copies only ``max_concurrent_live_migrations`` (1 by default)
servers at a time from a host and queues the others: raise both together.
""",
    ),
    cfg.IntOpt(
        'parallel_per_pool',
        default=2,
        min=0,
        help="""
How many volumes move at once from, and how many to, one storage pool, at
most; 0 means no limit. Raise it when the storage has bandwidth to spare.
""",
    ),
]
