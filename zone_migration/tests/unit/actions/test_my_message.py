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

from zone_migration.actions import my_message
from zone_migration.tests.unit.actions import fakes


class MyMessageTest(fakes.ActionTestCase):
    ACTION = my_message.MyMessageAction
    PARAMETERS = {'message': 'half way'}

    def test_message_is_done(self):
        action = self.ACTION({}, osc=object())
        action.input_parameters = dict(self.PARAMETERS)
        action.pre_condition()
        self.assertTrue(action.execute())
        action.post_condition()
        action.revert()

    def test_message_is_logged(self):
        action = self.ACTION({}, osc=object())
        action.input_parameters = dict(self.PARAMETERS)
        with self.assertLogs(my_message.__name__, 'INFO') as logs:
            action.execute()
        self.assertIn('half way', logs.output[0])

    def test_message_cannot_be_aborted(self):
        action = self.ACTION({}, osc=object())
        self.assertFalse(action.abort())
        self.assertFalse(action.check_abort())
