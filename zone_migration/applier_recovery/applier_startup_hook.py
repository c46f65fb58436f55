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

"""The hook that runs the recovery when Watcher's applier starts.

It hides in a place where nobody expects it: an action's description
(``zone_migration.actions.base.Action.get_description``).  When the applier
starts, it ends the plans that were ONGOING on its host; a plan in CANCELLING
it leaves as it is, for ever.  Nothing of a plugin is called at that moment but
the descriptions of its actions (``watcher.applier.sync.Syncer``), before the
applier gets any plan, and they are asked for at no other time.

Watcher 17 forks the process that runs the plans, and again when that has died:
then nothing of Watcher looks after what it has left.
"""

from collections.abc import Callable
import datetime
import functools
import os
import sys

from oslo_utils import timeutils

from zone_migration.applier_recovery import abandoned_plans
from zone_migration.applier_recovery import engine
from zone_migration.applier_recovery import interrupted_plans
from zone_migration.applier_recovery import takeover
from zone_migration.watcher_db import notifier
from zone_migration.workflow_engine import threads

#: How much later than it was MySQL says that a row was changed: it rounds to
#: whole seconds.
_ROUNDED = datetime.timedelta(seconds=0.5)


@functools.cache
def recover_once() -> None:
    """See to what a stopped applier has left on this host, once a process.

    To be called before the applier gets its first plan.  Nothing is raised:
    an applier that does not start would be worse.
    """
    engine.load()
    notifier.connect_anew_after_fork()
    handed_on = interrupted_plans.hand_on_all(None) | takeover.hand_on_all()
    cancelling = abandoned_plans.left(None)

    def see_to_it() -> None:
        abandoned_plans.cancel_on(cancelling, is_start=True)
        takeover.start()
        threads.start('recovery', interrupted_plans.see_taken, handed_on)

    if _has_green_threads():
        see_to_it()
    else:
        _call_after_fork(os.getpid(), see_to_it, _recover)


def _has_green_threads() -> bool:
    """Whether Watcher runs under eventlet, in one process."""
    patcher = sys.modules.get('eventlet.patcher')
    return patcher is not None and patcher.is_monkey_patched('thread')


def _call_after_fork(
    applier: int, first: Callable[[], None], next_: Callable[[], None]
) -> None:
    """Call a function in the process that runs the plans.

    :param applier: the id of the process that forks it.
    :param first: called in the first one.
    :param next_: called in a thread of each that takes its place when it has
        died.
    """
    forked = 0

    def count() -> None:
        nonlocal forked
        forked += os.getpid() == applier

    def call() -> None:
        if os.getppid() != applier:
            return
        if forked:
            threads.start('recovery', next_)
        else:
            first()

    os.register_at_fork(after_in_parent=count, after_in_child=call)


def _recover() -> None:
    """See to what was left by the process whose place this one has taken."""
    before = timeutils.utcnow() + _ROUNDED
    takeover.start()
    # First: a cast can wait for the message queue for ever.
    abandoned_plans.cancel_on(abandoned_plans.left(before))
    interrupted_plans.see_taken(interrupted_plans.hand_on_all(before))
