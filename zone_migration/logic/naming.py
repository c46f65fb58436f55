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

"""What the names, globs and ids of an audit mean.

A glob is that of Python's fnmatch, with the case of letters: ``*``, ``?`` and
``[abc]``.  What is there by exactly the given name is meant by it alone.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import fnmatch
import re


def named(wanted: str, known: Collection[str]) -> list[str]:
    """Those of the known names that a name or glob means, in their order.

    >>> named('rack1-*', ['rack1-a', 'rack2-a', 'rack1-b'])
    ['rack1-a', 'rack1-b']
    >>> named('rack[1]', ['rack[1]', 'rack1'])
    ['rack[1]']

    :param known: with a quick ``in``, such as a mapping by name.
    """
    if wanted in known:
        return [wanted]
    matches = re.compile(fnmatch.translate(wanted)).match
    return [name for name in known if matches(name)]


def meant(
    wanted: Iterable[str], names: Mapping[str, str]
) -> dict[str, list[str]]:
    """By each wanted id, name or glob of names: the ids that it means.

    >>> meant(['db-*', 'web', 'c3'], {'a1': 'db-1', 'b2': 'db-2', 'c3': ''})
    {'db-*': ['a1', 'b2'], 'web': [], 'c3': ['c3']}

    :param names: by id, as Nova, Cinder and Keystone write ids: in small
        letters.
    """
    ids: dict[str, list[str]] = {}
    for id_, name in names.items():
        ids.setdefault(name, []).append(id_)
    return {
        each: (
            [each.lower()]
            if each.lower() in names
            else [id_ for name in named(each, ids) for id_ in ids[name]]
        )
        for each in wanted
    }
