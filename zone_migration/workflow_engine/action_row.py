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

"""The row of one action: its state and message, and what is notified of it.

What is to be written waits in a queue, and whoever comes first writes it.  No
lock is held meanwhile: a database that is away keeps nobody from changing the
state, or from aborting the action.
"""

import collections
from collections.abc import Callable
import functools
import threading

from oslo_log import log
from watcher import notifications
from watcher.common import exception as watcher_exception
from watcher.objects import fields

from zone_migration.logic import messages
from zone_migration.logic.outcome import states
from zone_migration.watcher_db import database
from zone_migration.watcher_db import notifier
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import records
from zone_migration.workflow_engine import threads

LOG = log.getLogger(__name__)

_INFO = fields.NotificationPriority.INFO

#: How often the message of a running action is written, at most, in seconds.
_SHOW_EVERY = 10.0


class ActionRow:
    """The row of one action.  Any thread may use it.

    Whatever reads or writes it raises PlanIsLost when the plan is lost.

    :param db_action: the action, as Watcher's database has it.
    :param owner: whether the plan is run here.
    """

    def __init__(self, context, db_action, owner: ownership.Ownership) -> None:
        self._context = context
        self._owner = owner
        #: As it is in the database; only what is being written changes it.
        self.db_action = db_action
        #: What it is, or will be when all is written.
        self.state: str = db_action.state
        self.message: str = db_action.status_message or ''
        self._unwritten: collections.deque[Callable[[], None]] = (
            collections.deque()
        )
        self._writing = False
        self._turn = threading.Condition()
        self._deleted = False
        self._shown, self._show_at = '', float('-inf')
        self._to_show: str | None = None

    @property
    def uuid(self) -> str:
        """The action's UUID."""
        return self.db_action.uuid

    @property
    def name(self) -> str:
        """The resource of the action, or the action's type and UUID."""
        parameters = self.db_action.input_parameters or {}
        name = (
            parameters.get('resource_name')
            or parameters.get('resource_id')
            or f'{self.db_action.action_type} {self.uuid}'
        )
        return messages.escaped(str(name))

    def set_state(self, state: str, message: str = '') -> None:
        """Change the state, and return when that is written.

        A state is written until it is written, unless the row was deleted.

        :raises ImpossibleTransition: when it cannot become that.
        """
        with self._turn:
            self._change(state, message)
        self.flush()

    def begin_to_cancel(self, announce: Callable[[], None]) -> bool:
        """Make an action CANCELLING that is ONGOING, and write it soon.

        :param announce: called when it is written.
        :returns: whether it is CANCELLING now.
        """
        with self._turn:
            if self.state != states.ONGOING:
                return self.state == states.CANCELLING
            self._change(states.CANCELLING)
            self._unwritten.append(announce)
        self._flush_soon()
        return True

    def show(self, message: str, now: float) -> None:
        """Write soon where a running action stands; it is tried once.

        Nothing is written of what is shown, or when something was shown a
        moment ago.

        :param now: in seconds, on a clock that goes forward.
        """
        if message == self._shown or now < self._show_at:
            return
        self._shown, self._show_at = message, now + _SHOW_EVERY
        with self._turn:
            # One waits at most, however long the database takes.
            waits, self._to_show = self._to_show is not None, message
            if not waits:
                self._unwritten.append(self._show)
        if not waits:
            self._flush_soon()

    def notify(self, action, phase, priority=_INFO) -> None:
        """Notify of the action as it is, when that is written."""
        self.flush()
        self.send(action, phase, priority)

    def send(self, action, phase, priority=_INFO) -> None:
        """Notify of the action as the database has it."""
        notifier.send(
            notifications.action.send_execution_notification
            if action == fields.NotificationAction.EXECUTION
            else notifications.action.send_cancel_notification,
            self._context,
            self.db_action,
            action,
            phase,
            priority=priority,
        )

    def send_update(self, old_state: str) -> None:
        """Notify that it is not in that state any more."""
        notifier.send(
            notifications.action.send_update,
            self._context,
            self.db_action,
            old_state=old_state,
        )

    def skipped_by_others(self) -> bool:
        """Whether it is SKIPPED in the database, which is asked."""
        if self._ask(records.state, self.uuid) != states.SKIPPED:
            return False
        self.db_action = self._ask(records.load, self._context, self.uuid)
        self.state = states.SKIPPED
        self.message = self.db_action.status_message or ''
        return True

    def flush(self) -> None:
        """Return when all that waits is written."""
        while (write := self._next()) is not None:
            try:
                write()
            finally:
                with self._turn:
                    self._writing = False
                    self._turn.notify_all()

    def _next(self) -> Callable[[], None] | None:
        """Return what is to be written next, when nothing is being written."""
        with self._turn:
            self._turn.wait_for(lambda: not self._writing)
            if not self._unwritten:
                return None
            self._writing = True
            return self._unwritten.popleft()

    def _flush_soon(self) -> None:
        """Flush in a thread; without one, whoever flushes next does it."""
        try:
            threads.start(f'row-{self.uuid}', self.flush)
        except RuntimeError as error:
            LOG.warning('Action %s is written later: %s', self.uuid, error)

    def _change(self, state: str, message: str = '') -> None:
        """Change the state, and leave that to be written."""
        if self.state != state:
            states.check(self.state, state)
        self.state = state
        if message:
            self.message = messages.fit(message)
        self._unwritten.append(
            functools.partial(self._write, state, messages.fit(message))
        )

    def _write(self, state: str, message: str) -> None:
        """Write a state and a message, in ASCII if nothing else is taken."""
        if self._deleted:
            return
        was, self.db_action.state = self.db_action.state, state
        if message:
            self.db_action.status_message = message
        try:
            self._save(was)
        except Exception:
            # Whoever writes it: the state has to be in the row.  A text may
            # have a character that the database does not take.
            LOG.exception('Action %s is written in ASCII', self.uuid)
            self.db_action.status_message = messages.fit(
                ascii(self.db_action.status_message or '')[1:-1]
            )
            self._save(was)

    def _save(self, was: str) -> None:
        """Save the row until it is saved, or was deleted.

        :param was: the state that was written last.
        """
        try:
            self._ask(records.save, self._context, self.db_action, was)
        except watcher_exception.ActionNotFound:
            self._deleted = True
            LOG.warning(
                'Action %s was deleted; no more is written of it', self.uuid
            )

    def _show(self) -> None:
        """Write where the action stands, once; nothing is raised."""
        with self._turn:
            message, self._to_show = self._to_show or '', None
        if self._deleted or states.has_ended(self.state):
            return
        self.db_action.status_message = messages.fit(message)
        try:
            self._owner.keep(
                records.save_without_retry, self._context, self.db_action
            )
        except Exception as error:  # noqa: B902, BLE001
            # It has a next one; what is moved moves on all the same.
            LOG.warning(
                'Where action %s stands is not shown: %s: %s',
                self.uuid,
                type(error).__name__,
                error,
            )

    def _ask(self, function: Callable, *args):
        """Call a function until the database has answered."""
        return database.until_answered(self._owner.keep, function, *args)
