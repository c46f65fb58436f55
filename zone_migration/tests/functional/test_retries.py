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

"""Answers of Nova and Cinder that are lost on their way to the applier."""

import http.client
import http.server
import threading

from zone_migration.tests.functional import base

B3 = 'block1@b3#b3'

#: What is said of one hop only (RFC 9110, 7.6.1), or is written anew.
_OF_A_HOP = ('connection', 'keep-alive', 'transfer-encoding', 'server', 'date')


class Proxy(http.server.ThreadingHTTPServer):
    """Passes requests on to a service, and sometimes not, or no answer back.

    Of the POSTs the first to each path gets HTTP 503 and is not passed on;
    the second is, but its answer is dropped; all others go well.
    """

    daemon_threads = True

    def __init__(self, port):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.port = port
        #: By path: how often something was posted there.
        self.posted = {}
        self.dropped = []

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *failure):
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def _pass(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        times = 0
        if self.command == 'POST':
            times = self.server.posted.get(self.path, 0) + 1
            self.server.posted[self.path] = times
        if times == 1:
            self.send_error(503)
            return
        service = http.client.HTTPConnection('127.0.0.1', self.server.port)
        try:
            service.request(
                self.command, self.path, body, dict(self.headers.items()))
            answer = service.getresponse()
            text = answer.read()
        finally:
            service.close()
        if times == 2:
            self.server.dropped.append(self.path)
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OF_A_HOP:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = _pass  # noqa: N815 (http.server's names)

    def log_message(self, *arguments):
        """Nothing."""


class RetriesTest(base.FunctionalTest):
    """No move is started twice, and none fails for a lost answer."""

    def test_lost_answers(self):
        cloud = self.cloud
        ids = {
            'live': cloud.create_server('live', host='compute1'),
            'cold': cloud.create_server(
                'cold', host='compute2', stopped=True),
            **cloud.create_volumes(('copied',), pool='b1'),
        }
        # Before the options change: the decision engine reads them anew with
        # each audit, and would keep them.
        plan = base.plan_of({
            'vm': {
                ids['live']: {
                    'status': 'active', 'dst_hostname': 'compute2'},
                ids['cold']: {
                    'status': 'shutoff', 'dst_hostname': 'compute3'},
            },
            'volume': {ids['copied']: {
                'status': 'available', 'dst_hostname': B3}},
        })
        port = cloud.layout.port
        with Proxy(port('nova-api')) as nova, \
                Proxy(port('cinder-api')) as cinder, \
                self.watcher_options({
                    'nova': {'endpoint_override':
                             f'http://127.0.0.1:{nova.server_port}/v2.1'},
                    'cinder': {'endpoint_override':
                               f'http://127.0.0.1:{cinder.server_port}/v3/'
                               '%(project_id)s'},
                }, 'watcher-applier'):
            self.assertEqual('SUCCEEDED', plan.run())
        for action in plan.actions().values():
            self.assert_state(action, 'SUCCEEDED')
        self.assertEqual(2, len(nova.dropped))
        self.assertEqual(1, len(cinder.dropped))
        self.assert_server('live', 'compute2', 'ACTIVE')
        self.assert_server('cold', 'compute3', 'SHUTOFF')
        self.assert_volume('copied', B3, 'lvm1', 'available')
        for name in ('live', 'cold'):
            self.assertEqual(1, len(cloud.migrations(name)), name)
