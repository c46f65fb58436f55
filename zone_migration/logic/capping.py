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

"""Which resources a plan keeps when its audit caps their number."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Hashable
from collections.abc import Mapping
from collections.abc import Sequence
import itertools
from typing import Protocol
from typing import TypeVar


class Evaluated(Protocol):
    """What becomes of a resource."""

    @property
    def moves(self) -> bool: ...


Key = TypeVar('Key', bound=Hashable)
Result = TypeVar('Result', bound=Evaluated)


def keep(
    order: Sequence[Key],
    most: int,
    needs: Mapping[Key, Collection[Key]],
    evaluate: Callable[[Collection[Key]], Mapping[Key, Result]],
) -> dict[Key, Result]:
    """The first that can move without what is left out, with their results.

    What cannot, as the room for it would be made by something that is left
    out, gives its place to the next one; with what is kept then, it is tried
    once more.  That ends when all places are taken, or when no more are.

    Each round gives up at least one for the round before, so their number is
    that of all resources at the most, times that of the tries.

    :param order: all that could move without a cap, without repetitions;
        those that others need come before these.
    :param most: how many are kept.
    :param needs: what one is never kept without.
    :param evaluate: what becomes of some when nothing else moves.
    """
    kept: dict[Key, Result] = {}
    while len(kept) < most:
        results = _fill(order, kept, most, needs, evaluate)
        if len(results) <= len(kept):
            break
        kept = results
    return kept


def _fill(
    order: Sequence[Key],
    kept: Collection[Key],
    most: int,
    needs: Mapping[Key, Collection[Key]],
    evaluate: Callable[[Collection[Key]], Mapping[Key, Result]],
) -> dict[Key, Result]:
    """What is kept and others behind it, all of which move together."""
    given_up: set[Key] = set()
    while True:
        chosen: dict[Key, None] = {}
        for key in itertools.chain(kept, order):
            if len(chosen) == most:
                break
            if key not in given_up and all(
                need in chosen for need in needs.get(key, ())
            ):
                chosen[key] = None
        if chosen.keys() <= set(kept):
            return {}
        results = evaluate(chosen)
        stuck = [key for key in chosen if not results[key].moves]
        if not stuck:
            return {key: results[key] for key in chosen}
        given_up.update(stuck)
