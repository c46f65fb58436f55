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

"""The handover of a cancelled plan's hosts: enabled, or left to others.

Nova has neither a lock for a host nor a request that depends on the reason
for which it is disabled, nor has Cinder for a backend.  So whoever sets a host
looks afterwards which plans want it disabled, and sets it again if they have
changed.  A plan is CANCELLING before it looks at its hosts: when one is left
to it at that moment, either it sees the host with its own reason, or the other
plan sees that it is being cancelled.

Six things remain.  A host that somebody else sets between a look and the
request is set all the same.  One that could not be set, as while Nova is away,
keeps its reason, and no other plan enables it: the plan names it.  An applier
that is killed between a request and the look afterwards does not look.  When
it ends, nobody looks any more whether a PENDING plan that a host was left to
is cancelled before it begins.  And a plan that is rolled back is ONGOING: one
that is cancelled meanwhile may leave a host to it, which stays disabled.  And
an applier that is killed in the moment after it has frozen a backend, before
the mark is there again, leaves it frozen, as if somebody else had done that.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import threading

from oslo_log import log

from zone_migration import waiting
from zone_migration.client import exception as client_exception
from zone_migration.compute_hosts import borders
from zone_migration.compute_hosts import disabling_plans
from zone_migration.logic import resources
from zone_migration.logic import storage_backends
from zone_migration.logic.outcome import host_claims
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import host_changes
from zone_migration.watcher_db import database

LOG = log.getLogger(__name__)

#: How often the database is asked whether a plan has begun that a host was
#: left to, in seconds, and for how many times: a day.
_INTERVAL = 10.0
_LOOKS = 8640


def log_failure(kind: host_changes.Kind, name: str, trouble: str) -> None:
    """Tell the operator of a host that could not be enabled."""
    LOG.error(
        'The %s %s is still disabled: %s; enable it with an audit that names '
        'it in %s',
        kind.noun,
        name,
        trouble,
        kind.enabled_by,
    )


class Handover:
    """The hosts of one cancelled plan.

    :param border: the border to hosts of one kind.
    :param plan: the plan; its hosts are disabled for it.
    :param reasons: why, by the name of the host.
    :param plan_states: of the other plans that a host is left to.
    :param lost_on: no host is left to the plans that the applier there has
        run; '' where it runs.
    """

    def __init__(
        self,
        border: borders.Border,
        plan,
        reasons: Mapping[str, str],
        plan_states: tuple[str, ...],
        lost_on: str = '',
    ) -> None:
        self._border = border
        self._noun = border.kind.noun
        self._plan = plan
        self._plan_states = plan_states
        self._lost_on = lost_on
        # The plans that have been found to want a host: one that ends well
        # keeps what it has.
        self._claimants: set[int] = set()
        self._open = set(reasons)
        self._waits = False
        #: Those that somebody else has set since, and those that are gone.
        self.left: list[str] = []
        #: Why each host is disabled, by its name; None: it is enabled.
        self.reasons: dict[str, str | None] = dict(reasons)
        #: For those that could not be set why not.
        self.failed: dict[str, str] = {}

    def settle(self) -> None:
        """Set each host as other plans want it; nothing is raised."""
        try:
            self._settle()
        except database.AWAY as error:
            self._fail(
                self._open,
                'the database does not tell whether another plan relies on it '
                f'({type(error).__name__})',
            )

    def watch(self) -> threading.Thread | None:
        """Go on if a plan that has yet to begin has a host now.

        Watcher makes a PENDING plan CANCELLED without a word to the applier.

        :returns: the thread that does it, which ends when all such plans have
            begun.
        """
        if not self._waits:
            return None
        thread = threading.Thread(
            target=self._watch, name=f'hosts-{self._plan.uuid}', daemon=True
        )
        thread.start()
        return thread

    def _watch(self) -> None:
        """Settle again and again, until all such plans have begun."""
        try:
            for look in waiting.polls(_INTERVAL, _LOOKS + 1):
                # It was settled just before the first.
                if look:
                    self._settle_if_told()
                if not self._waits:
                    return
            # What begins after that disables its hosts itself.
            self._plan_states = (states.ONGOING,)
            self._settle()
        except Exception:
            LOG.exception(
                'Hosts or backends of action plan %s may stay disabled',
                self._plan.uuid,
            )

    def _settle_if_told(self) -> None:
        """Settle, unless the database is away."""
        try:
            self._settle()
        except database.AWAY as error:
            LOG.warning(
                'The database does not tell which plans rely on the '
                'hosts of action plan %s; asking on: %s',
                self._plan.uuid,
                error,
            )

    def _settle(self) -> None:
        """Set each host, and again those that plans want otherwise since.

        :raises DBError: when the database is away.
        """
        while changes := self._changes():
            self._change(changes)

    def _changes(self) -> dict[str, str | None]:
        """Return the hosts that are not as the other plans want them.

        With the reason that each is to have, None for one to be enabled.
        """
        claims = disabling_plans.claims(
            self._plan, self._plan_states, self._claimants, self._lost_on
        )
        self._claimants.update(
            claim.plan_id for found in claims.values() for claim in found
        )
        wanted = {
            name: host_claims.reason_wanted(
                self.reasons[name], claims.get(name, ())
            )
            for name in sorted(self._open)
        }
        self._waits = any(
            reason is not None
            and not host_claims.has_begun(reason, claims[name])
            for name, reason in wanted.items()
        )
        return {
            name: reason
            for name, reason in wanted.items()
            if reason != self.reasons[name]
        }

    def _change(self, changes: Mapping[str, str | None]) -> None:
        """Set hosts, as long as Nova answers."""
        names = list(changes)
        try:
            seen = self._border.seen()
            while names:
                self._change_one(
                    names[0],
                    changes[names[0]],
                    self._border.latest(names[0], seen),
                )
                del names[0]
        except client_exception.CloudError as error:
            # It would be asked again and again for each of the others.
            self._fail(names, str(error))

    def _change_one(
        self, name: str, reason: str | None, seen: resources.ComputeHost | None
    ) -> None:
        """Set a host, unless somebody else has set it since."""
        if host_claims.set_since(seen, self.reasons[name]):
            self._leave(name)
            return
        if reason is not None and _is_frozen(seen):
            # Whoever finds it with the mark would thaw it.
            self._fail([name], 'it is frozen')
            return
        try:
            self._set(name, reason)
        except client_exception.CloudUnavailable:
            raise
        except client_exception.BackendIsNotOurs:
            self._leave(name)
            return
        except client_exception.CloudError as error:
            self._fail([name], str(error))
            return
        self.reasons[name] = reason
        if reason is None:
            LOG.info('The %s %s is enabled again', self._noun, name)
        else:
            LOG.info('The %s %s stays disabled: %s', self._noun, name, reason)

    def _set(self, name: str, reason: str | None) -> None:
        """Enable a host, or disable it with this reason."""
        try:
            if reason is None:
                self._border.enable(name)
            else:
                self._border.disable(name, reason)
        except client_exception.AnswerLost:
            if not waiting.settles(lambda: self._is_set(name, reason)):
                raise

    def _is_set(self, name: str, reason: str | None) -> bool:
        """Whether a host is enabled, or disabled with this reason.

        Nothing tells of one that is not shown: its cell may be down.
        """
        seen = self._border.seen().get(name)
        return not host_claims.set_since(seen, reason)

    def _leave(self, name: str) -> None:
        """Leave a host to whoever has set it, which can be another plan."""
        self._open.discard(name)
        self.left.append(name)

    def _fail(self, names: Iterable[str], trouble: str) -> None:
        """Note that hosts cannot be set, and tell the log why."""
        for name in list(names):
            self._open.discard(name)
            if self.reasons[name] is None:
                LOG.error(
                    'The %s %s is enabled, and another plan may rely on it: '
                    '%s',
                    self._noun,
                    name,
                    trouble,
                )
            else:
                self.failed[name] = trouble
                log_failure(self._border.kind, name, trouble)


def _is_frozen(seen: resources.ComputeHost | None) -> bool:
    """Whether it is a storage backend that somebody has frozen."""
    return isinstance(seen, storage_backends.Backend) and seen.frozen
