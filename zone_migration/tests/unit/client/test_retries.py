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

import json
import socket
from unittest import mock

import fixtures
from keystoneauth1 import exceptions as ks_exceptions
from keystoneauth1 import session as ks_session
from keystoneauth1 import token_endpoint
import requests
import tenacity
from urllib3 import exceptions as urllib3_exceptions

from zone_migration.client import cinder
from zone_migration.client import exception
from zone_migration.client import nova
from zone_migration.client import retries
from zone_migration.tests.unit import base

#: What requests raises for a connection that breaks after the request.
CLOSED = requests.exceptions.ConnectionError(
    urllib3_exceptions.ProtocolError(
        'Connection aborted.', ConnectionResetError(104, 'reset by peer')
    )
)
#: And for an answer that does not come in time.
TOO_LATE = requests.exceptions.ReadTimeout('read timeout=60')

SERVER = {
    'server': {
        'id': 's',
        'name': 'web',
        'status': 'ACTIVE',
        'OS-EXT-SRV-ATTR:host': 'c1',
        'OS-EXT-STS:task_state': None,
        'OS-EXT-STS:vm_state': 'active',
        'OS-EXT-STS:power_state': 1,
        'flavor': {},
    }
}


class Adapter(requests.adapters.BaseAdapter):
    """Answers what it was told to, and 200 or 202 afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = []
        self.answers = []

    def send(self, request, **options):
        """Answer, or break."""
        self.asked.append((request.method, request.path_url))
        well = 200 if request.method == 'GET' else 202
        told = self.answers.pop(0) if self.answers else well
        if isinstance(told, Exception):
            raise told
        status, headers = told if isinstance(told, tuple) else (told, {})
        body = SERVER if status == 200 else {
            'fault': {'message': f'told {status}'}
        }
        response = requests.Response()
        response.request = request
        response.url = request.url
        response.status_code = status
        response._content = b'' if status == 202 else (
            json.dumps(body).encode()
        )
        response.headers.update(
            {'Content-Type': 'application/json', **headers}
        )
        return response

    def close(self) -> None:
        """Nothing is open."""


class RetriesTest(base.TestCase):
    """The pauses cost no time."""

    def setUp(self):
        super().setUp()
        self.server = Adapter()
        self.pauses = []
        self.useFixture(
            fixtures.MockPatchObject(
                tenacity.nap, 'time', mock.Mock(sleep=self.pauses.append)
            )
        )

    def session(self, max_retries=5, name='Nova'):
        made = ks_session.Session(
            auth=token_endpoint.Token('http://cloud', 'token')
        )
        made.mount('http://', self.server)
        return retries.Session(made, name, max_retries)

    def nova(self, **how):
        return nova.Nova(self.session(**how), {'interface': 'public'})

    def nobody(self, max_retries):
        """A Nova at a port where nobody listens, over real sockets."""
        with socket.create_server(('127.0.0.1', 0)) as listening:
            port = listening.getsockname()[1]
        made = ks_session.Session(
            auth=token_endpoint.Token(f'http://127.0.0.1:{port}', 'token')
        )
        return nova.Nova(
            retries.Session(made, 'Nova', max_retries), {'interface': 'public'}
        )

    def tell(self, *answers):
        self.server.answers = list(answers)

    def times(self):
        return len(self.server.asked)


class ReadTest(RetriesTest):
    def test_reading_is_repeated_whatever_became_of_it(self):
        self.tell(CLOSED, TOO_LATE, 500, 502, 504)
        self.assertEqual('web', self.nova().server('s').name)
        self.assertEqual(6, self.times())

    def test_it_is_repeated_a_bounded_number_of_times(self):
        self.tell(*[503] * 99)
        self.assert_fails(
            exception.CloudUnavailable,
            'Nova is unavailable: asked 3 times: told 503 (HTTP 503)',
            self.nova(max_retries=2).server,
            's',
        )
        self.assertEqual(3, self.times())

    def test_it_can_be_told_never_to_repeat(self):
        self.tell(503)
        self.assert_fails(
            exception.CloudUnavailable,
            'Nova is unavailable: told 503 (HTTP 503)',
            self.nova(max_retries=0).server,
            's',
        )

    def test_refusal_is_not_repeated(self):
        self.tell(403)
        self.assertRaises(
            exception.RequestRefused, self.nova().server, 's'
        )
        self.assertEqual(1, self.times())

    def test_what_is_missing_is_not_asked_for_again(self):
        self.tell(404)
        self.assertIsNone(self.nova().server('s'))
        self.assertEqual(1, self.times())

    def test_nobody_at_the_port_is_unavailable(self):
        error = self.assertRaises(
            exception.CloudUnavailable, self.nobody(max_retries=1).server, 's'
        )
        self.assertIn('asked 2 times', str(error))

    def assert_fails(self, kind, text, call, *arguments):
        error = self.assertRaises(kind, call, *arguments)
        self.assertEqual(text, str(error))


class PauseTest(RetriesTest):
    def test_pauses_double_and_half_of_each_is_drawn(self):
        self.tell(*[503] * 5)
        self.nova().server('s')
        for longest, pause in zip(
            (1, 2, 4, 8, 16), self.pauses, strict=True
        ):
            self.assertLessEqual(longest / 2, pause)
            self.assertLessEqual(pause, longest)

    def test_service_says_when_it_wants_us_back(self):
        self.tell((429, {'Retry-After': '17'}), (503, {'Retry-After': '18'}))
        self.nova().server('s')
        self.assertEqual([17, 18], self.pauses)

    def test_date_to_come_back_at_is_not_understood(self):
        self.tell((503, {'Retry-After': 'Fri, 31 Dec 2027 23:59:59 GMT'}))
        self.nova().server('s')
        self.assertLessEqual(self.pauses[0], 1)

    def test_service_that_wants_us_back_much_later_is_unavailable(self):
        self.tell((429, {'Retry-After': '3600'}))
        self.assertRaises(
            exception.CloudUnavailable, self.nova().server, 's'
        )
        self.assertEqual(1, self.times())


class ChangeTest(RetriesTest):
    def start(self, **how):
        self.nova(**how).live_migrate('s', None)

    def test_request_that_nobody_has_worked_on_is_repeated(self):
        self.tell(503, 429)
        self.start()
        self.assertEqual(3, self.times())

    def test_repetition_is_confirmed_too(self):
        confirmed = []
        session = self.session()
        session._confirm = lambda: confirmed.append(len(self.server.asked))
        self.tell(503, 202)
        nova.Nova(session, {'interface': 'public'}).abort('s', 7)
        self.assertEqual([0, 1], confirmed)

    def test_keystone_is_asked_before_it_is_confirmed(self):
        order = []
        self.useFixture(
            fixtures.MockPatchObject(
                token_endpoint.Token,
                'get_token',
                lambda *args: order.append('keystone') or 'token',
            )
        )
        session = self.session()
        session._confirm = lambda: order.append('confirmed')
        nova.Nova(session, {'interface': 'public'}).abort('s', 7)
        self.assertEqual(['keystone', 'confirmed'], order[:2])

    def test_request_that_was_never_sent_is_repeated(self):
        error = self.assertRaises(
            exception.CloudUnavailable,
            self.nobody(max_retries=2).live_migrate,
            's',
            None,
        )
        self.assertNotIsInstance(error, exception.AnswerLost)
        self.assertIn('asked 3 times', str(error))

    def test_request_whose_answer_was_lost_is_not_repeated(self):
        for told in (CLOSED, TOO_LATE, 500, 502, 504):
            self.server.asked.clear()
            self.tell(told)
            self.assertRaises(exception.AnswerLost, self.start)
            self.assertEqual(1, self.times(), told)

    def test_lost_answer_after_a_repetition_says_how_often(self):
        self.tell(503, 504)
        error = self.assertRaises(exception.AnswerLost, self.start)
        self.assertEqual(
            'Nova may have done it or not: asked 2 times: told 504 '
            '(HTTP 504)',
            str(error),
        )

    def test_deletion_is_a_change(self):
        self.tell(CLOSED)
        self.assertRaises(
            exception.AnswerLost, self.nova().abort, 's', 7
        )
        self.assertEqual(1, self.times())

    def test_refusal_is_not_repeated(self):
        self.tell(409)
        self.assertRaises(exception.RequestRefused, self.start)
        self.assertEqual(1, self.times())

    def test_cinder_is_asked_in_the_same_way(self):
        service = cinder.Cinder(
            self.session(name='Cinder'), {'interface': 'public'}
        )
        self.tell(503, CLOSED)
        error = self.assertRaises(
            exception.AnswerLost, service.migrate, 'v', 'h@b#b'
        )
        self.assertIn('Cinder may have done it or not', str(error))
        self.assertEqual(2, self.times())


class KeystoneTest(RetriesTest):
    """No token, no request."""

    def broken(self, *errors):
        session = self.session()
        token = session.session.auth.get_token
        errors = list(errors)

        def get_token(*arguments):
            if errors:
                raise errors.pop(0)
            return token(*arguments)

        session.session.auth.get_token = get_token
        return nova.Nova(session, {'interface': 'public'})

    def test_request_that_got_no_token_is_repeated(self):
        self.broken(ks_exceptions.ServiceUnavailable('down')).live_migrate(
            's', None
        )
        self.assertEqual(1, self.times())
        self.assertEqual(1, len(self.pauses))

    def test_user_that_keystone_refuses_is_not_repeated(self):
        self.assertRaises(
            exception.RequestRefused,
            self.broken(ks_exceptions.Forbidden('no')).live_migrate,
            's',
            None,
        )
        self.assertEqual([], self.pauses)
