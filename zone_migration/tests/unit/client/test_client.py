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

from unittest import mock

import fixtures

from zone_migration import client
from zone_migration import conf
from zone_migration.client import server_observer
from zone_migration.client import volume_observer
from zone_migration.tests.unit import base
from zone_migration.tests.unit.client import http


class Clients:
    """Watcher's OpenStackClients, as far as it is asked."""

    session = mock.Mock(timeout=None)


class CloudOfTest(base.TestCase):
    def test_all_actions_of_a_plan_share_one_cloud(self):
        osc = Clients()
        self.assertIs(
            client.cloud_of(osc, conf.CONF), client.cloud_of(osc, conf.CONF)
        )

    def test_it_waits_as_long_as_an_action_while_it_may_not_read(self):
        self.options('zone_migration', retry=2, retry_interval=3)
        for module, name in (
            (server_observer, 'ServerObserver'),
            (volume_observer, 'VolumeObserver'),
        ):
            with mock.patch.object(module, name, autospec=True) as observed:
                client.cloud_of(Clients(), conf.CONF)
            self.assertEqual(
                6, observed.call_args.kwargs['grace_period'], name
            )

    def test_each_request_that_changes_something_is_confirmed_first(self):
        class NotOurs(BaseException):
            """Whatever ends who has asked."""

        osc = Clients()
        osc.session, adapter = http.make_session()
        adapter.answers['GET', '/os-services'] = {'services': []}
        confirm = mock.Mock(side_effect=NotOurs)
        client.confirm_changes(osc, confirm)
        nova = client.cloud_of(osc, conf.CONF).nova
        nova.hosts()
        confirm.assert_not_called()
        self.assertRaises(NotOurs, nova.abort, 's', 7)
        self.assertEqual(
            ['GET'], [method for method, *_ in adapter.requests]
        )

    def test_each_request_has_a_time_out(self):
        for chosen, expected in ((None, 60), (5.0, 5.0)):
            osc = Clients()
            osc.session, adapter = http.make_session()
            osc.session.timeout = chosen
            adapter.answers['GET', '/os-services'] = {'services': []}
            client.cloud_of(osc, conf.CONF).nova.hosts()
            self.assertEqual(expected, adapter.options['timeout'], chosen)
            # Watcher's own actions use it.
            self.assertEqual(chosen, osc.session.timeout, chosen)

    def test_it_tells_which_service_is_unseen(self):
        cloud = client.cloud_of(Clients(), conf.CONF)
        for name in client.OBSERVED:
            self.assertEqual('', cloud.unseen(name))
        self.useFixture(
            fixtures.MockPatchObject(
                volume_observer.VolumeObserver, 'unseen', 'Cinder is away'
            )
        )
        refresh = self.useFixture(
            fixtures.MockPatchObject(volume_observer.VolumeObserver, 'refresh')
        ).mock
        self.assertEqual(
            ['', 'Cinder is away'], [cloud.unseen(n) for n in client.OBSERVED]
        )
        cloud.look('Cinder')
        refresh.assert_called_once_with()

    def test_plans_do_not_share_one(self):
        self.assertIsNot(
            client.cloud_of(Clients(), conf.CONF),
            client.cloud_of(Clients(), conf.CONF),
        )
