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

"""Watcher's notifications: sent by Watcher, when there is who gets them."""

from collections.abc import Callable
import functools
import os

from oslo_log import log
from watcher import conf as watcher_conf
from watcher.common import rpc
from watcher.notifications import base
from watcher.objects import fields

from zone_migration.watcher_db import database

CONF = watcher_conf.CONF
LOG = log.getLogger(__name__)


def emitted(priority: str) -> bool:
    """Whether notifications of this priority reach anybody.

    Watcher asks that last (``notifications.base.NotificationBase.emit``, the
    drivers of oslo.messaging), after it has read audit and strategy again for
    the payload. By default its level is INFO and there is no driver.
    """
    level = CONF.notification_level
    if not level or base.NOTIFY_LEVELS[priority] < base.NOTIFY_LEVELS[level]:
        return False
    # oslo.messaging registers the group when Watcher makes its notifier.
    group = getattr(CONF, 'oslo_messaging_notifications', None)
    return group is None or any(name != 'noop' for name in group.driver)


def send(
    function: Callable,
    *args,
    priority: str = fields.NotificationPriority.INFO,
    **kwargs,
) -> None:
    """Call one of Watcher's ``send_...`` functions, unless it is in vain.

    What it reads from the database is read again when that fails; it sends
    after the last read.  Nothing is raised: what is notified of has happened.

    :param args: what the function takes.
    :param priority: the function gets it too, unless it is INFO, which all
        of them have for their default.
    """
    if not emitted(priority):
        return
    if priority != fields.NotificationPriority.INFO:
        kwargs['priority'] = priority
    try:
        database.retried(function)(*args, **kwargs)
    except Exception as error:  # noqa: B902, BLE001
        # Of a plan without an audit or a strategy Watcher makes none, and
        # raises whatever comes of it: EagerlyLoadedActionRequired,
        # InvalidIdentity, AttributeError.
        LOG.warning(
            'Watcher does not notify (%s): %s: %s',
            getattr(function, '__name__', function),
            type(error).__name__,
            error,
            exc_info=True,
        )


@functools.cache
def connect_anew_after_fork() -> None:
    """Let each process that is forked from now on have its own connection.

    An applier that ends what an earlier one has left sends notifications of
    that before it forks the process that runs plans (Watcher 17).  On the
    connection that both would share, one takes the answers that the other
    waits for, and a plan can stand still until it breaks, for minutes.
    """
    os.register_at_fork(after_in_child=_connect_anew)


def _connect_anew() -> None:
    """Give this process a connection of its own."""
    if rpc.initialized():
        rpc.init(CONF)
