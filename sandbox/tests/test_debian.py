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

"""What is missing is named, with the command that installs it."""

import os
import unittest
from unittest import mock

from sandbox import debian
from sandbox import errors
from sandbox import layout
from sandbox import progress


class TestPackages(unittest.TestCase):

    def missing(self, packages, programs=(), venv=True):
        with mock.patch.object(
                debian, 'program', autospec=True,
                side_effect=lambda name: name in programs), \
                mock.patch.object(
                    debian, '_has_venv', autospec=True, return_value=venv):
            return debian.missing(packages)

    def test_nothing_is_missing(self):
        self.assertEqual([], self.missing(
            debian.SERVERS, ('mariadbd', 'mariadb-install-db',
                             'rabbitmq-server', 'epmd', 'qemu-img')))

    def test_package_without_one_of_its_programs_is_missing(self):
        self.assertEqual(
            ['mariadb-server'],
            self.missing(debian.SERVERS,
                         ('mariadbd', 'rabbitmq-server', 'epmd',
                          'qemu-img')))

    def test_python_that_makes_no_environments_misses_a_package(self):
        self.assertEqual(
            ['python3-venv'], self.missing(debian.TOOLS, ('git',), False))

    def test_file_counts_as_a_program(self):
        self.assertEqual(__file__, debian.program(__file__))
        self.assertIsNone(debian.program('/no/such/file'))

    def test_python_is_not_asked_for_the_servers(self):
        self.assertNotIn(
            'python3-venv', self.missing(debian.SERVERS, (), False))

    def test_who_is_not_root_is_told_the_command(self):
        with mock.patch.object(
                debian, 'missing', autospec=True, return_value=['git']), \
                mock.patch.object(
                    os, 'geteuid', autospec=True, return_value=1000), \
                self.assertRaises(errors.PackagesMissing) as caught:
            debian.ensure_packages(
                layout.Layout('state'), progress.Silent(), debian.TOOLS)
        self.assertIn('apt-get install --no-install-recommends git',
                      str(caught.exception))
