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

"""The guests of one host, kept in a file: they outlive nova-compute."""

import json
import pathlib
import threading


class Guest:
    """What nova.virt.fake calls a FakeInstance."""

    def __init__(self, name, state, uuid, changed):
        self.name, self.uuid = name, uuid
        self._state, self._changed = state, changed

    @property
    def state(self):
        """Nova's power state."""
        return self._state

    @state.setter
    def state(self, state):
        self._state = state
        self._changed()


class Guests(dict):
    """``{uuid: Guest}``; writes its file at each change.

    Takes any object with name, state and uuid, such as a FakeInstance.
    """

    def __init__(self, path):
        super().__init__()
        self._path = pathlib.Path(path)
        self._lock = threading.Lock()
        if self._path.exists():
            for uuid, known in json.loads(self._path.read_text()).items():
                super().__setitem__(uuid, Guest(
                    known['name'], known['state'], uuid, self._save))

    def __setitem__(self, uuid, guest):
        super().__setitem__(uuid, Guest(
            guest.name, guest.state, uuid, self._save))
        self._save()

    def __delitem__(self, uuid):
        super().__delitem__(uuid)
        self._save()

    def _save(self):
        with self._lock:
            new = self._path.with_suffix('.new')
            new.write_text(json.dumps(
                {uuid: {'name': guest.name, 'state': guest.state}
                 for uuid, guest in list(self.items())}))
            new.replace(self._path)
