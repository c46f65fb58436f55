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

"""An audit, from its parameters to the plan that Watcher makes of it."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import itertools
import shlex
from typing import Any
from typing import TextIO

from osc_lib import exceptions

from zone_migration.logic import messages
from zone_migration.osc import awaiting
from zone_migration.osc import clock as clocks
from zone_migration.osc import creation
from zone_migration.osc import discarding
from zone_migration.osc import names
from zone_migration.osc import plan_view
from zone_migration.osc import records
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

#: Among how many plans the one is looked for that is ONGOING, which Watcher's
#: API cannot be asked for: before an audit is created, and when Watcher has
#: cancelled it, which is worth some seconds.
_SEEN_SOON = 20
_SEEN = 200

#: What is told while the answer to the creation of an audit is missing.
_MAYBE_CREATED = (
    'It is not known whether the audit is created: see "openstack optimize '
    'audit list".'
)

_UNTAKEN = (
    'No decision engine has taken the audit yet; is watcher-decision-engine '
    'running?'
)


class Refused(exceptions.CommandError):
    """Watcher makes no plan of an audit.

    :ivar reason: why, the faults of its parameters for instance.
    """

    def __init__(self, audit: records.Audit) -> None:
        self.reason = messages.escaped(audit.message)
        # The strategy writes an outlook, and what comes after it may fail.
        if not self.reason or plan_view.OUTLOOK.match(self.reason):
            self.reason = (
                'Watcher tells no reason; look for the audit '
                f'{audit.uuid} in the log of watcher-decision-engine'
            )
        super().__init__(
            f"There is no plan '{audit.name}', its audit is {audit.state}: "
            f'{self.reason}'
        )


def create_plan(
    watcher: watcher_api.Watcher,
    name: str | None,
    parameters: Mapping[str, Any],
    force: bool,
    stderr: TextIO,
    emptied: Sequence[str] = (),
    clock: clocks.Clock | None = None,
    only_read: bool = False,
) -> tuple[records.Audit, records.Plan, list[records.Action]]:
    """Create an audit, wait for its end, and return it with its plan.

    :param name: of the audit; None for one from what is emptied.
    :param parameters: of the strategy.
    :param force: plan although another plan is ONGOING.
    :param stderr: where the wait is shown, if it is a terminal.
    :param emptied: what is emptied; without any, the parameters tell.
    :param only_read: mark the name as one of a plan that is not started, and
        delete what was made when it does not come to a plan.
    :returns: the audit, its plan and the plan's actions.
    :raises Refused: when Watcher makes no plan of it.
    :raises CommandError: when another plan is ONGOING, or Watcher cancels
        the audit, or does not end it.
    """
    clock = clock or clocks.Clock()
    if not force:
        _check_way(watcher)
    with (
        awaiting.interruptible(_MAYBE_CREATED, stderr),
        watcher.asked_repeatedly(),
    ):
        if name is None:
            words = emptied or names.emptied(parameters)
            if only_read:
                words = names.of_list(words)
            audit = creation.create_named(
                watcher, words, parameters, force, clock.now()
            )
        else:
            audit = creation.create(watcher, name, parameters, force)
    with (
        discarding.unless_done(watcher, audit, stderr)
        if only_read
        else awaiting.interruptible(_goes_on(audit), stderr)
    ):
        text = f"Watcher plans '{audit.name}' ..."
        with watcher.asked_repeatedly(), awaiting.shown(text, stderr) as say:
            audit = _ended(watcher, audit, clock, say)
            _check(watcher, audit)
        return audit, *_planned(watcher, audit)


def _ended(
    watcher: watcher_api.Watcher,
    audit: records.Audit,
    clock: clocks.Clock,
    say: Callable[[str], object],
) -> records.Audit:
    """Wait for the end of an audit, and return it as it is then."""
    what = f"The audit '{audit.name}'"
    return awaiting.end(
        audit,
        watcher.audit,
        what,
        _goes_on(audit),
        clock,
        say,
        lambda: _UNTAKEN,
    )


def _planned(
    watcher: watcher_api.Watcher, audit: records.Audit
) -> tuple[records.Plan, list[records.Action]]:
    """The plan of an audit that has ended well, and its actions.

    :raises CommandError: when it has none, or Watcher does not answer.
    """
    try:
        plan = watcher.plan_of(audit.uuid)
        if plan is None:
            raise exceptions.CommandError(
                f"Watcher made no plan of the audit '{audit.name}'."
            )
        return plan, watcher.actions(plan.uuid)
    except watcher_errors.Unavailable as error:
        raise exceptions.CommandError(
            f'{creation.sentence(error)} {_goes_on(audit)}'
        ) from error


def _goes_on(audit: records.Audit) -> str:
    """What can be done about an audit that nobody waits for."""
    seen = (
        f"The audit '{audit.name}' goes on: see it with \"openstack optimize "
        f'audit show {audit.uuid}"'
    )
    if audit.name.startswith(names.LIST):
        return f'{seen}.'
    return (
        f'{seen}, and start its plan, when it has one, with '
        f'"openstack optimize zone start {shlex.quote(audit.name)}".'
    )


def _check(watcher: watcher_api.Watcher, audit: records.Audit) -> None:
    """Raise CommandError unless an audit has ended well.

    :raises Refused: when it has FAILED.
    :raises CommandError: when Watcher has cancelled it.
    """
    if audit.state == 'CANCELLED':
        raise exceptions.CommandError(_why_cancelled(watcher, audit))
    if audit.state != 'SUCCEEDED':
        raise Refused(audit)


def _check_way(watcher: watcher_api.Watcher) -> None:
    """Raise CommandError when a plan is ONGOING, as far as that is seen soon.

    Watcher would cancel the audit, and leave it behind.

    :raises CommandError: naming the plan.
    """
    newest = itertools.islice(watcher.plans(by='updated_at'), _SEEN_SOON)
    running = _ongoing(watcher, newest)
    if running:
        name, remedy = running
        raise exceptions.CommandError(
            f"No plan is made: the plan '{name}' is running. {remedy}"
        )


def _why_cancelled(watcher: watcher_api.Watcher, audit: records.Audit) -> str:
    """Why Watcher has cancelled an audit, and what to do."""
    told = f"Watcher has cancelled the audit '{audit.name}'"
    # The engine writes into a plan that runs every ten seconds; but what
    # was never changed comes first in PostgreSQL.
    for by in ('updated_at', 'created_at'):
        plans = itertools.islice(watcher.plans(by=by), _SEEN)
        running = _ongoing(watcher, plans)
        if running:
            name, remedy = running
            return f"{told}, because the plan '{name}' is running. {remedy}"
    return (
        f'{told}, and no plan is running: the one that was has ended, or the '
        'decision engine was starting. Run the command again.'
    )


def _ongoing(
    watcher: watcher_api.Watcher, plans: Iterable[records.Plan]
) -> tuple[str, str] | None:
    """The name of the first plan that is ONGOING, and what to do about it."""
    for plan in plans:
        if plan.state == 'ONGOING':
            name = messages.escaped(watcher.name_of(plan))
            return name, (
                'Wait for its end (openstack optimize zone watch '
                f'{shlex.quote(name)}), or plan beside it with --force.'
            )
    return None
