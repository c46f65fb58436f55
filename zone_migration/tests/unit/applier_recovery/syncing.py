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

"""What Watcher does with the plans of an applier that starts."""

import inspect

import fixtures
from watcher import objects
from watcher.applier import sync

from zone_migration import conf

CONF = conf.CONF


class Syncing(fixtures.Fixture):
    """Let it cancel the plans of one host only, as from Watcher 16 on."""

    def _setUp(self):
        cancels = sync.Syncer._cancel_ongoing_actionplans
        if 'host' not in inspect.signature(cancels).parameters:
            self.useFixture(
                fixtures.MockPatchObject(
                    sync.Syncer, '_cancel_ongoing_actionplans', cancel
                )
            )


def cancel(self, context, host=None):
    """Do as Watcher 16."""
    for plan in objects.ActionPlan.list(
        context, filters={'state': 'ONGOING'}, eager=True
    ):
        if plan.hostname == (host or CONF.host):
            _cancel(plan, 'Action plan', plan.hostname)
            for action in objects.Action.list(
                context, filters={'action_plan_uuid': plan.uuid}, eager=True
            ):
                if action.state in ('PENDING', 'ONGOING'):
                    _cancel(action, 'Action', plan.hostname)


def _cancel(row, name, host):
    """Cancel a plan or an action."""
    row.state = 'CANCELLED'
    row.status_message = (
        f'{name} was cancelled because Applier {host} was stopped while the '
        'action plan was ongoing.'
    )
    row.save()
