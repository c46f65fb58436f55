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

"""Tells what happens: one line per step, with the seconds since the start."""

import time


class Progress:
    def __init__(self, clock=time.monotonic, show=print):
        self._clock, self._show = clock, show
        self._start = clock()

    def step(self, text):
        elapsed = self._clock() - self._start
        self._show(f'[{elapsed:6.1f} s] {text}', flush=True)


class Silent(Progress):
    """For tests, which have something else to print."""

    def step(self, text):
        pass
