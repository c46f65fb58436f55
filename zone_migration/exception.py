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

"""The failures, by name, as Watcher and its operators see them.

All descend from Watcher's exceptions, because only their text reaches the
operator: :class:`watcher.common.exception.ActionSkipped` where nothing is
left to do, :class:`~watcher.common.exception.ActionExecutionFailure` where
something was tried, or refused, and has failed.

What the border raises (:mod:`zone_migration.client.exception`) knows no
Watcher, and is translated here.
"""

import contextlib

from watcher.common import exception

from zone_migration.client import exception as client_exception
from zone_migration.logic.outcome import failures

_UNAUTHORIZED = 401


class PlanIsLost(BaseException):
    """A plan that somebody else runs: nothing more is written of it.

    Not an ``Exception``: Watcher's plan handler would make the plan FAILED,
    over what the other one writes.
    """


class NothingToMove(exception.ActionSkipped):
    """The resource is where it should be, has left, or is gone."""

    msg_fmt = '%(reason)s'


class HasArrived(exception.ActionSkipped):
    """The resource was moved by an applier that was stopped meanwhile."""

    msg_fmt = '%(reason)s'


class HostLeftAlone(exception.ActionSkipped):
    """A host or backend is not in the state that a plan has found it in."""

    msg_fmt = '%(reason)s'


class InvalidActionParameters(exception.Invalid):
    """Input parameters of an action that cannot be used."""

    msg_fmt = 'Invalid parameters of %(action)s: %(faults)s'


class InvalidAuditParameters(exception.Invalid):
    """Parameters of an audit that cannot be used; nothing was planned."""

    msg_fmt = '%(faults)s'


class PlanningFailed(exception.WatcherException):
    """An exception that nobody has foreseen ended the planning of an audit.

    Its cause is that exception.
    """

    msg_fmt = '%(reason)s'


class MoveError(exception.ActionExecutionFailure):
    """A server or volume is not where it should be."""

    #: What kind of failure it is; None where another try is out of question.
    failure: failures.Failure | None = None

    @property
    def is_worth_another(self) -> bool:
        """Whether another try may come to a better end."""
        return self.failure is not None and self.failure.is_worth_another


class MoveRefused(MoveError):
    """The resource cannot be moved as asked; nothing was started."""

    msg_fmt = '%(reason)s'


class MoveFailed(MoveError):
    """The move was started and has failed."""

    msg_fmt = '%(reason)s'


class CancelledByOthers(MoveFailed):
    """Somebody else has ended the move in Nova; the server is as it was."""


class NoValidHost(MoveFailed):
    """Nova found no host with room for the server; it is where it was.

    Another try is worth it once another server has left a host.
    """

    failure = failures.NO_HOST


class MoveCancelled(exception.ActionExecutionFailure):
    """The move was ended on request; the resource is where it was."""

    msg_fmt = '%(reason)s'


class NotEmpty(MoveError):
    """A host or pool has more in it than the plan has said it leaves."""

    msg_fmt = '%(reason)s'


class NotTheLast(exception.ActionSkipped):
    """Nothing makes an action the last of its plan, which it has to be."""

    msg_fmt = '%(reason)s'


class NoProgress(MoveError):
    """The move has shown no change for too long."""

    msg_fmt = (
        'no change for %(seconds)d s; last seen: %(last_seen)s; %(measure)s'
    )


class CloudRequestFailed(MoveError):
    """A service of the cloud did not do what it was asked.

    Its cause is the :class:`~zone_migration.client.exception.CloudError`.
    """

    msg_fmt = '%(reason)s'


class ServiceUnavailable(CloudRequestFailed):
    """A service is away, or does not accept any credentials just now.

    It has not done what it was asked last; another try is worth it once it is
    back.  ``kwargs['service']`` names it.
    """


@contextlib.contextmanager
def translate_cloud_errors():
    """Turn what the border raises into what Watcher tells the operator.

    For whatever Watcher or our engine calls: of an exception that is not
    Watcher's they tell the name of its class only.

    :raises ServiceUnavailable: for a service that is away.
    :raises CloudRequestFailed: for any other CloudError, in its words.
    """
    try:
        yield
    except client_exception.CloudError as error:
        if _is_away(error):
            raise ServiceUnavailable(
                service=error.service, reason=str(error)
            ) from error
        raise CloudRequestFailed(reason=str(error)) from error


def _is_away(error):
    """Whether an error is about the service, not about what was asked."""
    if isinstance(error, client_exception.RequestRefused):
        return error.status == _UNAUTHORIZED
    return isinstance(
        error, client_exception.CloudUnavailable
    ) and not isinstance(error, client_exception.AnswerLost)
