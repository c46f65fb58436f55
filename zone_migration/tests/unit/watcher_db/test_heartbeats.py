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

import datetime

from oslo_utils import timeutils
from watcher import objects

from zone_migration.tests.unit import base
from zone_migration.watcher_db import heartbeats

SEEN = datetime.datetime(2026, 11, 28, 3, 14, 5)
CHANGED = datetime.datetime(2026, 11, 28, 3, 13, 30)

BY_MONITOR = (
    'Action plan was cancelled because Applier applier was stopped while the '
    'action plan was ongoing.'
)


class HeartbeatsTestCase(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.plan = self.create_plan()
        self.set(hostname='applier')

    def set(self, **values):
        objects.ActionPlan.dbapi.update_action_plan(self.plan.uuid, values)

    def beat(self, host='applier', name='watcher-applier', at=SEEN):
        """Create the service of an applier."""
        service = objects.Service(
            self.context, name=name, host=host, last_seen_up=at
        )
        service.create()
        return service

    def plans(self, seconds_ago=60.0):
        """With those that were cancelled since then."""
        return heartbeats.plans(
            timeutils.utcnow() - datetime.timedelta(seconds=seconds_ago)
        )

    def uuids(self, **options):
        return [plan.uuid for plan in self.plans(**options)]


class RunningTest(HeartbeatsTestCase):
    def test_plan_is_told_with_the_heartbeat_of_its_applier(self):
        self.set(status_message='1 of 2 done', updated_at=CHANGED)
        self.beat()
        self.beat('elsewhere', at=None)
        told = ('ONGOING', 'applier', '1 of 2 done', SEEN, CHANGED)
        self.assertEqual([(self.plan.uuid, *told)], self.plans())

    def test_plan_that_was_never_changed_was_so_when_it_was_created(self):
        other = self.create_plan_of(self.plan)
        self.assertIsNone(other.updated_at)
        created = other.created_at.replace(tzinfo=None)
        self.assertEqual(created, self.plans()[1].changed_at)

    def test_other_services_on_its_host_do_not_count(self):
        self.beat(name='watcher-decision-engine')
        self.assertIsNone(self.plans()[0].seen_at)

    def test_applier_that_was_just_created_was_seen_then(self):
        created = self.beat(at=None).created_at.replace(tzinfo=None)
        self.assertEqual(created, self.plans()[0].seen_at)

    def test_applier_that_was_deleted_has_none(self):
        service = self.beat()
        objects.Service.dbapi.soft_delete_service(service.id)
        self.assertIsNone(self.plans()[0].seen_at)

    def test_plan_on_no_host_has_none(self):
        self.set(hostname=None)
        self.beat()
        (told,) = self.plans()
        self.assertEqual((None, None), (told.hostname, told.seen_at))

    def test_what_neither_runs_nor_is_cancelled_is_not_told(self):
        for state in ('RECOMMENDED', 'PENDING', 'SUCCEEDED', 'CANCELLED'):
            self.set(state=state)
            self.assertEqual([], self.plans(), state)

    def test_plan_that_was_deleted_is_not_told(self):
        self.set(deleted_at=timeutils.utcnow())
        self.assertEqual([], self.plans())

    def test_what_is_cancelled_comes_first(self):
        # Casts of the others can wait for the message queue.
        other = self.create_plan_of(self.plan)
        other.state = 'CANCELLING'
        other.save()
        self.assertEqual([other.uuid, self.plan.uuid], self.uuids())


class ReleaseTest(HeartbeatsTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.beat()

    def release(self, **values):
        """Release it as it was told, after this has been changed."""
        (told,) = self.plans()
        self.set(**values)
        return heartbeats.release(told)

    def host(self):
        (told,) = self.plans()
        return told.hostname

    def test_plan_is_on_no_host_in_its_state(self):
        for state in ('ONGOING', 'CANCELLING'):
            self.set(state=state, hostname='applier')
            self.assertTrue(self.release())
            self.assertIsNone(self.host())

    def test_plan_that_has_changed_stays_where_it_is(self):
        self.assertFalse(self.release(hostname='elsewhere'))
        self.assertFalse(self.release(state='CANCELLING'))
        self.assertFalse(self.release(status_message='2 of 2 done'))
        self.assertEqual('elsewhere', self.host())

    def test_plan_of_an_applier_that_was_seen_since_stays_there(self):
        (told,) = self.plans()
        self.service.last_seen_up = timeutils.utcnow()
        self.service.save()
        self.assertFalse(heartbeats.release(told))
        self.assertEqual('applier', self.host())

    def test_other_appliers_may_be_seen(self):
        self.beat('elsewhere', at=timeutils.utcnow())
        self.assertTrue(self.release())


class CancelledTest(HeartbeatsTestCase):
    def setUp(self):
        super().setUp()
        self.set(state='CANCELLED', status_message=BY_MONITOR)

    def test_what_the_monitor_has_cancelled_is_told(self):
        self.assertEqual([self.plan.uuid], self.uuids())

    def test_whoever_has_the_plan_by_then(self):
        for host in (None, 'elsewhere'):
            self.set(hostname=host)
            self.assertEqual([self.plan.uuid], self.uuids(), host)

    def test_what_somebody_else_has_cancelled_is_not(self):
        for text in (None, '2 succeeded, 1 cancelled', BY_MONITOR + ' Really'):
            self.set(status_message=text)
            self.assertEqual([], self.uuids(), text)

    def test_what_it_has_cancelled_before_is_not(self):
        self.assertEqual([], self.uuids(seconds_ago=-60.0))

    def test_what_was_asked_for_again_is_not(self):
        newer = self.create_plan_of(self.plan)
        self.assertEqual([newer.uuid], self.uuids())

    def test_plan_that_was_made_before_asks_for_nothing_again(self):
        older = self.create_plan_of(self.plan)
        self.set(updated_at=timeutils.utcnow())
        self.assertEqual([self.plan.uuid, older.uuid], self.uuids())

    def test_plan_that_was_deleted_asks_for_nothing_again(self):
        newer = self.create_plan_of(self.plan)
        objects.ActionPlan.dbapi.update_action_plan(
            newer.uuid, {'state': 'DELETED', 'deleted_at': timeutils.utcnow()}
        )
        self.assertEqual([self.plan.uuid], self.uuids())
