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

"""Pieces of a JSON schema of Draft 4 without the keyword ``properties``.

:mod:`zone_migration.logic.audit.schema` tells why.  Each function gives the
schema of what its docstring names.
"""

from typing import Any

#: Python's "$" also matches before a last line break.
END = r'(?!\n)$'


def one_of(*values: object) -> dict[str, Any]:
    """One of the values."""
    return {'enum': list(values)}


def array(entry: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    """A list of such entries."""
    return {'type': 'array', 'items': entry, **keywords}


def members(schemas: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Anything that, if it is an object, has such members beside others.

    :param schemas: by the name of the member.
    """
    return {
        'patternProperties': {
            f'^{name}{END}': schema for name, schema in schemas.items()
        }
    }


def closed_object(
    schemas: dict[str, dict[str, Any]], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An object with such members and no other."""
    schema: dict[str, Any] = {
        'type': 'object',
        **members(schemas),
        'additionalProperties': False,
    }
    if required:
        schema['required'] = list(required)
    return schema


def given(name: str) -> dict[str, Any]:
    """The member is there and not blank."""
    return {'required': [name], **members({name: {'pattern': r'\S'}})}


def rule(description: str, *alternatives: dict[str, Any]) -> dict[str, Any]:
    """A rule between members; its description is what a refusal says."""
    return {'description': description, 'anyOf': list(alternatives)}
