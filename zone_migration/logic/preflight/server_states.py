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

"""The states of servers: what holds a host, and what is done about it.

What Nova shows as the status of a server is its vm_state, and for some task
states these (``nova.api.openstack.common._STATE_MAP``).  What Nova allows in
each is in ``nova.compute.api.API`` (``check_instance_state``).
"""

import dataclasses

from zone_migration.logic import resources

#: What a plan does with a server, in the words of the documentation.
LIVE = 'migrated live'
COLD = 'migrated cold'
OFFLOADED = 'offloaded'
CONFIRMED = 'confirmed, then moved'
SEEN_THROUGH = 'seen through'
REFUSED = 'refused'

_WAIT = 'repeat it when that has ended'
_UP = 'bring it up'
_EVACUATE = f'{_UP}, or evacuate the server'


@dataclasses.dataclass(frozen=True)
class State:
    """What a status of a server means for the host that it is on."""

    #: What a plan does that empties the host, where nothing else keeps it.
    done: str
    #: What a person can do where that is not done.
    remedy: str
    #: What can be done while nova-compute on the host is down: Nova evacuates
    #: what is ACTIVE, SHUTOFF or in ERROR only.
    remedy_if_down: str = _UP
    #: Whether it keeps its host from being empty.
    holds: bool = True
    #: Whether Nova is at work on it while it shows so.
    is_busy: bool = False


def _busy(done: str = REFUSED) -> State:
    """A status that a task of Nova's leaves when it has ended."""
    return State(done, _WAIT, is_busy=True)


#: By Nova's status.
STATES = {
    'ACTIVE': State(LIVE, 'ask for it as active, or stop it', _EVACUATE),
    'PAUSED': State(LIVE, 'ask for it as active, or unpause it'),
    'SHUTOFF': State(COLD, 'ask for it as shutoff, or start it', _EVACUATE),
    'SHELVED': State(
        OFFLOADED,
        'offload it (openstack server shelve --offload), or unshelve it',
    ),
    'VERIFY_RESIZE': State(
        CONFIRMED, 'its owner confirms or reverts it, or set confirm_resizes'
    ),
    'SUSPENDED': State(REFUSED, 'resume it first, or shelve it'),
    'RESCUE': State(REFUSED, 'unrescue it first'),
    'ERROR': State(
        REFUSED, 'find out why, then repair it or reset its state', _EVACUATE
    ),
    'BUILD': State(
        REFUSED, 'repeat it when it is built', f'{_UP}, or delete the server'
    ),
    'SOFT_DELETED': State(
        REFUSED,
        'it stays until Nova reclaims it; openstack server delete --force '
        'deletes it now, openstack server restore brings it back',
        'openstack server delete --force deletes it even so',
    ),
    'MIGRATING': _busy(SEEN_THROUGH),
    'RESIZE': _busy(SEEN_THROUGH),
    'REVERT_RESIZE': _busy(),
    'REBOOT': _busy(),
    'HARD_REBOOT': _busy(),
    'PASSWORD': _busy(),
    'REBUILD': _busy(),
    'SHELVED_OFFLOADED': State(
        REFUSED, 'it occupies no host until it is unshelved', holds=False
    ),
    'DELETED': State(REFUSED, 'its owner has deleted it', holds=False),
    # Of a server whose cell does not answer.
    resources.UNKNOWN: State(REFUSED, 'repeat it when Nova shows it whole'),
}

_OTHER = State(REFUSED, '')


def of(status: str) -> State:
    """What a status means, also of one that a newer Nova has.

    >>> of('SUSPENDED').remedy, of('INVENTED').remedy
    ('resume it first, or shelve it', '')
    """
    return STATES.get(status, _OTHER)
