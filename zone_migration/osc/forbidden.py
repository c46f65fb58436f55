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

"""What a user may not do (HTTP 403), and what it takes."""

from collections.abc import Iterator
import contextlib
import re

from osc_lib import exceptions

#: How OpenStack's services name the policy that does not allow something.
_POLICY = re.compile(r"Policy doesn't allow (\S+) to be performed")


class Forbidden(exceptions.CommandError):
    """A service does not allow the user what a command asks for.

    :param service: Watcher, Nova or Cinder.
    :param text: its answer.
    :ivar policy: the policy that its answer names, or ''.
    """

    def __init__(self, service: str, text: str) -> None:
        self.service = service
        found = _POLICY.search(text)
        self.policy = found[1] if found else ''
        super().__init__(
            f"{service}'s policy '{self.policy}' does not allow it."
            if self.policy
            else f'{service} does not allow it: {text}'
        )

    def told(self, command: str, user: str) -> str:
        """What the user may not do, and what it takes.

        :param command: as it is typed.
        :param user: who has asked.
        """
        remedy = 'It takes the role admin'
        if self.policy:
            remedy += ', or another rule for that policy'
        return f'{user} may not use "{command}": {self} {remedy}.'


@contextlib.contextmanager
def translated(service: str) -> Iterator[None]:
    """Raise what openstacksdk raises for HTTP 403 as ours."""
    try:
        yield
    except OSError as error:
        # Its HTTP errors are those of requests, which are OSErrors.
        if getattr(error, 'status_code', None) != 403:
            raise
        text = str(error)
        raise Forbidden(service, ' '.join(text.split())) from error
