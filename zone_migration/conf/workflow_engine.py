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

from collections.abc import Mapping

from oslo_config import cfg

from zone_migration.logic.schedule import limits

GROUP = 'watcher_workflow_engines.parallel'

OPTS = [
    cfg.IntOpt(
        'parallel_total',
        default=100,
        min=0,
        max=1000,
        help="""
How many actions of a plan run at once, at most, where its audit does not say
it; 0 means no limit but that of 1000 threads.

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
most, where the audit does not say it; 0 means no limit.

Nova itself copies only ``max_concurrent_live_migrations`` (1 by default)
servers at a time from a host and queues the others. Nova advises against
more: for faster copies raise ``[libvirt] live_migration_parallel_connections``
in nova.conf on each compute host. More than Nova's limit gains nothing: the
next server of each host is queued in Nova beyond this limit.
""",
    ),
    cfg.IntOpt(
        'parallel_per_pool',
        default=2,
        min=0,
        help="""
How many volumes move at once from, and how many to, one storage pool, at
most, where the audit does not say it; 0 means no limit. Raise it when the
storage has bandwidth to spare.
""",
    ),
    cfg.IntOpt(
        limits.ATTEMPTS,
        default=2,
        min=1,
        max=limits.MOST_ATTEMPTS,
        help="""
How often a move is tried, with the first time, that fails and leaves its
server or volume unharmed, where the audit does not say it; 1 means that
nothing is tried again.

The next try comes when nothing else of the plan can start. Where Nova
chooses the destination, it names a host that has not failed yet.
""",
    ),
    cfg.IntOpt(
        'max_parallel_total',
        default=0,
        min=0,
        max=1000,
        help="""
The highest ``parallel_total`` of any plan; 0 means no ceiling but that of 1000
threads.

An audit that asks for more is refused, with this reason in its
``status_message``. Set it where whoever creates audits must not overload
the cloud.
""",
    ),
    cfg.IntOpt(
        'max_parallel_per_node',
        default=0,
        min=0,
        help="""
The highest ``parallel_per_node`` of any plan; 0 means that there is no
ceiling. An audit that asks for more is refused.
""",
    ),
    cfg.IntOpt(
        'max_parallel_per_pool',
        default=0,
        min=0,
        help="""
The highest ``parallel_per_pool`` of any plan; 0 means that there is no
ceiling. An audit that asks for more is refused.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register the section, which Watcher does for the engine only."""
    conf.register_opts(OPTS, group=GROUP)


def defaults(section: Mapping[str, int]) -> dict[str, int]:
    """The limits of an audit that sets none, by its parameter."""
    return {name: section[name] for name in limits.KINDS}


def ceilings(section: Mapping[str, int]) -> dict[str, int]:
    """The limits that no audit can exceed, by its parameter; 0: none."""
    return {name: section[f'max_{name}'] for name in limits.KINDS}
