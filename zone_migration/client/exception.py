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

"""The failures of requests to the services of a cloud, by name.

Nothing here knows Watcher; :mod:`zone_migration.exception` turns these into
what Watcher shows.
"""

from zone_migration.logic import messages


class CloudError(Exception):
    """A service of the cloud did not do what it was asked.

    :ivar service: its name, as messages have it.
    :ivar reason: its own words, where it has any, in one line.
    """

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(service, reason)
        self.service = service
        self.reason = messages.escaped(reason)

    def __str__(self) -> str:
        return f'{self.service}: {self.reason}'


class RequestRefused(CloudError):
    """A service answered that it will not do it (HTTP 4xx).

    :ivar status: that of HTTP.
    """

    def __init__(self, service: str, reason: str, status: int) -> None:
        super().__init__(service, reason)
        self.status = status

    def __str__(self) -> str:
        return f'{self.service} refuses: {self.reason} (HTTP {self.status})'


class CloudUnavailable(CloudError):
    """A service cannot be reached or has an error of its own (HTTP 5xx).

    :ivar retry_after: how many seconds it wants to be left alone; 0 where it
        does not say.
    """

    def __init__(
        self, service: str, reason: str, retry_after: float = 0
    ) -> None:
        super().__init__(service, reason)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f'{self.service} is unavailable: {self.reason}'


class ServiceNotFound(CloudUnavailable):
    """Keystone's catalogue has no such service where it is looked for."""


class BackendStaysDisabled(CloudError):
    """A storage backend could not be enabled; the reason has the remedy."""

    def __str__(self) -> str:
        return self.reason


class BackendIsNotOurs(BackendStaysDisabled):
    """It is gone, or somebody else has disabled it: no request changes it."""


class AnswerLost(CloudUnavailable):
    """A service may have done what it was asked, or not: nobody knows.

    Who asked has to check, and must not simply ask again.
    """

    def __str__(self) -> str:
        return f'{self.service} may have done it or not: {self.reason}'
