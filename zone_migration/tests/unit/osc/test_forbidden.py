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

from zone_migration.osc import forbidden

DENIED = "Policy doesn't allow strategy:get to be performed. (HTTP 403)"


class ForbiddenTest(testtools.TestCase):
    def test_the_policy_and_the_remedy_are_named(self):
        self.assertEqual(
            'The user demo may not use "openstack optimize zone plan": '
            "Watcher's policy 'strategy:get' does not allow it. It takes the "
            'role admin, or another rule for that policy.',
            forbidden.Forbidden('Watcher', DENIED).told(
                'openstack optimize zone plan', 'The user demo'
            ),
        )

    def test_an_answer_without_a_policy_is_told(self):
        self.assertEqual(
            'Nova does not allow it: no entry',
            str(forbidden.Forbidden('Nova', 'no entry')),
        )


class TranslatedTest(testtools.TestCase):
    def refuse(self, status):
        error = OSError(f'{status}: {DENIED}')
        error.status_code = status
        with forbidden.translated('Nova'):
            raise error

    def test_a_403_of_the_sdk_is_ours(self):
        error = self.assertRaises(forbidden.Forbidden, self.refuse, 403)
        self.assertEqual(
            ('Nova', 'strategy:get'), (error.service, error.policy)
        )

    def test_other_errors_are_not(self):
        error = self.assertRaises(OSError, self.refuse, 503)
        self.assertNotIsInstance(error, forbidden.Forbidden)
