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

"""What the tests need that touch Watcher: configuration and database."""

import contextlib
import pathlib
import threading

import fixtures
from oslo_config import cfg
from oslo_config import fixture as config_fixture
from oslo_db.sqlalchemy import enginefacade
from oslo_db.sqlalchemy import test_fixtures
from oslo_messaging import conffixture
from oslotest import base
from watcher import conf as watcher_conf
from watcher import objects
from watcher.common import context
from watcher.common import rpc
from watcher.common import service  # noqa: F401 (registers its options)
from watcher.common import utils
from watcher.db.sqlalchemy import api
from watcher.db.sqlalchemy import models
from watcher.objects import base as objects_base

from zone_migration import conf
from zone_migration.logic.outcome import action_text
from zone_migration.watcher_db import database

CONF = conf.CONF


class TestCase(base.BaseTestCase):
    """A test with Watcher's configuration, none of it read from a file."""

    def setUp(self):
        super().setUp()
        self.useFixture(config_fixture.Config(CONF))
        # Watcher's loader reads the configuration again for each plugin, up
        # to 16 with the arguments of the process, which is the test runner.
        self.useFixture(
            fixtures.MockPatchObject(
                CONF,
                '_parse_cli_opts',
                lambda args: cfg.ConfigOpts._parse_cli_opts(CONF, []),
            )
        )
        watcher_conf.CONF([], default_config_files=[], project='watcher')
        # Before the first use of any object, as Watcher's services do it.
        objects.register_all()
        objects_base.WatcherObject.indirection_api = None

    def options(self, group, **options):
        """Set options for this test."""
        for name, value in options.items():
            CONF.set_override(name, value, group)


class Notifications:
    """Takes what Watcher notifies of, instead of a message queue."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict]] = []

    def __call__(self, publisher_id):
        return self

    def info(self, context, event_type, payload):
        """Take one."""
        self.sent.append((event_type, payload['watcher_object.data']))

    error = warning = debug = info

    def of(self, uuid):
        """The types of those about one action, in their order."""
        return [
            event for event, payload in self.sent if payload['uuid'] == uuid
        ]


class DatabaseTestCase(TestCase):
    """A test with Watcher's database, in SQLite."""

    def setUp(self):
        super().setUp()
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        facade = enginefacade.transaction_context()
        # Who reads and who writes wait for each other, however slow they are.
        facade.configure(
            connection=f'sqlite:///{path / "watcher.db"}?timeout=60'
        )
        self.useFixture(
            test_fixtures.ReplaceEngineFacadeFixture(
                enginefacade._context_manager, facade
            )
        )
        models.Base.metadata.create_all(facade.writer.get_engine())
        self._write_one_at_a_time()
        self.context = context.RequestContext(
            user_id='user', project_id='project', roles=['admin']
        )
        self.notifications = Notifications()
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{rpc.__name__}.get_notifier', self.notifications
            )
        )
        self.useFixture(conffixture.ConfFixture(CONF))
        self.options('oslo_messaging_notifications', driver=['messagingv2'])
        self.options(None, notification_level='info', host='applier')

    def _write_one_at_a_time(self):
        """SQLite knows one writer only, and does not queue the others."""
        lock = threading.RLock()

        def locked(write):
            @contextlib.contextmanager
            def write_alone():
                with lock, write() as opened:
                    yield opened

            return write_alone

        for module, name in (
            (api, '_session_for_write'),
            (database, 'writer'),
        ):
            self.useFixture(
                fixtures.MonkeyPatch(
                    f'{module.__name__}.{name}',
                    locked(getattr(module, name)),
                )
            )

    def create_strategy(self):
        """The goal and the strategy, as decision-engine registers them."""
        self.goal = goal = objects.Goal(
            self.context,
            uuid=utils.generate_uuid(),
            name='zone_migration',
            display_name='Zone migration',
            efficacy_specification=[],
        )
        goal.create()
        strategy = objects.Strategy(
            self.context,
            uuid=utils.generate_uuid(),
            goal_id=goal.id,
            name='parallel_migration',
            display_name='Parallel migration',
            parameters_spec={},
        )
        strategy.create()
        return strategy

    def create_audit(self, strategy):
        """An audit of the strategy."""
        audit = objects.Audit(
            self.context,
            uuid=utils.generate_uuid(),
            name='audit',
            audit_type='ONESHOT',
            state='ONGOING',
            parameters={},
            goal_id=self.goal.id,
            strategy_id=strategy.id,
            scope=[],
            auto_trigger=False,
            force=False,
            hostname='applier',
        )
        audit.create()
        return audit

    def create_plan(self, state='ONGOING'):
        """An action plan that is being run."""
        strategy = self.create_strategy()
        plan = objects.ActionPlan(
            self.context,
            uuid=utils.generate_uuid(),
            audit_id=self.create_audit(strategy).id,
            strategy_id=strategy.id,
            state=state,
            hostname=CONF.host,
            global_efficacy=[],
        )
        plan.create()
        return plan

    def create_plan_of(self, other):
        """Another plan of the same audit."""
        plan = objects.ActionPlan(
            self.context,
            uuid=utils.generate_uuid(),
            audit_id=other.audit_id,
            strategy_id=other.strategy_id,
            state='ONGOING',
            hostname=CONF.host,
            global_efficacy=[],
        )
        plan.create()
        return plan

    def create_action(self, plan, action_type='nop', parents=(), **fields):
        """An action of the plan; parents are actions."""
        fields.setdefault('state', 'PENDING')
        fields.setdefault('input_parameters', {})
        action = objects.Action(
            self.context,
            uuid=utils.generate_uuid(),
            action_plan_id=plan.id,
            action_type=action_type,
            parents=[parent.uuid for parent in parents],
            **fields,
        )
        action.create()
        return action

    def state_of(self, action):
        """What the database says of an action: its state, its message."""
        fresh = objects.Action.get_by_uuid(self.context, action.uuid)
        return fresh.state, fresh.status_message

    def outcome_of(self, action):
        """Its state and message, without the times that this tells."""
        state, message = self.state_of(action)
        return state, message and action_text.read(message).text


