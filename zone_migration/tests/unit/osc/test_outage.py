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
import testtools

from zone_migration.osc import outage
from zone_migration.osc import watcher_errors

CONNECTION = (
    'Unable to establish connection to http://c1.example.org:9322/v1/x: '
    "HTTPConnectionPool(host='c1.example.org', port=9322): Max retries "
    'exceeded with url: /v1/x (Caused by NewConnectionError("HTTPConnection('
    "host='c1.example.org', port=9322): Failed to establish a new "
    'connection: [Errno 111] Connection refused"))'
)


class ShortenedTest(testtools.TestCase):
    def test_where_and_why_are_left(self):
        for expected, text in (
            ('c1.example.org:9322: Connection refused', CONNECTION),
            (
                'c1:9322: Name or service not known',
                'Unable to establish connection to http://c1:9322/v1: ... '
                "Failed to resolve 'c1' ([Errno -2] Name or service not "
                'known)"))',
            ),
            ('c1:9322: timed out', 'Request to http://c1:9322/v1 timed out'),
            (
                'c1:9322: connection closed',
                'Unable to establish connection to https://c1:9322/v1: '
                "('Connection aborted.', RemoteDisconnected('Remote end "
                "closed connection without response'))",
            ),
        ):
            self.assertEqual(expected, outage.shortened(text))

    def test_what_the_engine_has_cut_has_an_address_at_least(self):
        self.assertEqual(
            'nothing that needs Nova starts since 03:14 UTC: '
            'c1.example.org:9322 cannot be reached',
            outage.shortened(
                'nothing that needs Nova starts since 03:14 UTC: '
                f'{CONNECTION[:80]}...'
            ),
        )

    def test_another_error_is_left_without_its_asides(self):
        self.assertEqual(
            "(2003, \"Can't connect to MySQL server on 'c1'\") (HTTP 500)",
            outage.shortened(
                "(2003, \"Can't connect to MySQL server on 'c1'\") "
                '(Background on this error at: https://sqlalche.me/e/20/e3q8)'
                ' (HTTP 500) (Request-ID: req-1)'
            ),
        )

    def test_an_address_in_other_words_is_no_outage(self):
        text = 'see https://docs.example.org/x: [Errno 5] Input output error'
        self.assertEqual(text, outage.shortened(text))


class AllShortenedTest(testtools.TestCase):
    def test_no_service_hides_another_one(self):
        self.assertEqual(
            'nothing that needs Nova starts: c1.example.org:9322: Connection '
            'refused; nothing that needs Cinder starts: HTTP 503',
            outage.all_shortened(
                f'nothing that needs Nova starts: {CONNECTION}; nothing that '
                'needs Cinder starts: HTTP 503'
            ),
        )


class ToldTest(testtools.TestCase):
    def told(self, text, seconds=40):
        error = watcher_errors.Unavailable(f'Watcher does not answer: {text}')
        return outage.told(error, seconds)

    def test_it_fits_in_80_columns(self):
        self.assertEqual(
            'Watcher has not answered for 40 s: c1.example.org:9322: '
            'Connection refused',
            self.told(CONNECTION),
        )

    def test_keystone_is_told_from_watcher(self):
        self.assertIn(
            'Keystone has not answered for 40 s: c1:5000: ',
            self.told(
                'Unable to establish connection to '
                'http://c1:5000/v3/auth/tokens: [Errno 111] Connection refused'
            ),
        )

    def test_an_error_that_tells_since_when_is_not_doubled(self):
        error = watcher_errors.Unavailable(
            'Keystone has not answered for 10 s: Unable to establish '
            'connection to http://c1:5000/v3/auth/tokens: [Errno 111] Refused'
        )
        self.assertEqual(
            'Keystone has not answered for 10 s: c1:5000: Refused',
            outage.told(error),
        )

    def test_no_time_is_told_of_the_first_moment(self):
        self.assertEqual(
            'Watcher does not answer: HTTP 503', self.told('HTTP 503', 0.5)
        )

    def test_an_answer_that_is_waited_for_has_no_reason(self):
        self.assertEqual(
            'Watcher has not answered for 12 s', outage.told(None, 12)
        )

    def test_control_characters_do_nothing(self):
        self.assertIn('a\\x1b[2Jb', self.told('a\x1b[2Jb'))
