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
"""A plan on a terminal without a Watcher, for tests of signals.

    python -m zone_migration.tests.unit.osc.drawn_view

draws the view of a plan that runs until it is interrupted.
"""

import sys
import types

from zone_migration.osc import view
from zone_migration.tests.unit.osc import fakes


def main():
    """Draw the view, and return its exit code."""
    watcher = fakes.FakeWatcher(
        fakes.plan(state='ONGOING', updated_at='2026-11-28T03:14:05'),
        [
            fakes.action(
                'web-1',
                state='ONGOING',
                message='copying to c2 (since 2026-11-28 03:14:05)',
                updated_at='2026-11-28T03:14:05',
            )
        ],
    )
    app = types.SimpleNamespace(stdin=sys.stdin, stdout=sys.stdout)
    plan = watcher.plans_[0]
    return view.View(app, watcher, plan, 'rack 7').run()


if __name__ == '__main__':
    sys.exit(main())
