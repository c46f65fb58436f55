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

"""Several requests at once, where each thing is asked for by itself."""

from collections.abc import Callable
from collections.abc import Iterable
from concurrent import futures
from typing import TypeVar

#: Fewer than the connections that a session keeps open.
_AT_ONCE = 8

Thing = TypeVar('Thing')
Answer = TypeVar('Answer')


def each(
    ask: Callable[[Thing], Answer], things: Iterable[Thing]
) -> list[Answer]:
    """The answers for each of the things, in their order.

    The first error ends it: what is not asked by then is not asked at all.
    """
    with futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(ask, things))
