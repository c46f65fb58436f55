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

"""A move of a server out of the availability zone that it is pinned to."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib

from oslo_log import log
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration import waiting
from zone_migration.actions import cold_move
from zone_migration.actions import server
from zone_migration.client import exception as client_exception
from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.outcome import lost_answers
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import pins
from zone_migration.logic.preflight import availability_zones
from zone_migration.logic.preflight import decisions

LOG = log.getLogger(__name__)

#: How much of a message, in characters, is for what has come of the move and
#: of the pin; how it ended and how long it took stand around that.
_ROOM = 200

#: How much of that is for what has come of the move at least.
_LEAST = 60

#: How much is told of what was seen last of one that hangs.
_SEEN = 40


class Unpinning(server.ServerAction):
    """A migration that unpins its server first, and pins it again.

    Where ``unpin_from`` names the availability zone that it was pinned to.
    Nova pins a server only to the zone where it is
    (``nova.compute.api.API.update_instance``).
    """

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        self._is_unpinned = False
        self._is_pinning = False

    def pre_condition(self) -> None:
        """See :class:`~zone_migration.actions.move.MoveAction`.

        What an applier that was stopped meanwhile has unpinned is pinned,
        where nothing is left to move, or to be begun as the plan is cancelled.
        """
        self._is_unpinned |= bool(self.begun_at or self.may_have_begun)
        try:
            super().pre_condition()
            if (
                self._is_to_be_pinned
                and not self.is_under_way
                and self.plan_is_cancelled()
            ):
                raise exception.MoveCancelled(reason='nothing was started')
        except exception.ServiceUnavailable:
            # It is tried again.
            raise
        except (
            watcher_exception.ActionSkipped,
            exception.MoveCancelled,
            exception.MoveError,
        ) as error:
            _add(error, self._pin_again())
            raise

    def execute(self) -> bool:
        """See :class:`~zone_migration.actions.move.MoveAction`."""
        with self._pinned_afterwards():
            return super().execute()

    def revert(self) -> None:
        """See :class:`~zone_migration.actions.move.MoveAction`."""
        self._is_unpinned = True
        with self._pinned_afterwards():
            super().revert()

    def _start_migration(
        self,
        wanted: decisions.ServerMove,
        request: Callable[[], None],
        decide: Callable[[decisions.ServerMove], decisions.Decision],
    ) -> None:
        """Unpin the server, then ask Nova to begin."""
        if self.input_parameters.get('unpin_from'):
            self._is_unpinned = True
            self._pin('')
            # Nothing of the move itself has.
            self._begun = False
            if self._is_cancelled():
                raise exception.MoveCancelled(reason='nothing was started')
        super()._start_migration(wanted, request, decide)

    def _silent_gb(self) -> int:
        """Nothing is copied while the server is pinned again."""
        return 0 if self._is_pinning else super()._silent_gb()

    @property
    def _is_to_be_pinned(self) -> bool:
        """Whether the server may have lost its pin."""
        zone = self.input_parameters.get('unpin_from')
        return self._is_unpinned and bool(zone)

    @contextlib.contextmanager
    def _pinned_afterwards(self) -> Iterator[None]:
        """Pin the server again, whatever comes of its move, and tell so."""
        try:
            yield
        except watcher_exception.WatcherException as error:
            _add(error, self._pin_again())
            raise
        except Exception:
            self._pin_again()
            raise
        done = self._last_report
        told = self._pin_again()
        if told:
            self._report_progress(f'{done} ({told})')

    def _pin_again(self) -> str:
        """Pin what was unpinned; return what became of it, '' if nothing.

        Nova is waited for where it is away, as long as for any move; what it
        refuses is asked for again for a moment only.
        """
        if not self._is_to_be_pinned:
            return ''
        # A cancel does not keep it from being asked again for that.
        self._begun = True
        self._is_pinning = True
        zone, done = self.input_parameters['unpin_from'], self._last_report
        try:
            waited = self._see(
                self._look_where_it_is,
                lambda seen: _evaluate(seen[0], done or 'started'),
                waiting.SETTLE,
            )
            return self._pin_where_it_is(zone, *waited.observed)
        except (
            client_exception.CloudError,
            watcher_exception.WatcherException,
        ) as error:
            LOG.warning('%s: not pinned to %s again: %s', self, zone, error)
            return pins.lost(zone, _why(error))
        finally:
            self._is_pinning = False

    def _look_where_it_is(
        self,
    ) -> tuple[resources.Server | None, bool, str]:
        """Return the server, whether it may still move, the zone of its host.

        The latter is '' where no aggregate names one.
        """
        nova = self.cloud.nova
        shown = nova.server(self.wanted.resource_id, whole=True)
        if shown is None or shown.pinned_zone or shown.host is None:
            return shown, False, ''
        migrations = nova.migrations_of(shown.id)
        if shown.status in cold_move.UNDER_WAY or any(
            migration.is_in_flight for migration in migrations[:1]
        ):
            return shown, True, ''
        zones = availability_zones.Zones(nova.aggregates())
        return shown, False, zones.of(shown.host)

    def _pin_where_it_is(
        self,
        unpinned_from: str,
        shown: resources.Server | None,
        may_move: bool,
        zone: str,
    ) -> str:
        """Pin the server to the zone where it is, and tell so."""
        if shown is None or shown.pinned_zone:
            return ''
        if may_move or shown.host is None:
            return pins.lost(
                unpinned_from,
                'it may still move'
                if may_move
                else 'Nova does not show where it is',
            )
        if zone == unpinned_from:
            self._pin(zone)
            return f'pinned to {zone} again'
        if self.input_parameters.get('leave_unpinned'):
            return f'no longer pinned to {unpinned_from}'
        if not zone:
            return f'no longer pinned to {unpinned_from}, nor to another zone'
        self._pin(zone)
        return f'pinned to {zone} instead of {unpinned_from}'

    def _pin(self, zone: str) -> None:
        """Pin the server to the zone, or to none, whatever comes of answers.

        :raises CloudError: when it could not be.
        :raises MoveCancelled: when it was not, and is to end.
        """
        nova, id_ = self.cloud.nova, self.wanted.resource_id
        self._start(
            lambda: nova.pin(id_, zone or None),
            lambda: lost_answers.pin(nova.server(id_, whole=True), zone),
        )


def _evaluate(
    shown: resources.Server | None, text: str
) -> outcomes.Outcome:
    """Whether Nova shows what it has to: a cell that is down is waited for.

    :param text: what is told meanwhile.
    """
    if shown is not None and shown.status == resources.UNKNOWN:
        return outcomes.running('its cell does not answer')
    return outcomes.done(text)


def _why(error: Exception) -> str:
    """Why a server was not pinned: of what is out of sight, since when.

    Whether that may go on is told of moves.
    """
    lost = getattr(error, 'kwargs', {}).get('lost')
    return f'it was {lost}' if lost else str(error)


def _add(error: watcher_exception.WatcherException, more: str) -> None:
    """Put more, if any, into the text of an error, where it is not cut."""
    if not more:
        return
    said = error.kwargs
    if 'measure' in said:
        text = error.msg_fmt % {
            **said,
            'last_seen': messages.fit(said['last_seen'], _SEEN),
            'measure': f'{said["measure"]}; {more}',
        }
    else:
        room = max(_ROOM - len(more), _LEAST)
        text = f'{messages.fit(str(error), room)}; {more}'
    error.args = (text,)
