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

"""The border to Nova, Cinder and those they work with.

Only here do the names and exceptions of novaclient, cinderclient and
keystoneauth exist; everything leaves as :mod:`zone_migration.logic.resources`
objects or as exceptions of :mod:`zone_migration.client.exception`.
"""

from collections.abc import Callable
import copy
import threading
from typing import Any
import weakref

from zone_migration.client import cinder
from zone_migration.client import keystone
from zone_migration.client import neutron
from zone_migration.client import nova
from zone_migration.client import placement
from zone_migration.client import retries
from zone_migration.client import server_observer
from zone_migration.client import service
from zone_migration.client import shares
from zone_migration.client import volume_observer

#: The services that are observed, as messages name them.
OBSERVED = ('Nova', 'Cinder')

#: For how many seconds a request waits for a connection, and for the next
#: part of its answer, where Watcher's [watcher_clients_auth] timeout does not
#: say.
_TIMEOUT = 60.0


class Cloud:
    """The services and what is observed of them, over one session.

    :param poll_interval: seconds between two observations.
    :param request_retries: how often a request is repeated.  Those of the
        observations are not: the next one asks again, and all who wait would
        wait for each of them.
    :param grace_period: for how many seconds an observation that is refused
        (HTTP 4xx) counts as not seen.
    :param confirm: called before each request that changes something; raises
        what is to keep it from that.
    """

    def __init__(
        self,
        session: Any,
        conf: Any,
        poll_interval: float,
        request_retries: int,
        grace_period: float = 0,
        confirm: Callable[[], None] = lambda: None,
    ) -> None:
        if session.timeout is None:
            # Watcher's own is left as it is.
            session = copy.copy(session)
            session.timeout = _TIMEOUT

        def reach(
            name: str, max_retries: int = request_retries
        ) -> tuple[retries.Session, dict[str, Any]]:
            return (
                retries.Session(session, name, max_retries, confirm),
                service.endpoint_options(conf, name.lower()),
            )

        self.nova = nova.Nova(*reach('Nova'))
        self.cinder = cinder.Cinder(*reach('Cinder'))
        self.keystone = keystone.Keystone(*reach('Keystone'))
        self.neutron = neutron.Neutron(*reach('Neutron'))
        self.placement = placement.Placement(*reach('Placement'))
        self.shares = shares.Shares(*reach('Nova'), self.nova)
        self.servers = server_observer.ServerObserver(
            nova.Nova(*reach('Nova', 0)),
            poll_interval,
            grace_period=grace_period,
        )
        self.volumes = volume_observer.VolumeObserver(
            cinder.Cinder(*reach('Cinder', 0)),
            poll_interval,
            grace_period=grace_period,
        )
        self._observers: dict[
            str,
            server_observer.ServerObserver | volume_observer.VolumeObserver,
        ] = {
            'Nova': self.servers,
            'Cinder': self.volumes,
        }

    def unseen(self, service_name: str) -> str:
        """The reason why a service could not be read last.

        :param service_name: one of OBSERVED.
        :returns: '' when it could, has refused for too long to be, or was
            not read.
        """
        return self._observers[service_name].unseen

    def look(self, service_name: str) -> None:
        """Check whether a service can be read now.

        :raises waiting.ObservationFailed: when it cannot.
        :raises CloudError: when it could not for too long.
        """
        self._observers[service_name].refresh()


_CLOUDS: weakref.WeakKeyDictionary[Any, Cloud] = weakref.WeakKeyDictionary()
_CONFIRMATIONS: weakref.WeakKeyDictionary[Any, Callable[[], None]] = (
    weakref.WeakKeyDictionary()
)
_LOCK = threading.Lock()


def confirm_changes(osc: Any, confirm: Callable[[], None]) -> None:
    """Have each request confirmed that changes something.

    To be called before :func:`cloud_of`.

    :param confirm: see :class:`Cloud`.
    """
    with _LOCK:
        _CONFIRMATIONS[osc] = confirm


def cloud_of(osc: Any, conf: Any) -> Cloud:
    """The cloud behind Watcher's ``OpenStackClients``, one for each.

    All actions of a plan get the same ``osc``, and so share one session and
    one set of observations.
    """
    with _LOCK:
        cloud = _CLOUDS.get(osc)
        if cloud is None:
            options = conf.zone_migration
            cloud = Cloud(
                osc.session,
                conf,
                options.poll_interval,
                options.request_retries,
                options.retry * options.retry_interval,
                _CONFIRMATIONS.get(osc, lambda: None),
            )
            _CLOUDS[osc] = cloud
        return cloud
