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

import pathlib

import fixtures
import testtools

from zone_migration.osc import check
from zone_migration.tests.unit.osc import fakes

GOOD = """{"vm": {
  "7fb88441-e326-43e4-b5c8-41e0df15bf2d": {"status": "active"}
}}"""


class CheckParametersTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path
        self.command = fakes.make(check.CheckParameters)

    def check(self, **texts):
        paths = []
        for name, text in texts.items():
            path = pathlib.Path(self.directory) / name
            path.write_text(text)
            paths.append(str(path))
        code = fakes.run(self.command, *paths)
        output = self.command.output.getvalue()
        return code, output.replace(f'{self.directory}/', '').splitlines()

    def test_nobody_is_asked(self):
        self.assertFalse(check.CheckParameters.auth_required)

    def test_a_good_file_is_counted(self):
        self.assertEqual(
            (0, ['good: 1 server, 0 volumes']), self.check(good=GOOD)
        )

    def test_all_faults_of_all_files_are_told(self):
        self.assertEqual(
            (
                1,
                [
                    'good: 1 server, 0 volumes',
                    'bad:2: vm.'
                    '7fb88441-e326-43e4-b5c8-41e0df15bf2d.status: '
                    "'running' is not one of active, shutoff",
                    'none:1: not JSON: Expecting value (column 1)',
                ],
            ),
            self.check(
                bad=GOOD.replace('active', 'running'), none='', good=GOOD
            ),
        )
