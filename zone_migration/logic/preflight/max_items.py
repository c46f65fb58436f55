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

"""The resources that a plan keeps when its audit caps their number.

As many as there are places left are tried with what is kept.  What cannot
move, as something that is left out would give it the capacity, leaves its
place to those behind it; with what is kept then, it is tried once more.
Where none of them moves, the next try is twice as large: it may have more
than there are places, and those that move in it are tried again, as many as
there are places first.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Hashable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Protocol
from typing import TypeVar


class Evaluated(Protocol):
    """A result of a resource."""

    @property
    def moves(self) -> bool:
        """Whether it will move, or is moving already."""


#: How many are evaluated at the most, those of all tries added: a number for
#: each resource, and one for all, so that few are tried as often as it takes.
_EACH = 4
_ALL = 10_000

Key = TypeVar('Key', bound=Hashable)
Result = TypeVar('Result', bound=Evaluated)


def keep(
    order: Sequence[Key],
    most: int,
    needs: Mapping[Key, Collection[Key]],
    evaluate: Callable[[Collection[Key]], Mapping[Key, Result]],
) -> dict[Key, Result]:
    """Return the first that can move without what is left out.

    It ends when all places are taken, when no more can be, or when the
    tries have become too large: with what is kept until then, which always
    moves together.

    :param order: all that could move without a cap, without repetitions;
        those that others need come before these.
    :param most: how many are kept.
    :param needs: what one is never kept without.
    :param evaluate: gives the results of some when nothing else moves.
    """
    kept: dict[Key, Result] = {}
    effort = _EACH * len(order) + _ALL
    before = -1
    while before < len(kept) < most:
        before = len(kept)
        waiting = [key for key in order if key not in kept]
        size = most - before
        while waiting and len(kept) < most and effort > 0:
            batch, waiting = _next(waiting, size, kept, needs)
            if not batch:
                break
            chosen = dict.fromkeys([*kept, *batch])
            results = evaluate(chosen)
            effort -= len(chosen)
            places = most - len(kept)
            moving = [key for key in batch if results[key].moves]
            if not all(results[key].moves for key in kept):
                # One takes the capacity of what is kept: find and drop it.
                size = len(batch) // 2
                waiting = batch + waiting if size else waiting
                size = size or places
            elif not moving:
                size *= 2
            elif moving != batch or len(batch) > places:
                waiting = moving + waiting
                size = min(places, len(moving))
            else:
                kept = {key: results[key] for key in chosen}
                size = most - len(kept)
    return kept


def _next(
    waiting: list[Key],
    size: int,
    kept: Collection[Key],
    needs: Mapping[Key, Collection[Key]],
) -> tuple[list[Key], list[Key]]:
    """The first that have what they need, and what comes behind them."""
    batch: dict[Key, None] = {}
    for place, key in enumerate(waiting):
        if len(batch) == size:
            return list(batch), waiting[place:]
        if all(need in kept or need in batch for need in needs.get(key, ())):
            batch[key] = None
    return list(batch), []
