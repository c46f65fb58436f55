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

"""A keystone session that answers from a table, without a network."""

import json
from urllib import parse

from keystoneauth1 import session
from keystoneauth1 import token_endpoint
import requests


class Adapter(requests.adapters.BaseAdapter):
    """Answers requests from a table, and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        #: By method and path: a body, a list of bodies, a status, or what
        #: gives a body for a query.
        self.answers = {}
        #: (method, path, query, body, headers) of each request.
        self.requests = []
        #: How requests would have sent the last one.
        self.options = {}

    def send(self, request, **options):
        """Answer."""
        self.options = options
        url = parse.urlsplit(request.url)
        body = json.loads(request.body) if request.body else None
        self.requests.append(
            (
                request.method,
                url.path,
                parse.parse_qs(url.query),
                body,
                request.headers,
            )
        )
        answer = self.answers[request.method, url.path]
        if isinstance(answer, list):
            answer = answer.pop(0)
        elif callable(answer):
            answer = answer(parse.parse_qs(url.query))
        response = requests.Response()
        response.request = request
        response.url = request.url
        response.status_code = answer if isinstance(answer, int) else 200
        if request.method != 'GET' and response.status_code == 200:
            response.status_code = 202
        response._content = (
            b'' if isinstance(answer, int) else json.dumps(answer).encode()
        )
        response.headers['Content-Type'] = 'application/json'
        return response

    def close(self) -> None:
        """Nothing is open."""


def make_session():
    """A session and its adapter; the endpoint is http://cloud."""
    adapter = Adapter()
    made = session.Session(
        auth=token_endpoint.Token('http://cloud', 'token')
    )
    made.mount('http://', adapter)
    return made, adapter
