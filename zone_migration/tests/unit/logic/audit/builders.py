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

"""Parameters of audits, and what Watcher says to them."""

import copy

import jsonschema
from watcher.common import exception as watcher_exception
from watcher.common import utils as watcher_utils

from zone_migration.logic.audit import schema

S1 = '3b39c007-81c4-4bbe-8848-babf583d1349'
S2 = '9827ce18-c92f-474b-b572-95281b903daf'
V1 = '5c5b71ba-c7d3-477d-b0c4-ea1958fae8fe'
V2 = 'fddc94b1-8db4-4949-9f43-1054f13de9e3'

#: One character more than a name may have.
LONG = 'x' * 256


def vm(**item):
    return {'params': {'vm': {S1: item}}}


def volume(**item):
    return {'params': {'volume': {V1: item}}}


def validate_as_watcher(document):
    """Raise what Watcher's API does for a document that it refuses."""
    watcher_utils.StrictDefaultValidatingDraft4Validator(
        schema.SCHEMA
    ).validate(document)


def watcher_refuses(document):
    """Whether Watcher's API refuses a document, which stays as it is."""
    try:
        validate_as_watcher(copy.deepcopy(document))
    except (
        jsonschema.ValidationError,
        watcher_exception.AuditParameterNotAllowed,
    ):
        return True
    return False
