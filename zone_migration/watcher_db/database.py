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

"""Watcher's database: connections to it, and what is retried."""

from collections.abc import Callable
import threading
from typing import TypeVar

from oslo_db import api as db_api
from oslo_db import exception as db_exception
from oslo_db.sqlalchemy import enginefacade
from oslo_log import log
import sqlalchemy

from zone_migration import waiting

LOG = log.getLogger(__name__)

_T = TypeVar('_T')

#: Where oslo.db keeps what a thread has open, as Watcher has it.
_CONTEXT = threading.local()

#: Deadlocks and lost connections are the database's business, not a reason
#: to call a migration failed. Attempts are 0.1 s apart at first, 10 s at
#: last, and go on for 80 s: longer than a database needs to restart or to
#: fail over.
#:
#: A connection can be lost after a commit and before its answer: what is
#: retried has to do no harm when it is done twice.
retried = db_api.wrap_db_retry(
    retry_interval=0.1,
    max_retries=14,
    max_retry_interval=10,
    retry_on_deadlock=True,
    retry_on_disconnect=True,
    # All connections are in use, by those that wait for the database.
    exception_checker=lambda error: isinstance(
        error, sqlalchemy.exc.TimeoutError
    ),
)

#: What is raised when the database is away for longer than that, or does not
#: take what it is asked to write, as when it is read-only in a fail-over.
AWAY = (db_exception.DBError, sqlalchemy.exc.TimeoutError)

#: What is among these, and what no waiting mends.
NEVER_TAKEN = (
    db_exception.DBConstraintError,
    db_exception.DBDataError,
    db_exception.DBDuplicateEntry,
    db_exception.DBReferenceError,
)

#: Between two rounds of attempts, in seconds.
_PAUSE = 1.0


def until_answered(function: Callable[..., _T], *args) -> _T:
    """Call what is :data:`retried` until the database has answered.

    For what a plan cannot go on, or end, without.

    :raises DBError: one of :data:`NEVER_TAKEN`.
    """
    pauses = waiting.polls(_PAUSE)
    while True:
        next(pauses)
        try:
            return function(*args)
        except NEVER_TAKEN:
            raise
        except AWAY as error:
            LOG.error(
                'The database is waited for: %s: %s',
                type(error).__name__,
                error,
            )


def reader():
    """A connection that reads, in a ``with`` block."""
    return enginefacade.reader.connection.using(_CONTEXT)


def writer():
    """A connection that writes, in a ``with`` block; its end commits."""
    return enginefacade.writer.connection.using(_CONTEXT)
