# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import configparser
import unittest

from sandbox import ini


class TestRender(unittest.TestCase):
    def test_values_as_oslo_config_reads_them(self):
        text = ini.render({'DEFAULT': {'debug': True, 'quiet': False,
                                       'hosts': ['a', 'b'], 'quota': -1,
                                       'empty': ''}})
        self.assertEqual('[DEFAULT]\ndebug = true\nquiet = false\n'
                         'hosts = a,b\nquota = -1\nempty = \n', text)

    def test_none_leaves_the_option_out(self):
        self.assertEqual('[api]\n', ini.render({'api': {'workers': None}}))

    def test_sections_stay_apart(self):
        parsed = configparser.ConfigParser()
        parsed.read_string(ini.render({'a': {'x': 1}, 'b.c': {'x': 2}}))
        self.assertEqual(['1', '2'], [parsed['a']['x'], parsed['b.c']['x']])

    def test_nothing_is_an_empty_file(self):
        self.assertEqual('', ini.render({}))
