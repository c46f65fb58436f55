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
"""

import functools

from zone_migration.applier_recovery import abandoned_plans
from zone_migration.watcher_db import notifier


@functools.cache
def recover_once() -> None:
    """End what a stopped applier has left on this host, once a process.

    To be called before the applier gets its first plan.  Nothing is raised:
    an applier that does not start would be worse.
    """
    notifier.connect_anew_after_fork()
    abandoned_plans.end_all()
