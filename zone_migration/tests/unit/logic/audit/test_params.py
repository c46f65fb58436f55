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

from zone_migration.logic.audit import params
from zone_migration.logic.audit import parsing
from zone_migration.tests.unit.logic.audit import builders


class PathsTest(testtools.TestCase):
    def test_source_of_a_selector_has_a_path(self):
        request = parsing.parse(
            {
                'compute_nodes': [{'src_node': 'c1'}],
                'aggregates': [{'src_aggregate': 'a'}],
            }
        )
        self.assertEqual(
            ['compute_nodes.0.src_node', 'aggregates.0'],
            [each.source_path for each in request.compute],
        )

    def test_paths_are_those_of_the_document(self):
        self.assertEqual(
            f'params.vm.{builders.S1}',
            params.ServerItem(builders.S1, 'active').path,
        )
        self.assertEqual(
            f'params.volume.{builders.V1}',
            params.VolumeItem(builders.V1, 'in-use').path,
        )
