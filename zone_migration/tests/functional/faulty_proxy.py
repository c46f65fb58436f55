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


"""A proxy before a service that loses answers.

    python -m zone_migration.tests.functional.faulty_proxy PORT

passes requests on to that port of 127.0.0.1.  Of the POSTs the first to each
path gets HTTP 503 and is not passed on; the second is, but its answer is
dropped; all others go well.  The first line printed is the proxy's own port,
each other one a path of which an answer was dropped.
"""

import http.client
import http.server
import sys

#: What is said of one hop only (RFC 9110, 7.6.1), or is written anew.
_OF_A_HOP = ('connection', 'keep-alive', 'transfer-encoding', 'server', 'date')


class Proxy(http.server.ThreadingHTTPServer):
    """Passes requests on to a port, and sometimes not, or no answer back."""

    daemon_threads = True

    def __init__(self, port):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.port = port
        #: By path: how often something was posted there.
        self.posted = {}


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
            print(self.path, flush=True)
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


if __name__ == '__main__':
    with Proxy(int(sys.argv[1])) as proxy:
        print(proxy.server_port, flush=True)
        proxy.serve_forever()
