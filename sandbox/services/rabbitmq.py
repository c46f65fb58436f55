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

"""The message queue, with an Erlang port mapper of its own."""

import pathlib

from sandbox import daemon
from sandbox import debian
from sandbox import layout as layouts

#: Debian's program of the same name on PATH changes to another user first.
SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'


def configure(layout):
    layouts.write(layout.etc('rabbitmq', 'rabbitmq.conf'), '\n'.join([
        'default_user = stack', f'default_pass = {layouts.PASSWORD}',
        'loopback_users = none',
        'log.console = true', 'log.console.level = warning',
        'log.file = false',
        'vm_memory_high_watermark.absolute = 512MB',
        'disk_free_limit.absolute = 50MB',
        'collect_statistics_interval = 60000', '']))
    layouts.write(layout.etc('rabbitmq', 'enabled_plugins'), '[].\n')
    layout.path('state', 'rabbitmq').mkdir(parents=True, exist_ok=True)


def daemons(layout):
    state, etc = layout.path('state', 'rabbitmq'), layout.etc('rabbitmq')
    epmd = {
        'ERL_EPMD_PORT': str(layout.port('epmd')),
        'ERL_EPMD_ADDRESS': '127.0.0.1',
    }
    rabbitmq = {
        **epmd,
        'RABBITMQ_NODENAME': f'sandbox{layout.options.port_offset}@localhost',
        'RABBITMQ_NODE_IP_ADDRESS': '127.0.0.1',
        'RABBITMQ_NODE_PORT': str(layout.port('rabbitmq')),
        'RABBITMQ_DIST_PORT': str(layout.port('rabbitmq-distribution')),
        'RABBITMQ_BASE': str(state),
        'RABBITMQ_MNESIA_BASE': str(state / 'mnesia'),
        'RABBITMQ_LOG_BASE': str(layout.path('logs')),
        'RABBITMQ_LOGS': '-',
        'RABBITMQ_CONFIG_FILE': str(etc / 'rabbitmq.conf'),
        'RABBITMQ_ADVANCED_CONFIG_FILE': str(etc / 'none.config'),
        'RABBITMQ_ENABLED_PLUGINS_FILE': str(etc / 'enabled_plugins'),
        'RABBITMQ_GENERATED_CONFIG_DIR': str(state / 'config'),
        'RABBITMQ_CONF_ENV_FILE': '/dev/null',
        'RABBITMQ_PID_FILE': str(state / 'node.pid'),
        'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS':
            '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2',
    }
    return [
        daemon.Daemon('epmd', (
            debian.program('epmd') or 'epmd', '-address', '127.0.0.1',
            '-port', epmd['ERL_EPMD_PORT'])),
        daemon.Daemon(
            'rabbitmq', (_server(),), rabbitmq,
            (str(etc / 'rabbitmq.conf'),), stop_seconds=30),
    ]


def _server():
    if pathlib.Path(SERVER).exists():
        return SERVER
    return debian.program('rabbitmq-server') or SERVER
