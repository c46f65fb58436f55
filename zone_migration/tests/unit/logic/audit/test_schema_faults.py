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

from zone_migration.logic.audit import errors
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import schema_faults
from zone_migration.tests.unit.logic.audit import builders
from zone_migration.tests.unit.logic.audit import refused_documents


class SchemaFaultsTest(testtools.TestCase):
    def test_each_fault_is_told_with_its_path(self):
        for document, path, text in refused_documents.REFUSED:
            self.assertIn(
                errors.Fault(path, text),
                schema_faults.collect(document),
                document,
            )

    def test_one_fault_is_told_once(self):
        for document, path, text in refused_documents.REFUSED:
            faults = schema_faults.collect(document)
            if len(faults) > 1:
                # A member of the wrong type also breaks a rule about it.
                self.assertEqual(
                    {path},
                    {f.path for f in faults if f.text == text},
                    document,
                )

    def test_all_faults_are_told_at_once(self):
        error = self.assertRaises(
            errors.InvalidParameters,
            parsing.parse,
            {
                'params': {
                    'vm': {builders.S1: {'status': 'x'}, builders.S2: {}},
                    'volume': {'v': {}},
                },
                'other': 1,
            },
        )
        self.assertEqual(
            [
                'other',
                f'params.vm.{builders.S1}.status',
                f'params.vm.{builders.S2}.status',
                'params.volume.v',
            ],
            [fault.path for fault in error.faults],
        )
        self.assertEqual(
            f"params.vm.{builders.S1}.status: 'x' is not one of active, "
            'shutoff',
            str(error.faults[1]),
        )
        self.assertEqual(
            '; '.join(str(fault) for fault in error.faults), str(error)
        )

    def test_names_that_end_in_a_line_break_are_unknown(self):
        # "$" of Python's patterns also matches before a last line break.
        for document in (
            {'params\n': {}, **builders.vm(status='active')},
            {
                'params': {
                    'vm\n': {},
                    'vm': {builders.S1: {'status': 'active'}},
                }
            },
            {'params': {'vm': {builders.S1 + '\n': {'status': 'active'}}}},
            builders.volume(**{'status': 'in-use', 'dst_type\n': 't'}),
            builders.vm(**{'status': 'active', 'force\n': False}),
        ):
            self.assertNotEqual([], schema_faults.collect(document), document)

    def test_what_is_no_object_is_refused(self):
        for document in (None, [], 'params', 1, True):
            self.assertEqual(
                ['parameters'],
                [fault.path for fault in schema_faults.collect(document)],
                document,
            )
