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

"""The reports that an action of this plugin makes to the engine."""

from collections.abc import Callable
from collections.abc import Collection

from zone_migration.logic.outcome import failures


class Reporter:
    """An action that tells where it stands.

    The engine sets these on actions that are one, but the last, and nothing on
    any other: an action of another plugin may have attributes of these names.
    """

    #: Told where the action stands, in words.
    report: Callable[[str], None] = staticmethod(lambda text: None)
    #: Told the host or pool that the resource goes to, once it is known.
    on_destination: Callable[[str], None] = staticmethod(
        lambda destination: None
    )
    #: Takes a place at a host before the resource goes there; False where the
    #: limits let nobody else go there now.
    claim_destination: Callable[[str], bool] = staticmethod(
        lambda destination: True
    )
    #: Whether the plan is being cancelled, even if this cannot be aborted.
    plan_is_cancelled: Callable[[], bool] = staticmethod(lambda: False)
    #: When an applier that was stopped meanwhile had begun the action,
    #: ``2026-11-28 03:14:05``, UTC; '' where none had.
    begun_at: str = ''
    #: Whether one may have, which nothing tells any more.
    may_have_begun: bool = False
    #: Whether Nova may have queued it only, so that it does not hold all slots
    #: of what moves yet.
    lacks_slots: Callable[[], bool] = staticmethod(lambda: False)
    #: Whether it is tried again, in this plan, where it fails so now.
    is_tried_again: Callable[[failures.Failure], bool] = staticmethod(
        lambda failure: False
    )
    #: Whether an earlier attempt has failed.
    is_repeated: bool = False
    #: The hosts or pools that earlier attempts have gone to, and failed; some
    #: may be cut (:func:`zone_migration.logic.outcome.attempts.is_among`).
    failed_at: Collection[str] = ()
    #: The hosts that servers of the plan leave.
    left_hosts: Callable[[], Collection[str]] = staticmethod(frozenset)
    #: Told by the action: whether what it is to do was found under way, so
    #: that it has to be executed to be ended.
    is_under_way: bool = False
