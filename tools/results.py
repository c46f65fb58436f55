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

"""Print, as JSON, what the last run in a stestr repository came to.

``results.py REPOSITORY FOLDER...`` prints ``{"passed": 3, "failed": 1,
"skipped": 0, "failures": {test: traceback}, "seconds": {test or class:
seconds}}``.  A test that began and never ended has failed, and so has one of
the folders' that never began, because its worker died before: stestr does
not tell.  The seconds of a class are those that passed in its worker before
its first test: its set-up, and the clean-up of the class before it.
"""

import collections
import json
import re
import sys
import unittest

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

#: How much of a traceback is kept, from its end.
_LINES = 40


#: What stands for the tests of a class, or a module, that was not set up.
_NOT_SET_UP = re.compile(r'(setUpClass|setUpModule) \((.+)\)')


def results(tests, listed=()) -> dict:
    """What a run came to.

    :param tests: of each its ``id``, ``status``, ``timestamps`` (began and
        ended), ``tags`` (the worker's among them) and ``details``, as
        testtools' StreamToDict gives them, in the order of their ends.
    :param listed: the ids of all tests that should have run.
    """
    counts = collections.Counter(passed=0, failed=0, skipped=0)
    failures = {}
    seconds: dict[str, float] = {}
    seen: set[str] = set()
    not_set_up: set[str] = set()
    #: When the last test of each worker ended, and its class.
    last: dict[str, tuple] = {}
    for test in tests:
        meaning = _MEANING.get(test['status'])
        if meaning is None:
            continue
        counts[meaning] += 1
        seen.add(test['id'])
        if match := _NOT_SET_UP.fullmatch(test['id']):
            not_set_up.add(match[2])
        if meaning == 'failed':
            failures[test['id']] = _traceback(test['details'])
        began, ended = test['timestamps']
        if not (began and ended):
            continue
        seconds[test['id']] = (ended - began).total_seconds()
        worker = min((t for t in test['tags'] if t.startswith('worker-')),
                     default='')
        before, class_before = last.get(worker, (None, None))
        class_name = test['id'].rpartition('.')[0]
        if (
            before and class_name != class_before
            # Not the pause between two runs that are combined.
            and _folder(class_name) == _folder(class_before)
        ):
            seconds[class_name] = (began - before).total_seconds()
        last[worker] = ended, class_name
    for id_ in sorted(set(listed) - seen):
        if not any(id_.startswith(f'{name}.') for name in not_set_up):
            counts['failed'] += 1
            failures[id_] = 'never ran: its worker died'
    return {**counts, 'failures': failures, 'seconds': seconds}


def _folder(class_name: str) -> str:
    """The package whose tests a class is of, for instance ``sandbox``."""
    return class_name.partition('.tests.')[0]


def _traceback(details) -> str:
    lines = []
    for name, detail in details.items():
        if name.startswith('traceback'):
            # "traceback (seed=3)" is that of a subtest.
            lines += [name] * (name != 'traceback')
            lines += detail.as_text().splitlines()
    return '\n'.join(lines[-_LINES:])


def tests_in(folders) -> set[str]:
    """The ids of all tests below these folders."""
    def walk(suite):
        for test in suite:
            if isinstance(test, unittest.TestSuite):
                yield from walk(test)
            else:
                yield test.id()

    # A loader keeps to the first top level that it was given.
    return {
        id_ for folder in folders
        for id_ in walk(unittest.TestLoader().discover(
            folder, top_level_dir='.'))}


def read(url: str, folders=()) -> dict:
    """The results of the last run in the stestr repository of a folder."""
    tests: list = []
    run = file.RepositoryFactory().open(url).get_latest_run()
    result = testtools.StreamToDict(tests.append)
    result.startTestRun()
    try:
        run.get_test().run(result)
    finally:
        result.stopTestRun()
    return results(tests, tests_in(folders))


if __name__ == '__main__':
    print(json.dumps(read(sys.argv[1], sys.argv[2:])))
