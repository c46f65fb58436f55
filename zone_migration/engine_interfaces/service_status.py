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

"""The status of Nova and Cinder, and whether they may be changed now."""

from collections.abc import Callable

from zone_migration import client
from zone_migration import conf
from zone_migration import exception

CONF = conf.CONF

#: The services that moves wait for, as messages name them.
NAMES = client.OBSERVED


def last_failure(osc, name: str) -> str:
    """Return why a service could not be read last; nothing is asked.

    :param osc: Watcher's ``OpenStackClients``.
    :param name: one of NAMES.
    :returns: '' when it has shown something, or was not looked at.
    """
    return client.cloud_of(osc, CONF).unseen(name)


def confirm_changes(osc, confirm: Callable[[], None]) -> None:
    """Have each request confirmed first that changes something.

    Not those of Watcher's own actions.  To be called before all else.

    :param osc: Watcher's ``OpenStackClients``.
    :param confirm: raises what ends whoever has asked.
    """
    client.confirm_changes(osc, confirm)


@exception.translate_cloud_errors()
def look(osc, name: str) -> None:
    """Raise ObservationFailed unless a service can be read now.

    :raises waiting.ObservationFailed: when it cannot.
    :raises CloudRequestFailed: when it could not for too long.
    """
    client.cloud_of(osc, CONF).look(name)
