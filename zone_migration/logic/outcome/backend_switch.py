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

"""How a storage backend is enabled again that this plugin has disabled.

Cinder 28 and 29 answer to ``enable`` with 200 and do nothing, which no version
of their API tells.  What enables such a backend is ``freeze`` and then
``thaw`` (``thaw_host`` of ``cinder.volume.manager``).  A frozen backend keeps
owners from deleting what they have there, so that is done only where nothing
else helps, and as quickly as can be.

``freeze`` puts ``frozen`` over the reason for which the backend is disabled.
The mark of this plugin is put there again before the thaw: whoever finds a
backend frozen that has the mark knows that this plugin has frozen it, and
thaws it, after a restart as well.  That is why nothing is frozen but what has
the mark and is not frozen, and why no frozen backend gets the mark.
"""

import dataclasses
import enum

from zone_migration.logic import storage_backends
from zone_migration.logic.schedule import host_changes

#: A thaw that fails leaves the backend disabled and not frozen, where another
#: thaw is refused: it is frozen again for that, so often in all.
MOST_FREEZES = 3

#: What Cinder gives as the reason of what it has frozen.
_FROZEN = 'frozen'


class Step(enum.Enum):
    """What comes next."""

    #: Nothing: it is enabled.
    DONE = enum.auto()
    ENABLE = enum.auto()
    FREEZE = enum.auto()
    #: The reason again, over that of the freeze.
    MARK = enum.auto()
    THAW = enum.auto()
    #: It stays closed.
    GIVE_UP = enum.auto()
    #: Likewise: it is gone, or somebody else has disabled it.
    LEAVE = enum.auto()


@dataclasses.dataclass
class Switching:
    """What has been done of it."""

    #: Whether whatever is frozen was frozen for this.
    may_thaw: bool = False
    #: The one with the mark, as it was seen last.
    reason: str = host_changes.MARK
    has_asked: bool = False
    has_marked: bool = False
    freezes: int = 0
    thaws: int = 0

    def note(self, step: Step) -> None:
        """Note what was asked for, whether it was answered or not."""
        if step is Step.ENABLE:
            self.has_asked = True
        elif step is Step.FREEZE:
            self.freezes += 1
            self.may_thaw, self.has_marked = True, False
        elif step is Step.MARK:
            self.has_marked = True
        elif step is Step.THAW:
            self.thaws += 1


def next_step(
    name: str, seen: storage_backends.Backend | None, done: Switching
) -> tuple[Step, str]:
    """Return what comes next, and why it is given up if it is.

    >>> ours = storage_backends.Backend(
    ...     'h@b', enabled=False, up=True, disabled_reason=host_changes.MARK)
    >>> next_step('h@b', ours, Switching())
    (<Step.ENABLE: 2>, '')
    >>> next_step('h@b', ours, Switching(has_asked=True))
    (<Step.FREEZE: 3>, '')

    :param seen: what Cinder shows; None where it has no such backend.
    """
    if seen is None:
        return Step.LEAVE, f'there is no storage backend {name}'
    if seen.enabled and not (seen.frozen and done.freezes):
        return Step.DONE, ''
    is_ours = host_changes.has_mark(seen.disabled_reason)
    if is_ours:
        done.reason = seen.disabled_reason
    # A freeze of ours is there still where Cinder has enabled it late.
    elif not seen.enabled and not (
        done.may_thaw and seen.disabled_reason == _FROZEN
    ):
        why = f': {seen.disabled_reason}' if seen.disabled_reason else ''
        why = f'somebody else has disabled it{why}'
        if seen.frozen and done.may_thaw:
            # A thaw would enable what somebody wants to be disabled.
            return Step.GIVE_UP, f'{may_be_frozen(name)}; {why}'
        return Step.LEAVE, why
    if seen.frozen:
        if done.thaws > done.freezes:
            return Step.GIVE_UP, may_be_frozen(name)
        if seen.enabled or is_ours or done.has_marked:
            return Step.THAW, ''
        return Step.MARK, ''
    return _of_disabled(seen, done)


def shows(step: Step, seen: storage_backends.Backend | None) -> bool:
    """Whether it shows that a step has been done.

    Cinder notes a freeze before its backend is told, a thaw likewise.
    """
    if seen is None:
        return True
    if step is Step.FREEZE:
        return seen.frozen and seen.disabled_reason == _FROZEN
    if step is Step.MARK:
        return host_changes.has_mark(seen.disabled_reason)
    return seen.enabled and not seen.frozen


def may_be_frozen(name: str) -> str:
    """Tell that a backend may be frozen, and the remedy."""
    return (
        'it may be frozen: thaw it first (openstack volume host set --enable '
        f'{name})'
    )


def _of_disabled(
    seen: storage_backends.Backend, done: Switching
) -> tuple[Step, str]:
    """Return what comes next for a backend that is not frozen."""
    if not done.has_asked:
        return Step.ENABLE, ''
    if not seen.up:
        return Step.GIVE_UP, 'its cinder-volume is down: start that first'
    if done.freezes < MOST_FREEZES:
        return Step.FREEZE, ''
    return Step.GIVE_UP, (
        f'its cinder-volume has not thawed it in {done.freezes} attempts, and '
        'its log has the reason: mend that first'
    )
