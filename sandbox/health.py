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

"""Whether daemons work: not only that they run, but that they answer."""

import datetime
import socket
import urllib.error
import urllib.request

from sandbox import daemon
from sandbox import errors
from sandbox import layout as layouts
from sandbox import waiting
from sandbox.services import libvirt

#: Service -> where it lists its daemons, in which microversion, and what it
#: calls the time of their last report.  From 3.49 on cinder-api asks
#: cinder-scheduler to complete its list, and waits a minute for one that is
#: not there yet.
_LISTS = {
    'nova': ('/os-services', '2.1', 'updated_at'),
    'cinder': ('/os-services', '3.0', 'updated_at'),
    'watcher': ('/services/detail', None, 'last_seen_up'),
}


def wait(layout, client, daemons, seconds=300):
    """Until all of them answer or, where they do not listen, report.

    :raises errors.DaemonDied: as soon as one of them has ended
    :raises errors.TimedOut: naming those that do not answer
    """
    waiting_for = list(daemons)

    def all_answer():
        daemon.check_alive(layout, [one.name for one in daemons])
        reports = _Reports(layout, client)
        waiting_for[:] = [one for one in waiting_for
                          if not (_answers(layout, reports, one)
                                  and daemon.says_ready(layout, one))]
        return not waiting_for

    def what():
        return (f'{", ".join(one.name for one in waiting_for)} should '
                f'answer (see the logs in {layout.path("logs")})')

    waiting.until(all_answer, seconds, what, interval=0.3)


def port_open(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(('127.0.0.1', port)) == 0


def _answers(layout, reports, one):
    if one.health == 'tcp':
        return port_open(layout.port(one.name))
    if one.health == 'http':
        return _http_answers(layout.url(one.name) + '/')
    if one.health == 'libvirt':
        return libvirt.answers(layout, one.name.partition('-')[2])
    if one.health == 'running':  # all that it does is to be there
        return True
    return _reported(layout, reports, one)


def _http_answers(url):
    try:
        with urllib.request.urlopen(url, timeout=60):  # nosec B310
            return True
    except urllib.error.HTTPError as answer:
        with answer:
            # Nova's and Cinder's list of versions, others' refusal
            return answer.code in (300, 401)
    except OSError:
        return False


class _Reports:
    """What the services have reported, asked for once for all daemons."""

    def __init__(self, layout, client):
        self._layout, self._client = layout, client
        self._known = {}

    def of(self, service):
        """``{(binary, host): time of the last report}``."""
        if service not in self._known:
            self._known[service] = self._ask(service)
        return self._known[service]

    def _ask(self, service):
        path, microversion, seen = _LISTS[service]
        try:
            status, body = self._client.request(
                'GET', service, path, microversion=microversion)
        except errors.SandboxError:  # its API does not listen yet
            return {}
        if status != 200:
            return {}
        return {(one.get('binary') or one['name'], one['host']):
                epoch(one.get(seen) or one.get('created_at'))
                for one in body['services']}


def _reported(layout, reports, one):
    """Whether it has reported since it was started (to the second)."""
    since = int(daemon.record(layout, one.name).since)
    seen = reports.of(one.health)
    return all(seen.get(key, 0) >= since for key in keys(one))


def keys(one):
    """``[(binary, host)]`` under which a daemon reports."""
    kind, _, host = one.name.partition('-')
    if one.name == 'cinder-volume':
        return [(one.name, f'{layouts.STORAGE_HOST}@{pool}')
                for pool in layouts.POOLS]
    if one.name == 'cinder-scheduler':
        return [(one.name, layouts.STORAGE_HOST)]
    if kind == 'nova' and host.startswith('compute'):
        return [('nova-compute', host)]
    if one.name == 'watcher-applier-2':
        return [('watcher-applier', layouts.APPLIER_2_HOST)]
    return [(one.name, socket.gethostname())]


def epoch(text):
    """Seconds since the epoch of a service's time; 0 for none.

    All of them mean UTC, few of them say so.
    """
    if not text:
        return 0
    time = datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.timezone.utc)
    return time.timestamp()
