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

"""The commands about servers and volumes, and how these behave."""

from sandbox import catalog
from sandbox import cloud as clouds
from sandbox import errors
from sandbox import layout as layouts
from sandbox.drivers import behaviour


def add_commands(command):
    """:param command: adds one to the parser, see command.parser()"""
    server = command('server', None, 'make servers').add_subparsers(
        metavar='COMMAND', required=True)
    one = server.add_parser('create', help='make servers, all at once')
    one.set_defaults(function=_server_create)
    one.add_argument('names', nargs='+', metavar='NAME')
    one.add_argument('--host', help='default: the scheduler chooses')
    one.add_argument('--flavor', default='tiny')
    one.add_argument('--image', default=catalog.IMAGE,
                     help='with a hypervisor also "busy", whose guest keeps '
                          'writing to its memory')
    one.add_argument('--boot-from-volume', choices=layouts.POOLS,
                     metavar='POOL',
                     help='made from the image in this pool')
    state = one.add_mutually_exclusive_group()
    state.add_argument('--stopped', action='store_true')
    state.add_argument('--paused', action='store_true')
    one.add_argument('--attach', nargs='+', default=(), metavar='VOLUME')

    volume = command('volume', None, 'make volumes, look into them'
                     ).add_subparsers(metavar='COMMAND', required=True)
    one = volume.add_parser('create', help='make volumes, all at once')
    one.set_defaults(function=_volume_create)
    one.add_argument('names', nargs='+', metavar='NAME')
    one.add_argument('--pool', choices=layouts.POOLS)
    one.add_argument('--type', choices=sorted(set(layouts.POOLS.values())))
    one.add_argument('--size', type=int, default=1, help='in GB')
    one.add_argument('--image', help='that it is made from')
    one = volume.add_parser('fill', help='write a pattern into it')
    one.set_defaults(function=_volume_fill)
    one.add_argument('name')
    one = volume.add_parser('checksum', help='checksum and path of its data')
    one.set_defaults(function=_volume_checksum)
    one.add_argument('name')

    one = command('attach', _attach, 'attach volumes to a server')
    one.add_argument('server')
    one.add_argument('volumes', nargs='+', metavar='VOLUME')
    command('list', _list, 'show servers and volumes')
    one = command(
        'behave', _behave, 'say how operations on servers and volumes go; '
        'without arguments: show what was said')
    one.add_argument('--clear', action='store_true',
                     help='forget everything that was said')
    one.add_argument('--settings', action='store_true',
                     help='show all settings and their defaults')
    one.add_argument('who', nargs='?', help='"*", a name, an id, or a pool')
    one.add_argument('settings_given', nargs='*', metavar='KEY=VALUE')
    command('clean', _clean,
            'delete all servers, volumes and server groups')


def _cloud(layout):
    return clouds.Cloud(layout.state)


def _server_create(layout, options):
    made = _cloud(layout).create_servers(
        options.names, host=options.host, flavor=options.flavor,
        image=options.image, stopped=options.stopped, paused=options.paused,
        volumes=options.attach, boot_pool=options.boot_from_volume)
    for name, server in made.items():
        print(server, name)


def _volume_create(layout, options):
    made = _cloud(layout).create_volumes(
        options.names, pool=options.pool, type=options.type,
        size=options.size, image=options.image)
    for name, volume in made.items():
        print(volume, name)


def _volume_fill(layout, options):
    _cloud(layout).fill_volume(options.name)


def _volume_checksum(layout, options):
    cloud = _cloud(layout)
    print(cloud.volume_checksum(options.name),
          cloud.volume_file(options.name))


def _attach(layout, options):
    cloud = _cloud(layout)
    for volume in options.volumes:
        cloud.attach(options.server, volume)


def _list(layout, options):
    cloud = _cloud(layout)
    for server in cloud.servers():
        print('server', server['id'], f'{server["name"]:16}',
              f'{server["status"]:14}',
              server['OS-EXT-SRV-ATTR:host'] or '-',
              server['OS-EXT-STS:task_state'] or '')
    for volume in cloud.volumes():
        print('volume', volume['id'], f'{volume["name"] or "-":16}',
              f'{volume["status"]:14}',
              volume['os-vol-host-attr:host'] or '-',
              volume['volume_type'], volume['migration_status'] or '',
              *(f'-> {one["server_id"]}' for one in volume['attachments']))


def _behave(layout, options):
    cloud = _cloud(layout)
    if options.settings:
        for name, setting in behaviour.SETTINGS.items():
            print(f'{name:20} {setting.default!s:5} {setting.help}')
            if setting.choices:
                print(f'{"":26} ({", ".join(setting.choices)})')
        return
    if options.clear:
        cloud.forget_behaviour()
    if options.who:
        faults = [f'{text}: not of the form KEY=VALUE'
                  for text in options.settings_given if '=' not in text]
        if faults:
            raise errors.SettingsRejected(faults)
        cloud.behave(options.who, **dict(
            text.split('=', 1) for text in options.settings_given))
    for who, settings in cloud.behaviour().items():
        print(who, *(f'{name}={value}'
                     for name, value in settings.items()))


def _clean(layout, options):
    _cloud(layout).clean()
