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
import shlex

from zone_migration.logic import messages
from zone_migration.logic.outcome import attempts
from zone_migration.logic.outcome import pins
from zone_migration.logic.schedule import host_changes

_AGAIN = 'then "{retry}"'

_ENABLE_OURS = '"openstack optimize zone hosts --enable {host}"'
_ENABLE = '"openstack compute service set --enable {host} nova-compute"'

#: By what a reason contains, the first that fits.  Named groups of it stand
#: in the remedy.
_REMEDIES = (
    (
        r'\((new|failed|came back|not moved|skipped), ',
        'move what is left with a new plan: "{retry}"',
    ),
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
        rf'destination (?P<host>\S+) is disabled\b.*\b{host_changes.MARK}\b',
        f'enable {{host}} ({_ENABLE_OURS}), {_AGAIN}',
    ),
    (
        r'destination (?P<host>\S+) is disabled\b',
        f'enable {{host}} ({_ENABLE_OURS} if a plan has disabled it, '
        f'{_ENABLE} otherwise), {_AGAIN}',
    ),
    (
        r'destination (?P<host>\S+) is down\b',
        f'start nova-compute on {{host}}, {_AGAIN}',
    ),
    (
        r'live migration failed; the server is ACTIVE on (?P<host>[^\s,;:]+)',
        'the log of nova-compute on {host} has the reason; mend it, '
        f'{_AGAIN}',
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
        r'server is in ERROR on (?P<host>[^\s,;:]+)',
        'see whether its guest runs on {host}, then "openstack server set '
        '--state active <server>"',
    ),
    (
        r'server is in ERROR',
        'see whether its guest runs, then "openstack server set --state '
        'active <server>"',
    ),
    (
        r'Cinder could not migrate',
        f'the log of cinder-volume has the reason; mend it, {_AGAIN}',
    ),
    (
        r'Cinder has lost the attachment',
        'stop the server, and attach the volume anew before it is started',
    ),
    (
        r'Cinder dropped the retype',
        'look for snapshots of the volume, and in the log of '
        f'cinder-scheduler for a pool with room, {_AGAIN}',
    ),
    (
        r'aborted: |asked Nova to abort: live migration cancelled',
        f'find out why it made no progress, {_AGAIN}',
    ),
    (
        r'no change for',
        'look at the server or volume: it may go on; once it has ended, '
        '"{retry}"',
    ),
    (
        r'(?P<service>\w+) is unavailable:',
        'once {service} answers again, "{retry}"',
    ),
    (
        r'because Applier .* was stopped',
        'what was in flight may have gone on; "{retry}" sees it through',
    ),
    (
        r'may have done it or not|may go on|may have gone on',
        'look at the server or volume before anything else: it may be '
        'moving; once it has ended, "{retry}"',
    ),
)


def of(reason: str, plan: str = '', unpin_from: str = '') -> str:
    """The remedy for a reason; '' where none is known or it is told.

    >>> of('the server is locked')
    ''
    >>> of('destination c2 is down', 'rack-12')
    'start nova-compute on c2, then "openstack optimize zone retry rack-12"'

    Of several attempts that of the last counts.

    :param plan: what the plan is called by; without it the newest is meant.
    :param unpin_from: the zone that the action was to unpin its server from.
    """
    retry = 'openstack optimize zone retry'
    if plan:
        retry += f' {shlex.quote(messages.escaped(plan))}'
    last = attempts.last(reason)
    told = []
    for pattern, remedy in _REMEDIES:
        found = re.search(pattern, last)
        if found:
            names = found.groupdict()
            quoted = {name: shlex.quote(names[name]) for name in names}
            told.append(remedy.format(**quoted, retry=retry))
            break
    told.append(pins.remedy(reason, unpin_from))
    return '; '.join(filter(None, told))
