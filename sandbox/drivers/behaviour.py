# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""How the operations on chosen servers and volumes are to go.

The table is one JSON file, ``{who: {setting: value}}``, read whenever an
operation needs it.  ``who`` is ``*``, a name, an id, or the back end of a
volume; of several that apply the most particular one counts, in this order.
"""

import dataclasses
import functools
import json
import os
import pathlib
import time

#: Every result that means: goes on for ever, until the setting is changed.
HANG = 'hang'
_LOOK_AGAIN_SECONDS = 0.2


@dataclasses.dataclass(frozen=True)
class Setting:
    default: object
    help: str
    #: None: a number of seconds.
    choices: tuple | None = None

    def parse(self, text):
        """:raises ValueError: with the reason"""
        if self.choices:
            if text not in self.choices:
                raise ValueError(f'must be one of {", ".join(self.choices)}')
            return text
        try:
            seconds = float(text)
        except ValueError:
            raise ValueError('must be a number of seconds') from None
        if not 0 <= seconds < float('inf'):
            raise ValueError('must be a number of seconds')
        return seconds


SETTINGS = {
    # servers
    'spawn_seconds': Setting(0.0, 'starting a new guest'),
    'spawn_result': Setting('ok', 'of it', ('ok', 'fail', HANG)),
    'live_pre_seconds': Setting(
        0.0, 'preparing the destination of a live migration'),
    'live_seconds': Setting(1.0, 'copying the memory'),
    'live_interval': Setting(
        0.5, 'between two reports of progress (libvirt: 5 s)'),
    'live_result': Setting(
        'ok',
        'check_fail: the destination refuses; source_check_fail: the source '
        'refuses; pre_fail: preparing the destination fails; fail: half-way, '
        'the guest stays; raise: half-way, the guest is in error; post_fail: '
        'at the destination, the guest is there; hang: half-way, until '
        'aborted, forced or changed',
        ('ok', 'check_fail', 'source_check_fail', 'pre_fail', 'fail',
         'raise', 'post_fail', HANG)),
    'live_abort': Setting('ok', 'ignore: no effect', ('ok', 'ignore')),
    'live_force_complete': Setting(
        'ok', 'ignore: no effect', ('ok', 'ignore')),
    'cold_seconds': Setting(1.0, 'copying the disks of a cold migration'),
    'cold_result': Setting(
        'ok',
        'fail: at the source, the server is in error; rollback: at the '
        'source, the server is as before; finish_fail: at the destination; '
        'revert_fail, confirm_fail: the revert, the confirmation; hang: at '
        'the source',
        ('ok', 'fail', 'rollback', 'finish_fail', 'revert_fail',
         'confirm_fail', HANG)),
    'swap_seconds': Setting(
        0.5, 'copying a volume in use, besides the copy itself'),
    'swap_result': Setting('ok', 'of it', ('ok', 'fail', HANG)),
    # volumes
    'create_seconds': Setting(0.0, 'creating a volume'),
    'create_result': Setting(
        'ok', 'of it; also of the temporary volume of a migration',
        ('ok', 'fail', HANG)),
    'copy_seconds': Setting(
        0.5, 'copying a volume not in use, besides the copy itself'),
    'copy_result': Setting('ok', 'of it', ('ok', 'fail', HANG)),
    # Where old data are gone at once Cinder may lose the attachment of the
    # volume that has just moved (migrate_volume_completion): it begins to
    # delete them before it moves the attachment over.
    'delete_seconds': Setting(1.0, 'deleting a volume'),
    'delete_result': Setting('ok', 'of it', ('ok', 'fail', HANG)),
    'freeze_seconds': Setting(0.0, 'freezing a back end'),
    'freeze_result': Setting('ok', 'of it', ('ok', 'fail', HANG)),
    'thaw_seconds': Setting(0.0, 'thawing a back end'),
    'thaw_result': Setting('ok', 'of it', ('ok', 'fail', HANG)),
    'retype_in_place': Setting(
        'no', 'yes: a retype needs no migration', ('no', 'yes')),
}


def parse(settings):
    """``({name: value}, faults)`` from ``{name: text or value}``.

    A setting without a value (None or '') is to be forgotten; its value is
    None.
    """
    values, faults = {}, []
    for name, text in settings.items():
        if name not in SETTINGS:
            faults.append(f'{name}: no such setting; there are '
                          f'{", ".join(SETTINGS)}')
        elif text in (None, ''):
            values[name] = None
        else:
            try:
                values[name] = SETTINGS[name].parse(text)
            except ValueError as reason:
                faults.append(f'{name}={text}: {reason}')
    return values, faults


def change(table, who, values):
    """A copy of a table in which ``who`` behaves so."""
    mine = {name: value for name, value in
            {**table.get(who, {}), **values}.items() if value is not None}
    others = {other: settings for other, settings in table.items()
              if other != who}
    return {**others, who: mine} if mine else others


def look_up(table, names, name):
    """The value for something known as any of ``names``; the last wins."""
    value = SETTINGS[name].default
    for who in names:
        value = table.get(who, {}).get(name, value)
    return value


def read(path):
    """The table in a file; an empty one when there is no file."""
    try:
        found = os.stat(path)
        return _read(path, found.st_ino, found.st_mtime_ns, found.st_size)
    except FileNotFoundError:
        return {}


@functools.lru_cache(maxsize=1)
def _read(path, *state):
    """What is in a file that has this state: it is replaced, not changed.

    Hundreds of hanging migrations ask ten times a second.
    """
    return json.loads(pathlib.Path(path).read_text())


class Behaviour:
    """The settings of one server or volume, as they are now."""

    def __init__(self, *names, path=None, sleep=time.sleep):
        """:param names: what it is known as, the most particular one last"""
        self._whos = ('*', *(who for who in names if who))
        self._path = path or os.environ['SANDBOX_BEHAVIOUR']
        self._sleep = sleep

    def __getitem__(self, name):
        return look_up(read(self._path), self._whos, name)

    def take_time(self, operation):
        """Lets the seconds of an operation pass; its result then.

        Does not come back while the result is ``hang``.
        """
        self._sleep(self[f'{operation}_seconds'])
        while self[f'{operation}_result'] == HANG:
            self._sleep(_LOOK_AGAIN_SECONDS)
        return self[f'{operation}_result']
