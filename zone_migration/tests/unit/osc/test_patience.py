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

import logging
import types

import testtools

from zone_migration.osc import clock
from zone_migration.osc import patience
from zone_migration.osc import watcher_errors


class LimitedTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.http = types.SimpleNamespace(
            conflict_max_retries=5, session=types.SimpleNamespace(timeout=None)
        )
        self.client = types.SimpleNamespace(http_client=self.http)

    def test_an_answer_is_waited_for_a_minute(self):
        with patience.session_limited(self.http.session):
            self.assertEqual(60, self.http.session.timeout)

    def test_a_limit_of_the_user_is_kept(self):
        self.http.session.timeout = 5
        with patience.session_limited(self.http.session):
            self.assertEqual(5, self.http.session.timeout)

    def test_the_client_tries_a_request_once_and_logs_nothing(self):
        log = logging.getLogger('watcherclient.common.httpclient')
        with patience.client_limited(self.client):
            self.assertEqual(60, self.http.session.timeout)
            self.assertEqual(0, self.http.conflict_max_retries)
            self.assertFalse(log.isEnabledFor(logging.ERROR))
        self.assertTrue(log.isEnabledFor(logging.ERROR))

    def test_all_is_as_before_afterwards(self):
        try:
            with patience.client_limited(self.client):
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass
        self.assertEqual(
            (5, None),
            (self.http.conflict_max_retries, self.http.session.timeout),
        )


class PatienceTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.seconds = 0.0
        self.tries = 0
        self.told = []
        self.patience = patience.Patience(
            clock.Clock(passed=lambda: self.seconds, wait=self.pass_by),
            lambda line: self.told.append((self.seconds, line)),
        )

    def pass_by(self, seconds):
        self.seconds += seconds

    def silence(self, seconds=0.0, tries=100):
        """A request that is lost after seconds, so many times."""

        def request():
            self.tries += 1
            self.pass_by(seconds)
            if self.tries <= tries:
                raise watcher_errors.Unavailable(
                    'Watcher does not answer: refused'
                )
            return 'answer'

        return request

    def test_a_service_that_restarts_is_asked_again(self):
        self.assertEqual('answer', self.patience.ask(self.silence(tries=3)))
        self.assertEqual(6.0, self.seconds)

    def test_that_it_is_asked_again_is_told_once(self):
        self.patience.ask(self.silence(tries=3))
        self.assertEqual(
            [(0.0, 'Watcher does not answer: refused; asking again ...')],
            self.told,
        )

    def test_one_that_is_away_is_given_up_soon(self):
        self.assertRaisesRegex(
            watcher_errors.Unavailable,
            '^Watcher has not answered for 10 s: refused$',
            self.patience.ask,
            self.silence(),
        )
        self.assertEqual(6, self.tries)

    def test_it_is_told_who_is_away(self):
        error = watcher_errors.Unavailable('Keystone does not answer: no')
        self.assertEqual(
            'Keystone has not answered for 10 s: no', str(error.after(10.0))
        )

    def test_one_that_hangs_is_given_up_after_a_minute(self):
        self.assertRaisesRegex(
            watcher_errors.Unavailable,
            'not answered for 60 s',
            self.patience.ask,
            self.silence(60.0),
        )
        self.assertEqual(1, self.tries)

    def test_no_try_is_begun_after_a_minute(self):
        self.assertRaisesRegex(
            watcher_errors.Unavailable,
            'not answered for 112 s',
            self.patience.ask,
            self.silence(55.0),
        )
        self.assertEqual(2, self.tries)

    def test_who_asks_again_tries_once(self):
        with self.patience.none():
            self.assertRaisesRegex(
                watcher_errors.Unavailable,
                # It knows itself since when.
                '^Watcher does not answer: refused$',
                self.patience.ask,
                self.silence(20.0),
            )
        self.assertEqual(1, self.tries)
        self.assertEqual([], self.told)
        self.assertEqual('answer', self.patience.ask(self.silence(tries=2)))
