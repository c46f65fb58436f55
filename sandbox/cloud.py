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

"""The sandbox from Python: servers, volumes, and how they behave.

    cloud = cloud.Cloud()
    server = cloud.create_server('web', host='compute1')
    volume = cloud.create_volume('data', pool='b1')
    cloud.attach(server, volume)
    cloud.behave('web', live_seconds=20)
    cloud.request('POST', 'nova', f'/servers/{server}/action', {...})
    cloud.wait(lambda: cloud.server(server)['status'] == 'ACTIVE')

Servers and volumes can be named by id or name throughout; methods that make
one give its id.
"""

import concurrent.futures
import json
import signal
import uuid

from sandbox import bringup
from sandbox import catalog
from sandbox import cleaning
from sandbox import daemon
from sandbox import errors
from sandbox import ini
from sandbox import layout as layouts
from sandbox import pattern
from sandbox import rest
from sandbox import waiting
from sandbox.drivers import behaviour
from sandbox.services import libvirt

#: Requests of ours that go to one API at the same time.
AT_ONCE = 8


class Cloud:
    """One sandbox, which must be up.

    :param state: its state directory; the default is the command's
    :param user: admin, demo or watcher
    """

    def __init__(self, state=None, user='admin'):
        self.layout = layouts.Layout.load(state)
        self._client = rest.Client(self.layout, user)

    # -- anything

    def request(self, method, service, path, body=None, microversion=None):
        """``(status, body)``, whatever they are; see rest.Client.request."""
        return self._client.request(method, service, path, body,
                                    microversion)

    def call(self, method, service, path, body=None, microversion=None):
        """The body of the answer.

        :raises errors.RequestRefused: when its status is 300 or more
        """
        return self._client.call(method, service, path, body, microversion)

    def wait(self, condition, seconds=300, what='the condition'):
        """The first true value of ``condition()``.

        :raises errors.TimedOut: when there is none within ``seconds``
        """
        return waiting.until(condition, seconds, what)

    @property
    def project_id(self):
        """Of the user, once something was asked."""
        return self._client.project_id

    def image_id(self, name):
        found = self.call('GET', 'glance', f'/images?name={name}')['images']
        return self._id('image', name, found)

    # -- servers

    def servers(self):
        """All servers, as Nova shows them."""
        return self.call('GET', 'nova',
                         '/servers/detail?all_tenants=1')['servers']

    def server(self, server):
        """A server, as Nova shows it."""
        return self.call('GET', 'nova',
                         f'/servers/{self.server_id(server)}')['server']

    def server_id(self, server):
        if _is_id(server):
            return server
        return self._id('server', server, self.servers())

    def migrations(self, server):
        """Nova's records of a server's migrations, the newest first."""
        return self.call('GET', 'nova', '/os-migrations?instance_uuid='
                         + self.server_id(server))['migrations']

    def create_server(self, name, host=None, flavor='tiny', stopped=False,
                      paused=False, volumes=(), metadata=None, group=None,
                      image=catalog.IMAGE, boot_pool=None):
        """The id of a new server that is as asked for.

        :param host: None: the scheduler chooses
        :param volumes: volumes to attach
        :param group: the id of a server group
        :param image: with a hypervisor also ``busy``, whose guest writes to
                      half of its memory 18 times a second
        :param boot_pool: it boots from a volume in this pool, which Cinder
                          makes from the image, and which goes with it;
                          named as the server with ``-root``
        """
        body = {'server': {
            'name': name, 'flavorRef': flavor,
            'networks': 'none', 'metadata': metadata or {},
            **({'host': host} if host else {})}}
        if boot_pool:
            root = self.create_volume(f'{name}-root', boot_pool, image=image)
            body['server']['block_device_mapping_v2'] = [{
                'source_type': 'volume', 'destination_type': 'volume',
                'uuid': root, 'boot_index': 0,
                'delete_on_termination': True}]
        else:
            body['server']['imageRef'] = self.image_id(image)
        if group:
            body['os:scheduler_hints'] = {'group': group}
        server = self.call('POST', 'nova', '/servers', body)['server']['id']
        self._wait_status('server', self.server, server, 'ACTIVE')
        for volume in volumes:
            self.attach(server, volume)
        if stopped:
            self.act(server, 'os-stop')
            self._wait_status('server', self.server, server, 'SHUTOFF')
        elif paused:
            self.act(server, 'pause')
            self._wait_status('server', self.server, server, 'PAUSED')
        return server

    def create_servers(self, names, **how):
        """``{name: id}`` of servers made at the same time, all alike."""
        return self._all(names, lambda name: self.create_server(name, **how))

    def act(self, server, action, arguments=None):
        """POSTs an action, e.g. ``act('web', 'migrate', {'host': None})``."""
        return self.call('POST', 'nova',
                         f'/servers/{self.server_id(server)}/action',
                         {action: arguments})

    def soft_delete(self, *servers):
        """Deletes servers as a Nova does that reclaims them later.

        nova-api does so for all servers or for none (``[DEFAULT]
        reclaim_instance_interval``); this does the same for some.
        """
        ids = [self.server_id(server) for server in servers]
        daemon.run(
            self.layout,
            [self.layout.bin('services', 'python'), '-m',
             'sandbox.soft_deletion', self.layout.etc('nova', 'nova.conf'),
             *ids], 'soft_deletion')
        for server in ids:
            self._wait_status('server', self.server, server, 'SOFT_DELETED')

    def attach(self, server, volume):
        volume = self.volume_id(volume)
        self.call('POST', 'nova', f'/servers/{self.server_id(server)}'
                  '/os-volume_attachments',
                  {'volumeAttachment': {'volumeId': volume}})
        self._wait_status('volume', self.volume, volume, 'in-use')

    # -- volumes

    def volumes(self):
        """All volumes, as Cinder shows them.

        While a volume migrates there is a second one with its name: first
        what it is copied to, then its old data, being deleted.  Those are
        left out.
        """
        shown = self.call('GET', 'cinder',
                          '/volumes/detail?all_tenants=1')['volumes']
        return [one for one in shown
                if not (one['migration_status'] or '').startswith(
                    ('target:', 'deleting'))]

    def volume(self, volume):
        """A volume, as Cinder shows it."""
        return self.call('GET', 'cinder',
                         f'/volumes/{self.volume_id(volume)}')['volume']

    def volume_id(self, volume):
        if _is_id(volume):
            return volume
        return self._id('volume', volume, self.volumes())

    def create_volume(self, name, pool=None, type=None, size=1, image=None):
        """The id of a new volume.

        :param pool: b1 to b4, the first if neither this nor a type is given
        :param type: default: the one that the pool serves
        :param size: in GB
        :param image: that Cinder makes it from
        """
        if pool is None and type is None:
            pool = next(iter(layouts.POOLS))
        if pool is not None and pool not in layouts.POOLS:
            raise errors.NotFound('pool', pool)
        body = {'volume': {'name': name, 'size': size,
                           'volume_type': type or layouts.POOLS[pool]}}
        if image:
            body['volume']['imageRef'] = self.image_id(image)
        if pool:
            body['OS-SCH-HNT:scheduler_hints'] = {'query': json.dumps(
                ['=', '$backend_id', layouts.pool_host(pool)])}
        volume = self.call('POST', 'cinder', '/volumes',
                           body)['volume']['id']
        self._wait_status('volume', self.volume, volume, 'available')
        return volume

    def create_volumes(self, names, **how):
        """``{name: id}`` of volumes made at the same time, all alike."""
        return self._all(names, lambda name: self.create_volume(name, **how))

    def volume_file(self, volume):
        """Path of the file where the data of a volume are now."""
        pool, name = self._pool_and_name(volume)
        return self.layout.volumes(pool) / name

    def volume_device(self, volume):
        """Path of its block device, which a guest has got it as."""
        pool, name = self._pool_and_name(volume)
        return self.layout.devices(pool) / name

    def _pool_and_name(self, volume):
        shown = self.volume(volume)
        pool = shown['os-vol-host-attr:host'].partition('#')[2]
        # A volume migrated in use keeps its id but not its file.
        name = shown['os-vol-mig-status-attr:name_id'] or shown['id']
        return pool, f'volume-{name}'

    def fill_volume(self, volume):
        """Writes a pattern of its own into a volume."""
        shown = self.volume(volume)
        pattern.fill(self.volume_file(volume), shown['id'], shown['size'])

    def volume_checksum(self, volume):
        """A checksum of its data, see :func:`sandbox.pattern.checksum`."""
        return pattern.checksum(self.volume_file(volume))

    # -- behaviour

    def behave(self, who, **settings):
        """Says how operations go, e.g. ``behave('web', live_seconds=9)``.

        :param who: ``*``, a name or id, for volumes also a pool
        :param settings: see sandbox.drivers.behaviour.SETTINGS; None
                         forgets a setting
        :raises errors.SettingsRejected: naming all that are wrong
        """
        values, faults = behaviour.parse(settings)
        if faults:
            raise errors.SettingsRejected(faults)
        with layouts.lock_file(self.layout.path('control', 'lock')):
            self._write_behaviour(
                behaviour.change(self.behaviour(), who, values))

    def behaviour(self):
        """What was said, ``{who: {setting: value}}``."""
        return behaviour.read(self.layout.behaviour_file)

    def forget_behaviour(self):
        """Everything behaves as by default; what hangs goes on."""
        self._write_behaviour({})

    def _write_behaviour(self, table):
        layouts.write(self.layout.behaviour_file,
                      json.dumps(table, indent=1) + '\n')

    # -- hosts with real guests

    def guests(self, host):
        """``{server id: state}`` of a host, as its libvirt tells.

        States are running, paused and shutoff.
        """
        return {
            guest: state for state in ('running', 'paused', 'shutoff')
            for guest in libvirt.virsh(self.layout, host, 'list', '--uuid',
                                       f'--state-{state}').split()}

    def guest_devices(self, server):
        """Paths of the block devices that a running guest has."""
        server = self.server(server)
        lines = libvirt.virsh(
            self.layout, server['OS-EXT-SRV-ATTR:host'], 'domblklist',
            server['id'], '--details').splitlines()
        # type, device, target, source
        disks = (line.split() for line in lines)
        return {disk[3] for disk in disks if disk and disk[0] == 'block'}

    def pull_cable(self, host):
        """Cuts a host off from the others; Nova still reaches it."""
        libvirt.set_cable(self.layout, host, plugged=False)

    def plug_cable(self, host):
        libvirt.set_cable(self.layout, host, plugged=True)

    # -- daemons

    def start(self, *names):
        """Starts daemons, e.g. ``watcher-applier``; waits for their work."""
        bringup.start(self.layout, names)

    def stop(self, *names):
        bringup.stop(self.layout, names)

    def restart(self, *names):
        bringup.restart(self.layout, names)

    def kill(self, *names):
        """As a crash would: SIGKILL."""
        bringup.kill(self.layout, names)

    def kill_workers(self, name):
        """The worker processes of a daemon only, which starts others."""
        bringup.kill_workers(self.layout, name)

    def pause(self, name):
        """As a virtual machine would be: SIGSTOP."""
        daemon.send(self.layout, name, signal.SIGSTOP)

    def unpause(self, name):
        daemon.send(self.layout, name, signal.SIGCONT)

    def set_watcher_options(self, sections):
        """Options that Watcher's daemons have from their next start on.

        :param sections: ``{section: {option: value}}``, replacing those set
                         before; ``{}`` goes back to the sandbox's own
        """
        layouts.write(self.layout.watcher_extra_conf, ini.render(sections))

    def requests_logged(self, api):
        """Lines of the access log of an API, e.g. ``nova-api``."""
        return self.layout.access_log(api).read_text().splitlines()

    def clean(self):
        """Deletes all servers, volumes and server groups, also stuck ones."""
        self.forget_behaviour()
        cleaning.clean(self._client)

    # --

    def _id(self, kind, name, things):
        for one in things:
            if one['name'] == name:
                return one['id']
        raise errors.NotFound(kind, name)

    def _wait_status(self, kind, get, thing, status):
        def reached():
            shown = get(thing)['status']
            if shown.lower() == 'error':
                raise errors.SandboxError(
                    f'{kind} {thing} is in status {shown}, not {status}')
            return shown == status
        self.wait(reached, 300, f'{kind} {thing} in status {status}')

    def _all(self, names, create):
        names = list(names)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(names, pool.map(create, names), strict=True))


def _is_id(text):
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
