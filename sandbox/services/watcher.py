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

"""Watcher, with the plugin of this repository once it is installed."""

from sandbox import daemon
from sandbox import ini
from sandbox import layout as layouts
from sandbox import venv
from sandbox.services import common

# Word for word what the plugin's README of 2017 asked for.  Nothing depends
# on it: a type that is not named has weight 0.
WEIGHTS = ('my_message: 0, nop: 0, sleep: 0, live_migration: 0, '
           'cold_migration: 0,volume_migration: 0, volume_update: 0')


#: What the decision engine logs as the last step of its start.  It reports
#: and takes audits before that, and one that it takes too early it cancels,
#: for one that an earlier decision engine left behind.
READY = 'Added job "ContinuousAuditHandler.launch_audits_periodically"'


def configure(layout):
    layouts.write(_conf(layout), ini.render(_sections(layout)))
    layouts.write(_applier_2_conf(layout), ini.render(
        {'DEFAULT': {'host': layouts.APPLIER_2_HOST}}))
    if not layout.watcher_extra_conf.exists():
        layouts.write(layout.watcher_extra_conf, '')


def daemons(layout):
    conf, extra = str(_conf(layout)), str(layout.watcher_extra_conf)
    arguments = ('--config-file', conf, '--config-file', extra)
    files = (conf, extra, *venv.stamp_files(layout, 'watcher'))
    return [
        common.api(layout, 'watcher-api', 'watcher.wsgi.api', 8, 'watcher',
                   files=files, arguments=arguments),
        *(daemon.Daemon(name, (layout.bin('watcher', name), *arguments),
                        files=files, health='watcher', ready=ready)
          for name, ready in (('watcher-decision-engine', READY),
                              ('watcher-applier', ''))),
        _applier_2(layout, arguments, files),
    ]


def _applier_2(layout, arguments, files):
    """An applier as on another host, for who wants two."""
    own = str(_applier_2_conf(layout))
    return daemon.Daemon(
        'watcher-applier-2', (layout.bin('watcher', 'watcher-applier'),
                              *arguments, '--config-file', own),
        files=(*files, own), health='watcher', by_default=False)


def create_tables(layout):
    daemon.run(layout, [layout.bin('watcher', 'watcher-db-manage'),
                        '--config-file', _conf(layout), 'upgrade'],
               'watcher')


def _sections(layout):
    region = {'region_name': layouts.REGION}
    sections = {
        'DEFAULT': common.defaults(
            layout, 'watcher', control_exchange='watcher',
            # apscheduler.scheduler is the one that says READY.
            default_log_levels='amqp=WARN,sqlalchemy=WARN,requests=WARN,'
                               'apscheduler=WARN,apscheduler.scheduler=INFO'),
        'database': common.database(layout, 'watcher'),
        'keystone_authtoken': common.middleware(layout, 'watcher'),
        'watcher_clients_auth': common.credentials(layout, 'watcher'),
        'api': {'host': '127.0.0.1', 'port': layout.port('watcher-api'),
                'enable_webhooks_auth': False},
        'collector': {'collector_plugins': ['compute', 'storage']},
        'oslo_messaging_notifications': {'driver': 'messagingv2'},
        'oslo_concurrency': common.concurrency(layout, 'watcher'),
        'keystone_client': {'interface': 'internal', **region},
        'nova_client': {'endpoint_type': 'internal', **region},
        'cinder_client': {'endpoint_type': 'internalURL', **region},
        'glance_client': region,
        'placement_client': {'interface': 'internal', **region},
    }
    if venv.plugin_installed(layout):
        sections['watcher_applier'] = {'workflow_engine': 'parallel'}
        sections['watcher_planners.default'] = {'weights': WEIGHTS}
    return sections


def _conf(layout):
    return layout.etc('watcher', 'watcher.conf')


def _applier_2_conf(layout):
    return layout.etc('watcher', 'applier-2.conf')
