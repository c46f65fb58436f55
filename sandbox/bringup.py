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

"""Brings a whole sandbox up and down."""

import concurrent.futures
import shutil
import time

from sandbox import catalog
from sandbox import daemon
from sandbox import debian
from sandbox import errors
from sandbox import health
from sandbox import layout as layouts
from sandbox import rest
from sandbox import services
from sandbox import venv
from sandbox.drivers import loop_devices
from sandbox.hosts import abilities
from sandbox.services import cinder
from sandbox.services import glance
from sandbox.services import keystone
from sandbox.services import libvirt
from sandbox.services import neutron
from sandbox.services import nova
from sandbox.services import placement
from sandbox.services import watcher

#: Databases filled at once.  More than the two processors the sandbox is
#: made for, because each spends part of its time waiting for MariaDB.
DATABASES_AT_ONCE = 3


def up(layout, progress):
    """Makes what is missing, starts what is down, restarts what changed."""
    venv.watcher_constraints(layout)  # refuses a version before it is kept
    with layout.lock():
        if libvirt.wanted(layout):
            debian.ensure_packages(layout, progress, debian.HYPERVISOR)
            abilities.check(layout.options.hypervisor == 'kvm',
                            venv.interpreter())
        layout.remember_options()
        for name in ('home', 'run', 'logs', 'control'):
            layout.path(name).mkdir(parents=True, exist_ok=True)
        _link_package(layout)
        _install_and_configure(layout, progress)
        if libvirt.wanted(layout):
            libvirt.configure(layout)
            # One after the other: a host hangs on the switch, and its
            # nova-compute ends with it.
            _start(layout, progress, libvirt.SWITCH)
            _start(layout, progress, *libvirt.hosts(layout))
        _start(layout, progress, 'keystone')
        client = rest.Client(layout)
        _once(layout, progress, 'catalog',
              lambda: catalog.fill_keystone(layout, client))
        _start(layout, progress, 'placement', 'nova-conductor', 'neutron',
               'nova-api', 'cinder-api', 'glance', health_of=('http',))
        _once(layout, progress, 'flavors, image and volume types',
              lambda: catalog.fill_cloud(layout, client))
        if libvirt.wanted(layout):
            # Guests that start again want the devices of their volumes.
            _start(layout, progress, 'cinder-volume')
        _start(layout, progress, *(
            name for name, one in services.daemons(layout).items()
            if daemon.expected(layout, one)))
        _stop_leftovers(layout)
        _once(layout, progress, f'cell of {len(layout.computes)} hosts',
              lambda: nova.discover_hosts(layout))
        progress.step('all up')


def down(layout, progress):
    """Stops everything ever started in this state directory."""
    with layout.lock():
        _stop(layout, daemon.recorded(layout))
        loop_devices.detach_all(layout.path('volumes'),
                                layout.path('devices'))
        progress.step('all down')


def destroy(layout, progress, everything=False):
    """Forgets the cloud and, with ``everything``, its own environments.

    Those elsewhere (``--venvs``) stay: other sandboxes may use them.
    """
    if not layout.state.exists():
        return
    down(layout, progress)
    kept = [] if everything else [layout.path('venv')]
    for path in layout.state.iterdir():
        if path not in kept:
            _remove(path)
    if not kept:
        layout.state.rmdir()
    progress.step('cloud forgotten')


def start(layout, names):
    """Starts daemons and waits until they work."""
    with layout.lock():
        chosen = _chosen(layout, names)
        for one in chosen:
            daemon.start(layout, one)
        health.wait(layout, rest.Client(layout), chosen)


def stop(layout, names):
    _chosen(layout, names)
    with layout.lock():
        _stop(layout, names)


def restart(layout, names):
    stop(layout, names)
    start(layout, names)


def kill(layout, names):
    """SIGKILL to the daemons and all they started."""
    with layout.lock():
        for one in _chosen(layout, names):
            daemon.kill(layout, one.name)


def kill_workers(layout, name):
    """SIGKILL to the worker processes of a daemon, which starts others."""
    with layout.lock():
        for one in _chosen(layout, [name]):
            daemon.kill_workers(layout, one.name)


def _chosen(layout, names):
    known = services.daemons(layout)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise errors.SandboxError(
            f'there is no daemon {", ".join(unknown)}; there are '
            f'{", ".join(known)}')
    return [known[name] for name in names]


# -- installing, filling databases

def _install_and_configure(layout, progress):
    """Everything that needs no service, as much at once as can be.

    :returns: when the databases are filled and the queue is up
    """
    debian.ensure_packages(layout, progress, debian.TOOLS)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        infrastructure = pool.submit(_start_infrastructure, layout, progress)
        watcher_venv = pool.submit(venv.ensure_watcher, layout, progress)
        venv.ensure_services(layout, progress)
        for service in services.OPENSTACK:
            service.configure(layout)
        infrastructure.result()
        new = not _done(layout, 'databases')
        if new:
            _fill_databases(layout, progress, (
                keystone.create_tables, nova.create_tables,
                neutron.create_tables, nova.create_cell0_tables,
                cinder.create_tables, glance.create_tables,
                placement.create_tables))
        watcher_venv.result()
        # Not beside it: both write the metadata of the same package.
        venv.ensure_commands(layout, progress)
        watcher.configure(layout)
        if new:
            _fill_databases(layout, progress, (watcher.create_tables,))
            _mark(layout, 'databases')
    _link_programs(layout)


def _start_infrastructure(layout, progress):
    debian.ensure_packages(layout, progress, debian.SERVERS)
    for service in services.INFRASTRUCTURE:
        service.configure(layout)
    _start(layout, progress, 'mariadb', 'epmd', 'rabbitmq')


def _fill_databases(layout, progress, fillers):
    with concurrent.futures.ThreadPoolExecutor(DATABASES_AT_ONCE) as pool:
        futures = [pool.submit(fill, layout) for fill in fillers]
        for future in concurrent.futures.as_completed(futures):
            future.result()
    names = sorted({fill.__module__.rpartition('.')[2] for fill in fillers})
    progress.step(f'databases filled: {", ".join(names)}')


def _once(layout, progress, what, function):
    """A step of the first time, done again only if it did not end."""
    if not _done(layout, what):
        function()
        _mark(layout, what)
        progress.step(f'{what}: done')


def _done(layout, what):
    return layout.path('done', what).exists()


def _mark(layout, what):
    layouts.write(layout.path('done', what), time.strftime('%F %T\n'))


def _link_package(layout):
    """See daemon.environment() for what the link is good for."""
    _link(layout.path('lib', 'sandbox'), services.common.PACKAGE)


def _link_programs(layout):
    """A directory for PATH: an environment's own would hide python3 too."""
    for environment, names in (
            ('services', ('openstack', 'watcher', 'nova', 'cinder',
                          'nova-manage', 'cinder-manage')),
            ('watcher', ('watcher-db-manage', 'watcher-status'))):
        for name in names:
            program = layout.venv(environment) / 'bin' / name
            if program.exists():
                _link(layout.path('bin', name), program)


def _link(link, target):
    link.parent.mkdir(parents=True, exist_ok=True)
    if not (link.is_symlink() and link.readlink() == target):
        link.unlink(missing_ok=True)
        link.symlink_to(target)


# -- daemons

def _start(layout, progress, *names, health_of=None):
    """Starts those that do not run as they should; waits until they work.

    :param health_of: wait only for daemons of these kinds of health
    """
    stale = [one for one in _chosen(layout, names)
             if not daemon.current(layout, one)]
    if not stale:
        return
    _stop(layout, [one.name for one in stale])
    for one in stale:
        if one.name in layouts.PORTS and health.port_open(
                layout.port(one.name)):
            raise errors.PortTaken(one.name, layout.port(one.name))
    for one in stale:
        daemon.start(layout, one)
    health.wait(layout, rest.Client(layout), [
        one for one in stale if not health_of or one.health in health_of])
    progress.step(f'started: {", ".join(one.name for one in stale)}')


def _stop_leftovers(layout):
    """Hosts that a smaller number of computes leaves over."""
    known = services.daemons(layout)
    _stop(layout, [name for name in daemon.recorded(layout)
                   if name not in known])


def _stop(layout, names):
    """All at once, but the infrastructure after what uses it."""
    last = (*libvirt.hosts(layout), libvirt.SWITCH,
            'keystone', 'rabbitmq', 'epmd', 'mariadb')
    known = services.daemons(layout)

    def stop_one(name):
        seconds = known[name].stop_seconds if name in known else 5
        daemon.stop(layout, name, seconds)

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        list(pool.map(stop_one, [name for name in names
                                 if name not in last]))
    for name in last:
        if name in names:
            stop_one(name)


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
