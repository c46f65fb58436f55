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

"""What can go wrong, by name.

All descend from Watcher's exceptions, because only their text reaches the
operator: :class:`watcher.common.exception.ActionSkipped` where nothing is
left to do, :class:`~watcher.common.exception.ActionExecutionFailure` where
something was tried, or refused, and has failed.
"""

from watcher.common import exception


class NothingToMove(exception.ActionSkipped):
    """The resource is where it should be, has left, or is gone."""

    msg_fmt = '%(reason)s'


class HostLeftAlone(exception.ActionSkipped):
    """A compute host is not in the state that a plan has found it in."""

    msg_fmt = '%(reason)s'


class InvalidActionParameters(exception.Invalid):
    """Input parameters of an action that cannot be used."""

    msg_fmt = 'Invalid parameters of %(action)s: %(faults)s'


class InvalidAuditParameters(exception.Invalid):
    """Parameters of an audit that cannot be used; nothing was planned."""

    msg_fmt = '%(faults)s'


class MoveError(exception.ActionExecutionFailure):
    """A server or volume is not where it should be."""


class MoveRefused(MoveError):
    """The resource cannot be moved as asked; nothing was started."""

    msg_fmt = '%(reason)s'


class MoveFailed(MoveError):
    """The move was started and has failed."""

    msg_fmt = '%(reason)s'


class NoValidHost(MoveFailed):
    """Nova found no host with room for the server; it is where it was.

    Another try is worth it once another server has left a host.
    """


class MoveCancelled(exception.ActionExecutionFailure):
    """The move was ended on request; the resource is where it was."""

    msg_fmt = '%(reason)s'


class NoProgress(MoveError):
    """Nothing has changed for too long."""

    msg_fmt = (
        'no change for %(seconds)d s; last seen: %(seen)s; %(measure)s'
    )


class CloudError(MoveError):
    """A service of the cloud did not do what it was asked."""


class RequestRefused(CloudError):
    """A service answered that it will not do it (HTTP 4xx)."""

    msg_fmt = '%(service)s refuses: %(reason)s (HTTP %(status)s)'


class CloudUnavailable(CloudError):
    """A service cannot be reached or has an error of its own (HTTP 5xx)."""

    msg_fmt = '%(service)s is unavailable: %(reason)s'


class ServiceNotFound(CloudUnavailable):
    """Keystone's catalogue has no such service where Watcher looks for it."""


class AnswerLost(CloudUnavailable):
    """A service may have done what it was asked, or not: nobody knows.

    Who asked has to look, and must not simply ask again.
    """

    msg_fmt = '%(service)s may have done it or not: %(reason)s'
