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

"""The section ``[zone_migration]``: how the actions wait and give up."""

from oslo_config import cfg

GROUP = cfg.OptGroup(
    'zone_migration',
    title='Zone migration',
    help='How the strategy parallel_migration plans and its actions wait.',
)

OPTS = [
    cfg.IntOpt(
        'retry',
        default=120,
        min=1,
        help="""
How often in a row an action may look at its migration without seeing any
change before it gives up, every ``retry_interval`` seconds.

A migration that is queued behind others, or whose figures change, has not
stopped: only one that shows no change at all is given up, and what happens
to it then is chosen with ``on_no_progress``. Raise it where single steps of
a migration stay silent for longer than ``retry`` times ``retry_interval``
seconds, which is 10 minutes by default. Copies of volumes and of local disks,
which show no progress at all, get more time by themselves: see
``slowest_copy``.
""",
    ),
    cfg.FloatOpt(
        'retry_interval',
        default=5,
        min=0.1,
        help="""
Seconds between two of the looks that ``retry`` counts.

It does not delay anything: the end of a migration is noticed within about
``poll_interval``. Together with ``retry`` it says how long a migration may
stay without any change.
""",
    ),
    cfg.FloatOpt(
        'slowest_copy',
        default=10,
        min=0.1,
        help="""
The slowest copy of a volume, or of the local disks of a server that is
migrated cold, to expect, in MB a second.

Neither Cinder nor Nova show any progress of such a copy, so it cannot be told
from one that hangs. It is given up only after ``retry`` times
``retry_interval`` seconds and, in addition, the time that its size takes at
this rate: 100 seconds for each GB by default. Lower it where several slow
copies share a link, raise it to notice a dead copy of a large volume sooner.
""",
    ),
    cfg.FloatOpt(
        'expected_memory_bandwidth',
        default=110,
        min=0.1,
        help="""
How fast the memory of one server is expected to be copied in a live
migration, in MB a second, while ``parallel_per_node`` of them run.

The efficacy indicator ``estimated_makespan`` of a plan and the
``expected_duration`` of its actions follow from it, and nothing else: the
least that they take. 1 Gbit/s is about 110 MB a second; a link that
several migrations share is divided between them. Set it to what the log of
``nova-compute`` or a plan that has ended shows.
""",
    ),
    cfg.FloatOpt(
        'expected_volume_bandwidth',
        default=110,
        min=0.1,
        help="""
How fast one volume is expected to be copied, in MB a second, while
``parallel_per_pool`` of them run.

The efficacy indicator ``estimated_makespan`` of a plan and the
``expected_duration`` of its actions follow from it, and nothing else.
The slowest of the two backends and of the link between them decides. It is no
time limit: see ``slowest_copy`` for that.
""",
    ),
    cfg.FloatOpt(
        'poll_interval',
        default=0.5,
        min=0.2,
        help="""
Seconds between two readings of what Nova and Cinder show.

All actions that wait share the readings, so the number of requests does not
grow with the number of migrations. The pause is that between two readings:
an API that is slow to answer is asked less often. A slot is free about this
long, and as long as two requests take, after the migration that held it has
ended. Raise it to ask less often.
""",
    ),
    cfg.IntOpt(
        'request_retries',
        default=5,
        min=0,
        help="""
How often a request to Nova or Cinder is repeated that got no answer, or HTTP
5xx or 429, before its action fails. 0 means never.

The pauses double from 1 second to 30, half of each is random, and they are
not shorter than a Retry-After header says; one of more than 30 seconds ends
the repetitions. By default a service may be away for 15 to 30 seconds, as
while it is restarted. Raise it by 1 to bridge 15 to 30 seconds more.

A request that starts or ends a move is repeated only where it has changed
nothing for certain. Where its answer was lost, the action looks at the
server or volume for some seconds, and then follows what was begun or starts
it again. While an action waits for its move nothing is repeated: the next
look, after ``poll_interval``, asks again.
""",
    ),
    cfg.StrOpt(
        'on_no_progress',
        default='abort',
        choices=[
            ('abort', 'abort the live migration in Nova'),
            (
                'force_complete',
                'let Nova pause the server, or switch to post-copy, so that '
                'the live migration can end, and wait once more',
            ),
            ('leave', 'leave it as it is and fail the action'),
        ],
        help="""
What to do with a live migration that shows no change for ``retry`` times
``retry_interval`` seconds.

Cold migrations and moves of volumes cannot be aborted; they are always left,
and their action fails with what was seen last.
""",
    ),
    cfg.BoolOpt(
        'reset_state',
        default=False,
        help="""
Whether to set a server back to ACTIVE that Nova has left in ERROR after a live
migration that was aborted or has failed, although its guest runs on at the
source.

Nova with libvirt leaves it so. It is done only when Nova's records and the
hypervisor of the source host, asked through the server's diagnostics, agree
that the guest runs there; Watcher's user needs Nova's policies
``os_compute_api:os-server-diagnostics`` and
``os_compute_api:os-admin-actions:reset_state``, which administrators have.
Otherwise the message of the action names the command that does it.
""",
    ),
    cfg.BoolOpt(
        'count_foreign',
        default=True,
        help="""
Whether ``parallel_per_node`` and ``parallel_per_pool`` count what other
appliers move, and what somebody moves by hand, beside what this applier moves.

Nova's and Cinder's records tell, which are read anyway. A record that shows
no progress for ``retry`` times ``retry_interval`` seconds, and the time that
its data takes at ``slowest_copy``, counts no more: when a service dies, Nova
and Cinder leave it in flight for ever. While there is another live applier,
the next move at a host or pool begins only when the one before is in the
records.

With false a plan may move more at a place than its limit where others move
something, too.
""",
    ),
    cfg.BoolOpt(
        'resume_plans',
        default=True,
        help="""
Whether a plan that was running when its applier was stopped goes on when that
is back, or in another applier where its own stays away (Watcher 16 and later):
what has ended meanwhile is judged by what is seen, what is in flight is seen
through, and the rest starts.

With false Watcher cancels such plans.
""",
    ),
    cfg.ListOpt(
        'scheduler_filters',
        default=[],
        help="""
The filters of Nova's scheduler, as ``[filter_scheduler] enabled_filters`` in
``nova.conf`` has them, which no API shows.

Two of them, neither of which Nova enables by default, keep servers from hosts
by the metadata of aggregates: ``AggregateMultiTenancyIsolation`` by project
and ``AggregateImagePropertiesIsolation`` by properties of the image. Without
their names here a plan tells of the risk where there is such metadata; with
them it sends no server where they are certain to refuse it, and says of those
that have no other host why they stay. Of images only ``os_distro`` and
``os_admin_user`` are certain, what else may differ remains a risk. Other names
do no harm.
""",
    ),
    cfg.StrOpt(
        'planner',
        default='default',
        help="""
The Watcher planner that orders the plans of the strategy
parallel_migration, by its entry point in ``watcher_planners``.

``default`` is the one of this plugin, configured in
``[watcher_planners.default]``. Watcher's own ``weight`` must be told the
weight and the parallelization of every action type of this plugin.

The engine reads it, too: only in plans of ``default`` what depends on a FAILED
action is SKIPPED. With any other planner it runs, as under Watcher's own
engine: a server moves although one of its volumes has not.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register the section."""
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)
