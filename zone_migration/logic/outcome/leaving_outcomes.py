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

"""The outcome of what takes a server off a host without moving it.

The rules come from what Nova 34 was observed to do.
"""

from zone_migration.logic import resources
from zone_migration.logic.outcome import outcomes


def offload(server: resources.Server | None, source: str) -> outcomes.Outcome:
    """The outcome of the offloading of a shelved server.

    Nova sets the task state before it answers.  It shows SHELVED_OFFLOADED a
    moment before it has taken the host away from the server.

    :param source: the host that it leaves.
    """
    if server is None:
        return outcomes.failed('the server was deleted while it was offloaded')
    if server.status == 'SHELVED_OFFLOADED':
        if server.host is None:
            return outcomes.done(f'offloaded from {source}')
        return outcomes.running(f'leaving {source}')
    if server.task_state is not None:
        return outcomes.running(f'being taken off {source}')
    fault = f': {server.fault}' if server.fault else ''
    return outcomes.failed(
        f'Nova has not offloaded it; the server is {server.status} on '
        f'{server.host}{fault}',
        provisional=server.status == 'SHELVED',
    )


def offload_request(
    server: resources.Server | None,
) -> outcomes.Outcome:
    """Whether the request to offload a server has arrived.

    As :mod:`~zone_migration.logic.outcome.lost_answers` has it of others.
    """
    if (
        server is None
        or server.status != 'SHELVED'
        or server.task_state is not None
    ):
        return outcomes.done('the request has arrived')
    return outcomes.failed(
        'no sign of the request, its answer was lost', provisional=True
    )


def confirmed(outcome: outcomes.Outcome, record: resources.Migration) -> str:
    """The words for the end of a confirmation that has gone well."""
    return (
        f'{record.type} from {record.source} to {record.dest} confirmed'
        if outcome.kind is outcomes.Kind.DONE
        else outcome.text
    )
