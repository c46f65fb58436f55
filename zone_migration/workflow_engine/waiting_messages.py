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


"""The messages of the actions of a plan that wait: for what.

Only of actions of this plugin, in plans of its strategy: all others keep the
messages that they have under Watcher's own engine.
"""

from collections.abc import Iterable
from collections.abc import Mapping

from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import states
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.schedule import blocking
from zone_migration.logic.schedule import limits
from zone_migration.logic.schedule import scheduling
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import plan_records
from zone_migration.workflow_engine import records

#: How many of the next actions say what they wait for.
_MOST = 20


class WaitingMessages:
    """The messages of what waits in one plan.

    :param plan: the action plan.
    :param scheduler: what runs the plan.
    :param runs: the actions of the plan, by UUID.
    """

    def __init__(
        self,
        plan,
        scheduler: scheduling.Scheduler,
        runs: Mapping[str, action_run.ActionRun],
    ) -> None:
        self._plan = plan
        self._scheduler = scheduler
        self._runs = runs
        self._is_ours = plan_records.origin(plan)[0] == limits.STRATEGY
        self._written: dict[str, str] = {}

    def waited_for(self, task: scheduling.Task) -> str:
        """Return words for what an action that starts has waited for last."""
        slot, after = self._scheduler.waited_for(task)
        if slot is not None:
            return action_text.waited_for(slot)
        if after:
            return action_text.waited_after(self._type(after))
        return ''

    def write(self, waiting: Iterable[blocking.Waiting]) -> None:
        """Write what the next actions wait for, where it is news.

        It is tried once.

        :param waiting: all that have yet to start, the next ones first.
        """
        if not self._is_ours:
            return
        count = 0
        news = {}
        for one in waiting:
            uuid = one.task.id
            if not self._says_it(uuid):
                continue
            count += 1
            if count > _MOST and uuid not in self._written:
                continue
            text = self._text(one)
            if text not in ('', self._message(uuid)):
                news[uuid] = text
        if news:
            records.write_waiting_without_retry(news)
            self._written.update(news)

    def end(self, reason: str) -> None:
        """Write why those did not start that never will.

        Watcher changes only their state.

        :param reason: what has ended the plan early.
        """
        if not self._is_ours:
            return
        tried = [
            run
            for run in self._runs.values()
            if run.state == states.PENDING
            and (
                run.attempts.earlier
                or (
                    run.retryable_error and (run.tries or run.before.begun)
                )
            )
        ]
        records.write_not_started(
            self._plan.id,
            f'not started: {reason}',
            [
                run.uuid
                for run in self._runs.values()
                if run in tried or run.before.may_have_begun
            ],
        )
        for run in tried:
            run.leave(reason)

    def _text(self, one: blocking.Waiting) -> str:
        """The message of one that waits; '' if nothing keeps it now."""
        text = ''
        if one.after:
            text = action_text.waits_after(
                self._type(one.after), self._runs[one.after].name
            )
        elif one.full:
            full = one.full[0]
            text = action_text.waits_for(
                full.used, full.limit, full.slot, full.others
            )
        # The only place where earlier attempts are kept.
        return text and self._runs[one.task.id].attempts.waiting(text)

    def _says_it(self, uuid: str) -> bool:
        """Whether an action is to say what it waits for.

        One that was requeued says why.  One that may have begun before goes on
        saying that: nothing else tells whoever runs the plan next.
        """
        return (
            self._type(uuid) in planned_actions.ACTION_TYPES
            and self._runs[uuid].retryable_error is None
            and not self._runs[uuid].before.may_have_begun
        )

    def _message(self, uuid: str) -> str:
        """The message that an action has, as far as is known here."""
        return self._written.get(uuid, self._runs[uuid].message)

    def _type(self, uuid: str) -> str:
        """The type of an action."""
        return str(self._runs[uuid].db_action.action_type)
