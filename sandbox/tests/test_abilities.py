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

"""What the machine lacks is named, all of it, in one sentence."""

import os
import unittest
from unittest import mock

from sandbox import errors
from sandbox.hosts import abilities


class TestAbilities(unittest.TestCase):
    def lacking(self, failing=(), root=True, kvm=False):
        """What is named when commands and files with such words fail."""
        def works(*words):
            return not any(bad in ' '.join(words) for bad in failing)

        with mock.patch.object(os, 'geteuid', autospec=True,
                               return_value=0 if root else 1000), \
                mock.patch.object(abilities, '_succeeds', autospec=True,
                                  side_effect=works), \
                mock.patch.object(abilities, '_opens', autospec=True,
                                  side_effect=works), \
                self.assertRaises(errors.MachineLacks) as caught:
            abilities.check(kvm, '/bin/python')
        return str(caught.exception)

    def test_all_that_lacks_is_named_at_once(self):
        text = self.lacking(('unshare', '/dev/fuse', '/dev/loop-control'))
        self.assertIn('namespaces', text)
        self.assertIn('FUSE', text)
        self.assertIn('loop devices', text)
        self.assertNotIn('KVM', text)

    def test_kvm_is_needed_where_it_is_wanted(self):
        self.assertIn('KVM', self.lacking(('/dev/kvm',), kvm=True))

    def test_bridges_are_looked_for_where_there_are_namespaces(self):
        text = self.lacking(('bridge',))
        self.assertIn('bridges', text)
        self.assertNotIn('namespaces', text)

    def test_root_is_needed_before_anything_can_be_tried(self):
        self.assertIn('lacks: root;', self.lacking(('unshare',), root=False))

    def test_python_must_be_debians(self):
        self.assertIn('/bin/python', self.lacking(('import libvirt',)))

    def test_nothing_is_said_of_a_machine_that_can(self):
        with mock.patch.object(os, 'geteuid', autospec=True,
                               return_value=0), \
                mock.patch.object(abilities, '_succeeds', autospec=True,
                                  return_value=True), \
                mock.patch.object(abilities, '_opens', autospec=True,
                                  return_value=True):
            self.assertIsNone(abilities.check(True, '/bin/python'))
