# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""One module for each service, all with the same functions.

``configure(layout)``
    writes its configuration files;
``daemons(layout)``
    gives its daemons (:class:`sandbox.daemon.Daemon`), in starting order;
``create_tables(layout)``
    fills its databases, where it has any.
"""

from sandbox.services import cinder
from sandbox.services import glance
from sandbox.services import keystone
from sandbox.services import libvirt
from sandbox.services import mariadb
from sandbox.services import neutron
from sandbox.services import nova
from sandbox.services import placement
from sandbox.services import rabbitmq
from sandbox.services import watcher

INFRASTRUCTURE = (mariadb, rabbitmq)
#: In starting order.  Nova asks Neutron for a server's ports even in GET
#: /servers/{id}, so Neutron is needed although no server has a network.
OPENSTACK = (keystone, placement, nova, neutron, cinder, glance)
ALL = INFRASTRUCTURE + (libvirt,) + OPENSTACK + (watcher,)


def daemons(layout):
    """All daemons of a sandbox by name, in starting order."""
    return {daemon.name: daemon
            for service in ALL for daemon in service.daemons(layout)}
