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

"""The voluptuous pieces that the schemas of the actions are made of."""

from collections.abc import Mapping
import dataclasses
import uuid

import voluptuous


def uuid_string(value: object) -> str:
    """A UUID in its canonical form, as Nova and Cinder show it."""
    if not isinstance(value, str):
        raise voluptuous.Invalid(f'expected a UUID, got {value!r}')
    try:
        uuid.UUID(value)
    except ValueError:
        raise voluptuous.Invalid(f'expected a UUID, got {value!r}') from None
    return value


def text(value: object) -> str:
    """A string of at most 255 characters."""
    if not isinstance(value, str):
        raise voluptuous.Invalid(f'expected a string, got {value!r}')
    if len(value) > 255:
        raise voluptuous.Invalid('is longer than 255 characters')
    return value


def name(value: object) -> str:
    """A string that is not blank."""
    if not text(value).strip():
        raise voluptuous.Invalid('is blank')
    return str(value)


def one_of(*allowed: str):
    """One of these strings."""

    def check(value: object) -> object:
        if value not in allowed:
            raise voluptuous.Invalid(
                f'expected {" or ".join(allowed)}, got {value!r}'
            )
        return value

    return check


def of_fields(
    kind: type, given: Mapping[str, object]
) -> dict[str, object]:
    """Those that a dataclass has a field for; the rest is for others."""
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in given.items() if name in names}


#: What every move has.
RESOURCE = {
    voluptuous.Required('resource_id'): uuid_string,
    voluptuous.Optional('resource_name'): text,
    # Whose it is, for reports on what is gone by then.
    voluptuous.Optional('project_id'): text,
    # Where the resource was when the plan was made.
    voluptuous.Optional('source'): text,
    voluptuous.Optional('src_hostname'): text,
    # Its place in the plan, by the priority of the audit: lower starts first.
    voluptuous.Optional('rank'): int,
    # How long the move takes at least, by the configured bandwidths.
    voluptuous.Optional('expected_duration'): voluptuous.All(
        int, voluptuous.Range(min=1)
    ),
}

#: What every move of a server has.
SERVER = {
    **RESOURCE,
    voluptuous.Optional('dst_hostname'): text,
    voluptuous.Optional('memory_mb'): int,
    # The availability zone that it is unpinned from, to be moved.
    voluptuous.Optional('unpin_from'): text,
    # Whether it stays unpinned once it has left that.
    voluptuous.Optional('leave_unpinned'): bool,
}

#: What everything has that takes a server off a host without moving it.
LEAVING = {
    **RESOURCE,
    # The host that is to be emptied.
    voluptuous.Required('source'): name,
}

#: What every move of a volume has.
VOLUME = {
    **RESOURCE,
    voluptuous.Optional('source_type'): text,
    voluptuous.Optional('size_gb'): int,
    # It was moving when the plan was made: to be seen through, not started.
    voluptuous.Optional('in_flight'): bool,
}


def faults(error: voluptuous.MultipleInvalid) -> str:
    """Each wrong parameter with its reason, in one line."""
    return '; '.join(
        sorted(
            '{}: {}'.format(
                '.'.join(str(part) for part in fault.path) or 'parameters',
                fault.error_message,
            )
            for fault in error.errors
        )
    )
