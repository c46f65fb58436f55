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

"""Where everything of one sandbox is: directories, ports, addresses, names.

Nothing here starts, asks or changes a service.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent

PASSWORD = 'secret'  # nosec B105: all of it listens on 127.0.0.1
REGION = 'RegionOne'
STORAGE_HOST = 'block1'
#: What the second applier calls its host; the first takes the machine's name.
APPLIER_2_HOST = 'applier2'
#: Pool (and Cinder back end) -> volume type it serves.
POOLS = {'b1': 'lvm1', 'b2': 'lvm2', 'b3': 'lvm1', 'b4': 'lvm2'}
#: What guests run on: nothing (the sandbox's own driver pretends), or QEMU
#: with its own processor (TCG) or KVM's.
NO_HYPERVISOR = 'none'
HYPERVISORS = (NO_HYPERVISOR, 'qemu', 'kvm')
USERS = {'admin': 'admin', 'demo': 'demo', 'watcher': 'service'}

# The last four digits are the well-known ones.  All of them are below 32768,
# where Linux begins to hand out ports to outgoing connections: one of those
# could otherwise keep a daemon from starting.
PORTS = {
    'mariadb': 23306, 'epmd': 24369, 'rabbitmq': 25672,
    'rabbitmq-distribution': 25673, 'keystone': 25000, 'nova-api': 28774,
    'cinder-api': 28776, 'placement': 28778, 'glance': 29292,
    'watcher-api': 29322, 'neutron': 29696,
}


@dataclasses.dataclass
class Options:
    """What was chosen for a sandbox; remembered in its state directory."""

    port_offset: int = 0
    computes: int = 3
    #: Nova's max_concurrent_live_migrations; None: Nova's default, 1.
    live_per_host: int | None = None
    #: Major version of Watcher; picks the constraints file.
    watcher: str = '17'
    #: Directory of the virtual environments; None: in the state directory.
    venvs: str | None = None
    #: One of HYPERVISORS.
    hypervisor: str = NO_HYPERVISOR
    #: Of a live migration between hypervisors, in MiB a second.
    bandwidth: int = 16
    #: Whether Nova may force one to complete by post-copy.
    post_copy: bool = False


class Layout:
    """Paths, ports and names of one sandbox."""

    def __init__(self, state, options=None):
        self.state = pathlib.Path(state).absolute()
        self.options = options or Options()

    @classmethod
    def load(cls, state=None):
        """The sandbox in a state directory, with its remembered options.

        :param state: default: environment ZONE_MIGRATION_SANDBOX, then
                      ``.sandbox`` in the repository
        """
        state = (state or os.environ.get('ZONE_MIGRATION_SANDBOX') or
                 REPOSITORY / '.sandbox')
        layout = cls(state)
        try:
            remembered = json.loads(layout.options_file.read_text())
        except FileNotFoundError:
            return layout
        layout.options = Options(**remembered)
        return layout

    def remember_options(self):
        write(self.options_file, json.dumps(
            dataclasses.asdict(self.options), indent=1) + '\n')

    @property
    def options_file(self):
        return self.path('sandbox.json')

    # -- files

    def path(self, *parts):
        return self.state.joinpath(*parts)

    def etc(self, *parts):
        return self.path('etc', *parts)

    def log(self, name):
        return self.path('logs', f'{name}.log')

    def access_log(self, name):
        """One line per request: time, method, path, status, milliseconds."""
        return self.path('logs', f'{name}-access.log')

    def volumes(self, pool):
        """Where the files behind the volumes of a pool are."""
        return self.path('volumes', pool)

    def devices(self, pool):
        """Where the block devices of a pool's volumes are."""
        return self.path('devices', pool)

    @property
    def behaviour_file(self):
        return self.path('control', 'behaviour.json')

    @property
    def watcher_extra_conf(self):
        """Read by Watcher after watcher.conf; the sandbox never changes it."""
        return self.etc('watcher', 'extra.conf')

    @contextlib.contextmanager
    def lock(self):
        """One command at a time changes what runs."""
        with lock_file(self.path('lock')):
            yield

    def take(self):
        """Whether this process has the sandbox for itself, until it ends.

        False while another one has, or this one already.
        """
        self.state.mkdir(parents=True, exist_ok=True)
        mark = os.open(self.path('taken'), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(mark)
            return False
        return True  # the lock goes with the process, however that ends

    # -- virtual environments

    @property
    def venvs(self):
        """``--venvs``, else ZONE_MIGRATION_SANDBOX_VENVS, else our own."""
        return pathlib.Path(
            self.options.venvs or
            os.environ.get('ZONE_MIGRATION_SANDBOX_VENVS') or
            self.path('venv')).absolute()

    def venv(self, name):
        return self.venvs / name

    def bin(self, venv, program):
        return str(self.venv(venv) / 'bin' / program)

    # -- network

    def port(self, name):
        return PORTS[name] + self.options.port_offset

    def url(self, name):
        return f'http://127.0.0.1:{self.port(name)}'

    @property
    def auth_url(self):
        return self.url('keystone') + '/v3'

    # -- names

    @property
    def computes(self):
        return [f'compute{n + 1}' for n in range(self.options.computes)]


def pool_host(pool):
    """Cinder's name of a pool: ``block1@b1#b1`` for ``b1``."""
    return f'{STORAGE_HOST}@{pool}#{pool}'


@contextlib.contextmanager
def lock_file(path):
    """Holds an exclusive lock; it goes with the process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write(path, text, mode=0o644):
    """Replaces a file in one step, so that no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f'{path.name}.{os.getpid()}.new')
    new.write_text(text)
    new.chmod(mode)
    new.replace(path)
