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

"""Print ``passed failed skipped`` of the last run in a stestr repository.

A test that began and never ended (its worker died) has failed. Each failed
test follows, with its reason in the same line and the end of its traceback
below, so that the end of a long log says what failed.
"""

import collections
import sys

from stestr.repository import file
import testtools

_MEANING = {
    'success': 'passed',
    'xfail': 'passed',
    'skip': 'skipped',
    'fail': 'failed',
    'uxsuccess': 'failed',
    'inprogress': 'failed',
    'unknown': 'failed',
}


_LINES = 40


def results(url: str) -> tuple[collections.Counter, dict[str, str]]:
    """How many tests of the last run passed, failed and were skipped.

    And for each that failed the end of its traceback, by its name.
    """
    counts: collections.Counter = collections.Counter()
    failures = {}

    def ended(test) -> None:
        meaning = _MEANING.get(test['status'])
        if meaning is None:
            return
        counts[meaning] += 1
        if meaning == 'failed':
            lines = [
                line
                for name, detail in test['details'].items()
                if name.startswith('traceback')
                for line in detail.as_text().splitlines()
            ]
            failures[test['id']] = '\n'.join(lines[-_LINES:])

    run = file.RepositoryFactory().open(url).get_latest_run()
    result = testtools.StreamToDict(ended)
    result.startTestRun()
    try:
        run.get_test().run(result)
    finally:
        result.stopTestRun()
    return counts, failures


def reason(traceback: str) -> str:
    """The line that says what was raised: the first below the last frame."""
    lines = traceback.splitlines()
    frames = [i for i, line in enumerate(lines) if line.startswith('  File')]
    below = lines[frames[-1] + 1 :] if frames else lines
    return next((line for line in below if line[:1].strip()), 'no result')


if __name__ == '__main__':
    found, failed = results(sys.argv[1])
    print(found['passed'], found['failed'], found['skipped'])
    for test_id, traceback in failed.items():
        print(f'FAILED {test_id}: {reason(traceback)}\n{traceback}')
