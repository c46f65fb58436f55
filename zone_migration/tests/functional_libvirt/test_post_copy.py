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

"""Post-copy: the guest runs at its destination before its memory does."""

import dataclasses

from sandbox import bringup
from sandbox import progress
from zone_migration.tests.functional_libvirt import base


class PostCopyTest(base.HypervisorTest):
    """With ``--post-copy`` that is how Nova forces one to complete."""

    OPTIONS = {**base.IMPATIENT, 'on_no_progress': 'force_complete'}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permit(True)
        cls.addClassCleanup(cls.permit, cls.cloud.layout.options.post_copy)

    @classmethod
    def permit(cls, post_copy):
        """Bring the sandbox up with or without it, if it is not."""
        layout = cls.cloud.layout
        before = layout.options
        layout.options = dataclasses.replace(before, post_copy=post_copy)
        bringup.up(layout, progress.Silent())
        layout.options = before

    def test_forced_guest_arrives_by_post_copy_and_is_not_aborted(self):
        server = self.cloud.create_server(
            'busy', host='compute1', image='busy', flavor=base.SLOW)
        plan = self.plan_for('busy').start()
        self.cloud.wait(
            lambda: self.record('busy') == 'running (post-copy)',
            what='post-copy')
        plan.cancel()
        self.assertEqual('CANCELLED', plan.wait())
        self.assert_state(self.only_action(plan), 'SUCCEEDED')
        self.assert_server_runs('busy', 'compute2')
        path = f'DELETE /v2.1/servers/{server}/migrations/'
        self.assertEqual(
            [], [line for line in self.cloud.requests_logged('nova-api')
                 if path in line])
