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

"""Listings that a service gives page by page."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import itertools
from typing import Any
from typing import TypeVar

#: How many objects are asked for in one page.
SIZE = 1000

#: How many ids are asked for with one URL: a web server may take no more than
#: 4 KiB of all that stands before a body, and a token is a part of that.
IDS = 50

Page = TypeVar('Page')

#: Gives the marker of the page after this one; None: this one is the last.
Rule = Callable[[Page], Any]


def pages(
    fetch: Callable[..., Page], next_marker: Rule[Page]
) -> Iterator[Page]:
    """Page after page of a listing, at least one.

    :param fetch: gives the first page, or that after ``marker``.
    :param next_marker: the rule of the service for the last page.
    """
    query: dict[str, Any] = {}
    while True:
        page = fetch(**query)
        yield page
        marker = next_marker(page)
        if marker is None:
            return
        query['marker'] = marker


def until_empty(attribute: str = 'id') -> Rule[list[Any]]:
    """The rule that only an empty page is the last.

    :param attribute: what marks where the next page begins.
    """
    return lambda page: getattr(page[-1], attribute) if page else None


def until_short(page: list[Any]) -> str | None:
    """The rule that a page shorter than asked for is the last."""
    return None if len(page) < SIZE else page[-1].id


def linked(
    links: str, objects: str, attribute: str = 'id'
) -> Rule[dict[str, Any]]:
    """The rule that the last page has no link to another.

    :param links: where the body of a page has its links.
    :param objects: where it has what is listed.
    :param attribute: what marks where the next page begins.
    """
    return lambda body: (
        body[objects][-1][attribute]
        if any(link['rel'] == 'next' for link in body.get(links, ()))
        else None
    )


def parts(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in parts of as many as one URL can hold."""
    rest = iter(ids)
    while part := list(itertools.islice(rest, IDS)):
        yield part
