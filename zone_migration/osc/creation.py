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

"""The creation of an audit, under a name that no other one has."""

from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import datetime
from typing import Any

from osc_lib import exceptions

from zone_migration.osc import names
from zone_migration.osc import records
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

#: How many names are tried, of one second after the other.
_NAMES_TRIED = 5


def create(
    watcher: watcher_api.Watcher,
    name: str,
    parameters: Mapping[str, Any],
    force: bool,
) -> records.Audit:
    """Create an audit of a name that was told.

    :raises CommandError: when there is one with that name.
    """
    try:
        return watcher.create_audit(name, parameters, force)
    except watcher_errors.Conflict as error:
        raise exceptions.CommandError(
            f"There is an audit '{name}' already: give another --name, or "
            'none for one that ends in the time.'
        ) from error
    except watcher_errors.Unavailable as error:
        raise _maybe_created(name, error) from error


def create_named(
    watcher: watcher_api.Watcher,
    words: Sequence[str],
    parameters: Mapping[str, Any],
    force: bool,
    moment: datetime.datetime,
) -> records.Audit:
    """Create an audit of the first name in the next seconds that is free.

    :param words: what is emptied.
    :param moment: now, UTC.
    :raises CommandError: when none is free.
    """
    for second in range(_NAMES_TRIED):
        then = moment + datetime.timedelta(seconds=second)
        name = names.generated(words, f'{then:%Y-%m-%dT%H:%M:%S}')
        with contextlib.suppress(watcher_errors.Conflict):
            return _create_or_find(watcher, name, parameters, force)
    raise exceptions.CommandError(
        f"There is an audit '{name}' already, as for the seconds before it: "
        'try again, or give a --name.'
    )


def _create_or_find(
    watcher: watcher_api.Watcher,
    name: str,
    parameters: Mapping[str, Any],
    force: bool,
) -> records.Audit:
    """Create an audit, or find it when its creation was not answered."""
    try:
        return watcher.create_audit(name, parameters, force)
    except watcher_errors.Unavailable as error:
        # What is not there yet may be created still.
        try:
            found = watcher.audit(name)
        except watcher_errors.WatcherError:
            raise _maybe_created(name, error) from error
        if found.parameters != parameters:
            raise
        return found


def _maybe_created(name: str, error: Exception) -> exceptions.CommandError:
    """The error for an audit that may have been created, or not."""
    return exceptions.CommandError(
        f"{sentence(error)} The audit '{name}' may have been created: see "
        '"openstack optimize audit list".'
    )


def sentence(error: Exception) -> str:
    """The words of an error, with a full stop."""
    return f'{str(error).rstrip(".")}.'
