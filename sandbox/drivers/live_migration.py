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

"""How far a pretended live migration is, and what becomes of it next."""

import dataclasses
import threading

#: A migration that fails or hangs does so when this part is copied.
HALF_WAY = 0.5


class Requests:
    """What the operator asked of a running live migration."""

    def __init__(self):
        self.abort = threading.Event()
        self.force_complete = threading.Event()


def part_copied(elapsed, seconds, result):
    """From 0 to 1; a hanging migration never gets beyond half-way.

    >>> part_copied(1, 4, 'ok'), part_copied(3, 4, 'hang')
    (0.25, 0.5)
    """
    part = min(elapsed / seconds, 1.0) if seconds else 1.0
    return min(part, HALF_WAY) if result == 'hang' else part


def outcome(part, result, abort, force_complete):
    """What is to happen now: complete, cancel, fail, raise or go_on."""
    if force_complete:
        return 'complete'
    if abort:
        return 'cancel'
    if result in ('fail', 'raise') and part >= HALF_WAY:
        return result
    return 'complete' if part >= 1.0 else 'go_on'


@dataclasses.dataclass(frozen=True)
class Figures:
    """Bytes, as Nova keeps them in the migration record."""

    total: int
    processed: int
    remaining: int


def figures(total, part):
    """Figures when this part of ``total`` bytes is copied."""
    processed = int(total * part)
    return Figures(total, processed, total - processed)
