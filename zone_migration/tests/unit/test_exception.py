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

from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.client import exception as client_exception
from zone_migration.tests.unit import base


class ExceptionTest(base.TestCase):
    def test_each_is_one_of_watchers(self):
        # Of any other Watcher shows the name only.
        for name, kind in vars(exception).items():
            if isinstance(kind, type) and kind is not exception.PlanIsLost:
                self.assertTrue(
                    issubclass(kind, watcher_exception.WatcherException),
                    name,
                )

    def test_plan_that_another_runs_is_not_ended_by_watchers_handler(self):
        # It writes FAILED after each Exception, and CANCELLED after its own.
        self.assertFalse(issubclass(exception.PlanIsLost, Exception))

    def test_cause_comes_first(self):
        self.assertEqual(
            'no change for 600 s; last seen: copying; left as it is',
            str(
                exception.NoProgress(
                    seconds=600, last_seen='copying', measure='left as it is'
                )
            ),
        )

    def test_what_needs_nothing_done_skips_an_action(self):
        for kind in (
            exception.NothingToMove,
            exception.HasArrived,
            exception.HostLeftAlone,
        ):
            self.assertTrue(
                issubclass(kind, watcher_exception.ActionSkipped), kind
            )

    def test_what_was_tried_fails_an_action(self):
        for kind in (
            exception.MoveRefused,
            exception.MoveFailed,
            exception.MoveCancelled,
            exception.NoProgress,
            exception.CloudRequestFailed,
        ):
            self.assertTrue(
                issubclass(kind, watcher_exception.ActionExecutionFailure)
            )


class TranslateTest(base.TestCase):
    def translate(self, error):
        with exception.translate_cloud_errors():
            raise error

    def test_error_of_the_cloud_keeps_its_words_and_its_cause(self):
        error = client_exception.RequestRefused(
            service='Nova', reason='100 % full', status=409
        )
        translated = self.assertRaises(
            exception.CloudRequestFailed, self.translate, error
        )
        self.assertEqual(
            'Nova refuses: 100 % full (HTTP 409)', str(translated)
        )
        self.assertIs(error, translated.__cause__)

    def test_what_is_watchers_already_is_let_through(self):
        error = exception.MoveFailed(reason='boom')
        self.assertIs(
            error,
            self.assertRaises(exception.MoveFailed, self.translate, error),
        )
