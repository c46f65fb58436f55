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

"""The failures that are told apart by the reasons that Nova gives."""


def is_no_valid_host(reason: str) -> bool:
    """Whether a failure's reason is that no host has room for the server.

    Nova says the same of a named destination that is full and of one that
    fails a check before the migration.
    """
    return 'No valid host' in reason
