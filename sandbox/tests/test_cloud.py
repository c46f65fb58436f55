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

import pathlib
import tempfile
import unittest
from unittest import mock

from sandbox import cloud
from sandbox import errors
from sandbox import layout


class TestVolumeId(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        state = pathlib.Path(directory.name)
        layout.Layout(state).remember_options()
        self.cloud = cloud.Cloud(state)

    def volume_id(self, *shown):
        """The id found for a name that all of these volumes have."""
        volumes = [{'id': id_, 'name': 'data', 'migration_status': status}
                   for id_, status in shown]
        with mock.patch.object(self.cloud, 'call', autospec=True,
                               return_value={'volumes': volumes}):
            return self.cloud.volume_id('data')

    def test_volume_is_not_what_it_is_copied_to(self):
        self.assertEqual('old', self.volume_id(
            ('copy', 'target:old'), ('old', 'migrating')))

    def test_volume_is_not_the_data_it_left_behind(self):
        self.assertEqual('old', self.volume_id(
            ('copy', 'deleting'), ('old', 'success')))

    def test_unknown_name_is_refused(self):
        with self.assertRaises(errors.NotFound):
            self.volume_id(('copy', 'deleting'))
