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

"""Requests to the services, with nothing but the standard library."""

import http.client
import json
import urllib.error
import urllib.request

from sandbox import errors
from sandbox import layout as layouts

#: Microversion asked for when none is named, by the header's service type.
MICROVERSIONS = {
    'nova': ('compute', '2.96'),  # the newest that python-novaclient knows
    'cinder': ('volume', '3.71'),
    'placement': ('placement', '1.36'),
    'watcher': ('infra-optim', 'latest'),
}
#: Shows in the access logs, so that a count can leave our requests out.
USER_AGENT = 'sandbox'
SECONDS = 300


class Client:
    """One user's requests; asks for a token when it needs one."""

    def __init__(self, layout, user='admin'):
        self.layout = layout
        self.user = user
        self._token = None
        self.project_id = None

    def request(self, method, service, path, body=None, microversion=None,
                raw=None):
        """``(status, body)`` of any request; the body decoded if JSON.

        :param service: keystone, nova, cinder, glance, neutron, placement
                        or watcher
        :param path: from below the version, e.g. ``/servers``
        :param raw: bytes to send as they are, instead of ``body``
        """
        if not self._token:
            self._authenticate()
        status, answer = self._send(method, service, path, body,
                                    microversion, raw)
        if status == 401:  # expired, or the sandbox was made anew
            self._authenticate()
            status, answer = self._send(method, service, path, body,
                                        microversion, raw)
        return status, answer

    def call(self, method, service, path, body=None, microversion=None,
             raw=None):
        """The body of a request that must succeed.

        :raises errors.RequestRefused: when its status is 300 or more
        """
        status, answer = self.request(method, service, path, body,
                                      microversion, raw)
        if status >= 300:
            raise errors.RequestRefused(method, self._base(service) + path,
                                        status, answer)
        return answer

    def _base(self, service):
        url = self.layout.url
        return {
            'keystone': lambda: self.layout.auth_url,
            'nova': lambda: url('nova-api') + '/v2.1',
            'cinder': lambda: f'{url("cinder-api")}/v3/{self.project_id}',
            'glance': lambda: url('glance') + '/v2',
            'neutron': lambda: url('neutron') + '/v2.0',
            'placement': lambda: url('placement'),
            'watcher': lambda: url('watcher-api') + '/v1',
        }[service]()

    def _send(self, method, service, path, body, microversion, raw):
        headers = {'X-Auth-Token': self._token}
        if service in MICROVERSIONS:
            kind, newest = MICROVERSIONS[service]
            headers['OpenStack-API-Version'] = (
                f'{kind} {microversion or newest}')
        if raw is not None:
            headers['Content-Type'] = 'application/octet-stream'
        status, answer, _ = send(method, self._base(service) + path, body,
                                 headers, raw)
        return status, answer

    def _authenticate(self):
        domain = {'id': 'default'}
        url = self.layout.auth_url + '/auth/tokens'
        status, answer, headers = send('POST', url, {'auth': {
            'identity': {'methods': ['password'], 'password': {'user': {
                'name': self.user, 'domain': domain,
                'password': layouts.PASSWORD}}},
            'scope': {'project': {'name': layouts.USERS[self.user],
                                  'domain': domain}}}})
        if status != 201:
            raise errors.RequestRefused('POST', url, status, answer)
        self._token = headers['X-Subject-Token']
        self.project_id = answer['token']['project']['id']


def send(method, url, body=None, headers=None, raw=None):
    """``(status, body, headers)``; no status is an error here.

    :raises errors.SandboxError: when nothing answers
    """
    data = raw
    if data is None and body is not None:
        data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {
        'Content-Type': 'application/json', 'Accept': 'application/json',
        'User-Agent': USER_AGENT, **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(  # nosec B310: always http://127.0.0.1
                request, timeout=SECONDS) as answer:
            return answer.status, _decode(answer.read()), answer.headers
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, _decode(refusal.read()), refusal.headers
    except (OSError, http.client.HTTPException) as failure:
        raise errors.SandboxError(
            f'{method} {url}: no answer ({failure})') from failure


def _decode(text):
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors='replace')
