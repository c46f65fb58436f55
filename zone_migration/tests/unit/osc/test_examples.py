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

import doctest
import importlib
import pkgutil

import testtools

from zone_migration import osc


class ExamplesTest(testtools.TestCase):
    """The examples in the docstrings show what the functions give."""

    def test_examples(self):
        results = {
            module.name: doctest.testmod(importlib.import_module(module.name))
            for module in pkgutil.walk_packages(
                osc.__path__, f'{osc.__name__}.'
            )
        }
        self.assertEqual(
            [], [name for name, result in results.items() if result.failed]
        )
        self.assertNotEqual(
            0, sum(result.attempted for result in results.values())
        )
