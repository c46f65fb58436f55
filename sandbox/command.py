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

"""The command line: ``python3 -m sandbox``."""

import argparse
import os
import shlex
import signal
import subprocess
import sys

from sandbox import bringup
from sandbox import contents
from sandbox import daemon
from sandbox import demo
from sandbox import environment
from sandbox import errors
from sandbox import layout as layouts
from sandbox import process
from sandbox import progress
from sandbox import services
from sandbox.services import libvirt


def main(arguments=None):
    """The exit status: 0, or 1 after an error told in one sentence."""
    options = parser().parse_args(arguments)
    # Terminated, we want to tidy up as after Control-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return options.function(_layout(options), options) or 0
    except errors.SandboxError as error:
        print(f'sandbox: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser():
    top = argparse.ArgumentParser(
        prog='python3 -m sandbox',
        description='A real OpenStack control plane on this machine, '
                    'with Watcher and the plugin of this repository.')
    top.add_argument(
        '--state', metavar='DIR',
        help='state directory (default: environment ZONE_MIGRATION_SANDBOX, '
             'then .sandbox in the repository)')
    top.add_argument(
        '--venvs', metavar='DIR',
        help='virtual environments, to share them between sandboxes '
             '(default: environment ZONE_MIGRATION_SANDBOX_VENVS, then '
             'venv in the state directory)')
    top.add_argument(
        '--port-offset', type=int, metavar='N',
        help='added to each port, so that sandboxes can run side by side '
             '(remembered)')
    commands = top.add_subparsers(metavar='COMMAND', required=True)

    def command(name, function, help):
        one = commands.add_parser(name, help=help, description=help)
        one.set_defaults(function=function)
        return one

    one = command('up', _up, 'make what is missing, start what is down')
    one.add_argument('--computes', type=int, metavar='N',
                     help='number of nova-compute services (3; remembered)')
    one.add_argument('--live-per-host', type=int, metavar='N',
                     help='max_concurrent_live_migrations of Nova '
                          '(Nova\'s default is 1; remembered)')
    one.add_argument('--watcher', metavar='VERSION',
                     help='major version of Watcher (17; remembered)')
    one.add_argument('--hypervisor', choices=layouts.HYPERVISORS,
                     help='hosts with libvirt and QEMU guests, on its own '
                          'processor or KVM (none; remembered)')
    one.add_argument('--bandwidth', type=int, metavar='N',
                     help='of a live migration between such hosts, in MiB '
                          'a second (16; 0: no limit; remembered)')
    one.add_argument('--post-copy', action=argparse.BooleanOptionalAction,
                     help='whether Nova may use it to force a live '
                          'migration to complete (no; remembered)')
    command('demo', _demo, 'up, then empty a small zone with Watcher')
    command('down', _down, 'stop everything')
    one = command('destroy', _destroy, 'down, and forget the cloud')
    one.add_argument('--all', action='store_true',
                     help='remove the virtual environments too')
    command('status', _status, 'tell what runs and what memory it uses')
    one = command('env', _env, 'print OS_* exports for the shell')
    one.add_argument('user', nargs='?', choices=layouts.USERS,
                     default='admin')
    one = command('logs', _logs, 'print the end of a daemon\'s log')
    one.add_argument('name')
    one.add_argument('-f', '--follow', action='store_true')
    for name, function, help in (
            ('start', bringup.start, 'start daemons, wait until they work'),
            ('stop', bringup.stop, 'stop daemons'),
            ('restart', bringup.restart, 'stop and start daemons'),
            ('kill', bringup.kill, 'kill daemons, as a crash would')):
        one = command(name, _daemons, help)
        one.set_defaults(change=function)
        one.add_argument('names', nargs='+', metavar='NAME')
    one = command('cable', _cable,
                  'pull or plug in the cable of a host with real guests')
    one.add_argument('change', choices=('pull', 'plug'))
    one.add_argument('host')
    contents.add_commands(command)
    return top


def _layout(options):
    layout = layouts.Layout.load(options.state)
    for name in ('computes', 'live_per_host', 'watcher', 'venvs',
                 'bandwidth', 'post_copy'):
        value = getattr(options, name, None)
        if value is not None:
            setattr(layout.options, name, value)
    if layout.options.venvs:
        layout.options.venvs = os.path.abspath(layout.options.venvs)
    offset = options.port_offset
    if offset is not None and offset != layout.options.port_offset:
        if daemon.recorded(layout):
            raise errors.SandboxError(
                'the ports of a sandbox can be changed only when it is '
                'down and forgotten (destroy)')
        layout.options.port_offset = offset
    hypervisor = getattr(options, 'hypervisor', None)
    if hypervisor and hypervisor != layout.options.hypervisor:
        if layout.path('run').exists():
            raise errors.SandboxError(
                'the hypervisor of a sandbox can be changed only when it is '
                'forgotten (destroy): its guests and images would not fit')
        layout.options.hypervisor = hypervisor
    return layout


# -- the whole

def _up(layout, options):
    bringup.up(layout, progress.Progress())


def _demo(layout, options):
    return demo.run(layout, progress.Progress())


def _down(layout, options):
    bringup.down(layout, progress.Progress())


def _destroy(layout, options):
    bringup.destroy(layout, progress.Progress(), options.all)


def _status(layout, options):
    total, processes, all_run = 0.0, process.everything(), True
    for name, one in services.daemons(layout).items():
        if not daemon.expected(layout, one):
            continue
        running = daemon.running(layout, name)
        if not running:
            print(f'{name:24} down')
            all_run = False
            continue
        pids = process.members(running.identity, layout.state, processes)
        mib = sum(process.pss_mib(pid) for pid in pids)
        total += mib
        print(f'{name:24} up    pid {running.pid:<8} {mib:7.0f} MiB')
    print(f'{"total":24} {"":18} {total:7.0f} MiB')
    return 0 if all_run else 1


def _env(layout, options):
    for name, value in environment.variables(layout, options.user).items():
        print(f'export {name}={shlex.quote(value)}')
    print(f'export PATH={shlex.quote(str(layout.path("bin")))}:"$PATH"')


# -- daemons

def _logs(layout, options):
    log = layout.log(options.name)
    if not log.exists():
        raise errors.SandboxError(f'there is no log {log}')
    print(f'==> {log}', flush=True)
    return subprocess.call(
        ['tail', '-n', '40', *(['-F'] if options.follow else []), str(log)])


def _daemons(layout, options):
    options.change(layout, options.names)


def _cable(layout, options):
    libvirt.set_cable(layout, options.host, options.change == 'plug')
