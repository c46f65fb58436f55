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

"""The meaning of the names, globs and ids of an audit.

A glob is that of Python's fnmatch, with the case of letters: ``*``, ``?`` and
``[abc]``.  A host, a zone, an aggregate or a pool that is there by exactly the
given name is meant by it alone.  Owners of servers and volumes choose any name
for them, so there it is one of those that are meant.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import fnmatch
import re

_ID = re.compile(
    r'[0-9a-f]{8}(-?)([0-9a-f]{4}\1){3}[0-9a-f]{12}', re.IGNORECASE
)

#: Without one of these, a glob is a name.
_SPECIAL = frozenset('*?[')


def matching(wanted: str, known: Collection[str]) -> list[str]:
    """Return those of the known names that a name or glob means, in order.

    >>> matching('rack1-*', ['rack1-a', 'rack2-a', 'rack1-b'])
    ['rack1-a', 'rack1-b']
    >>> matching('rack[1]', ['rack[1]', 'rack1'])
    ['rack[1]']

    :param known: with a quick ``in``, such as a mapping by name.
    """
    if wanted in known:
        return [wanted]
    matches = _matcher(wanted)
    return [name for name in known if matches(name)]


def matching_ids(
    wanted: Iterable[str], names: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return the ids that each wanted id, name or glob of names means.

    All that has it as its id or its name, or that the glob matches: a name
    that somebody has chosen takes nothing away from the others.

    >>> names = {'a1': 'db-1', 'b2': 'db-*', 'c3': ''}
    >>> matching_ids(['db-*', 'web', 'c3'], names)
    {'db-*': ['a1', 'b2'], 'web': [], 'c3': ['c3']}

    :param names: by id, as Nova, Cinder and Keystone write ids: in small
        letters.
    """
    ids: dict[str, list[str]] = {}
    for id_, name in names.items():
        ids.setdefault(name, []).append(id_)
    return {
        each: list(
            dict.fromkeys(
                [
                    *([each.lower()] if each.lower() in names else ()),
                    *(
                        i
                        for name in _matching_names(each, ids)
                        for i in ids[name]
                    ),
                ]
            )
        )
        for each in wanted
    }


def is_glob(text: str) -> bool:
    """Whether a text has anything in it that makes it a glob.

    >>> is_glob('rack1-*'), is_glob('rack1-a')
    (True, False)
    """
    return not _SPECIAL.isdisjoint(text)


def is_id(text: str) -> bool:
    """Whether a text is written as the id of a server, volume or project.

    Keystone writes the ids of projects without hyphens.

    >>> is_id('3B39C007-81c4-4bbe-8848-babf583d1349'), is_id('db-*')
    (True, False)
    """
    return _ID.fullmatch(text) is not None


def _matching_names(wanted: str, names: Collection[str]) -> list[str]:
    """The names that are what is wanted, or that it matches as a glob."""
    if not is_glob(wanted):
        return [wanted] if wanted in names else []
    matches = _matcher(wanted)
    return [n for n in names if n == wanted or matches(n)]


def _matcher(glob: str) -> Callable[[str], object]:
    """A function that is true for the names that a glob matches."""
    return re.compile(fnmatch.translate(glob)).match
