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

import argparse
import types

import testtools

from zone_migration.osc import watch


class ZoneCommandTest(testtools.TestCase):
    def test_no_request_waits_for_ever(self):
        session = types.SimpleNamespace(timeout=None)
        client = types.SimpleNamespace(
            http_client=types.SimpleNamespace(session=session)
        )
        app = types.SimpleNamespace(
            client_manager=types.SimpleNamespace(**{'infra-optim': client})
        )
        made = watch.WatchPlan(app, argparse.Namespace(), cmd_name='')
        self.assertIsNotNone(made.watcher)
        self.assertEqual(60, session.timeout)
