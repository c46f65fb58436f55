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

"""The states of an action while a plan runs, as a table.

The words are Watcher's (``watcher.objects.action.State``).
"""

PENDING = 'PENDING'
ONGOING = 'ONGOING'
SUCCEEDED = 'SUCCEEDED'
FAILED = 'FAILED'
SKIPPED = 'SKIPPED'
CANCELLING = 'CANCELLING'
CANCELLED = 'CANCELLED'
#: Of a plan.
DELETED = 'DELETED'

#: What the message of a SKIPPED action begins with that could not start, as
#: another one has not ended well.
ORPHANED = 'depends on action '

#: The message of a PENDING action whose applier was taken for dead: Watcher
#: has written over what told whether it had begun.
MAY_HAVE_BEGUN = 'may have begun on a host whose applier was taken for dead'

#: From each state to those that it may become.
TRANSITIONS: dict[str, frozenset[str]] = {
    PENDING: frozenset({ONGOING, SKIPPED, FAILED, CANCELLED}),
    # PENDING again: it waits for another try.
    ONGOING: frozenset({SUCCEEDED, FAILED, CANCELLING, PENDING}),
    CANCELLING: frozenset({CANCELLED, SUCCEEDED, FAILED}),
    # A post-condition that does not hold takes a success back.
    SUCCEEDED: frozenset({FAILED}),
    FAILED: frozenset(),
    SKIPPED: frozenset(),
    CANCELLED: frozenset(),
}


class ImpossibleTransition(ValueError):
    """A state was to become one that it cannot become."""

    def __init__(self, old: str, new: str) -> None:
        self.old = old
        self.new = new
        super().__init__(f'an action that is {old} cannot become {new}')


def check(old: str, new: str) -> None:
    """Raise ImpossibleTransition unless a state may become another.

    :raises ImpossibleTransition: when it may not.
    """
    if new not in TRANSITIONS[old]:
        raise ImpossibleTransition(old, new)


def has_ended(state: str) -> bool:
    """Whether an action in this state has been run, or never will be."""
    return state in (SUCCEEDED, FAILED, SKIPPED, CANCELLED)


def lets_children_start(
    state: str, must_succeed: bool = True, message: str = ''
) -> bool:
    """Whether actions that depend on one in this final state may start.

    A SKIPPED one had nothing left to do, or the operator skipped it, unless it
    depends itself on one that has failed.

    :param must_succeed: whether they need what it does; otherwise they only
        come after it, however it ends.
    :param message: that of the action.
    """
    if not must_succeed or state == SUCCEEDED:
        return True
    return state == SKIPPED and not message.startswith(ORPHANED)
