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

"""The remedies for what has kept a server or volume from being moved."""

import re

_AGAIN = 'then "openstack optimize zone retry"'

#: By what a reason contains, the first that fits.
_REMEDIES = (
    (
        r'^depends on action',
        'see what became of the action that it depends on',
    ),
    (
        r'^Action skipped by user|openstack server set|: ask for it as',
        '',
    ),
    (
        r'No valid host',
        f'free room on the other hosts, or enable one, {_AGAIN}',
    ),
    (
        r'destination \S+ is disabled\b',
        'enable that host (openstack compute service set --enable <host> '
        f'nova-compute), {_AGAIN}',
    ),
    (
        r'destination \S+ is down\b',
        f'start nova-compute on that host, {_AGAIN}',
    ),
    (
        r'live migration failed; the server is ACTIVE',
        'the log of nova-compute on the source host has the reason; '
        f'mend it, {_AGAIN}',
    ),
    (
        r'says completed, but the server is',
        'find out on which host its guest runs before you touch the server',
    ),
    (
        r'server is in ERROR',
        'see whether its guest runs, then "openstack server set --state '
        'active <server>"',
    ),
    (
        r'Cinder could not migrate',
        'the volume is unharmed; the log of cinder-volume has the reason',
    ),
    (
        r'Cinder has lost the attachment',
        'stop the server, and attach the volume anew before it is started',
    ),
    (
        r'Cinder dropped the retype',
        'look for snapshots of the volume, and in the log of '
        'cinder-scheduler for a pool with room',
    ),
    (
        r'no change for',
        'look at the server or volume: it may go on; once it has ended, '
        '"openstack optimize zone retry"',
    ),
    (
        r'is unavailable:',
        'once the service answers again, "openstack optimize zone retry"',
    ),
    (
        r'may have done it or not|may go on|may have gone on',
        'look at the server or volume before anything else; '
        f'it may be moving, {_AGAIN}',
    ),
)


def of(reason: str) -> str:
    """The remedy for a reason; '' where none is known or it is told.

    >>> of('the server is locked')
    ''
    >>> of('destination c2 is down')
    'start nova-compute on that host, then "openstack optimize zone retry"'
    """
    for pattern, remedy in _REMEDIES:
        if re.search(pattern, reason):
            return remedy
    return ''
