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

"""Waiting: the only loop that does, and the only sleep of the command."""

import time

from sandbox import errors


def until(condition, seconds, what, interval=0.2,
          clock=time.monotonic, sleep=time.sleep):
    """The first true value that ``condition()`` gives.

    :param seconds: how long to try; it is asked once more at the end
    :param what: what is waited for, for the message; a function is called
    :raises errors.TimedOut: when it never was true
    """
    deadline = clock() + seconds
    while True:
        last_time = clock() >= deadline
        value = condition()
        if value:
            return value
        if last_time:
            raise errors.TimedOut(what() if callable(what) else what, seconds)
        sleep(interval)
