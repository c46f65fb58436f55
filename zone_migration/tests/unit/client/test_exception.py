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

from zone_migration.client import exception


class ExceptionTest(testtools.TestCase):
    def test_refusal_says_who_and_why_and_keeps_the_data(self):
        error = exception.RequestRefused('Nova', 'no such host', 404)
        self.assertEqual(
            'Nova refuses: no such host (HTTP 404)', str(error)
        )
        self.assertEqual(
            ('Nova', 'no such host', 404),
            (error.service, error.reason, error.status),
        )

    def test_reason_is_one_line(self):
        error = exception.RequestRefused('Nova', 'no\nERROR forged', 404)
        self.assertEqual(
            r'Nova refuses: no\nERROR forged (HTTP 404)', str(error)
        )

    def test_service_that_is_away_may_say_when_it_is_back(self):
        error = exception.CloudUnavailable('Nova', 'busy', retry_after=7)
        self.assertEqual('Nova is unavailable: busy', str(error))
        self.assertEqual(7, error.retry_after)

    def test_service_that_is_not_in_the_catalogue_is_unavailable(self):
        self.assertEqual(
            'Neutron is unavailable: no endpoint',
            str(exception.ServiceNotFound('Neutron', 'no endpoint')),
        )

    def test_lost_answer_says_that_nobody_knows(self):
        self.assertEqual(
            'Cinder may have done it or not: reset',
            str(exception.AnswerLost('Cinder', 'reset')),
        )
