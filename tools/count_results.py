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

A test that began and never ended (its worker died) has failed.
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


def count(url: str) -> collections.Counter:
    """How many tests of the last run passed, failed and were skipped."""
    counts: collections.Counter = collections.Counter()

    def ended(test) -> None:
        if test['status'] in _MEANING:
            counts[_MEANING[test['status']]] += 1

    run = file.RepositoryFactory().open(url).get_latest_run()
    result = testtools.StreamToDict(ended)
    result.startTestRun()
    try:
        run.get_test().run(result)
    finally:
        result.stopTestRun()
    return counts


if __name__ == '__main__':
    found = count(sys.argv[1])
    print(found['passed'], found['failed'], found['skipped'])
