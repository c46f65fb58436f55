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

"""The database server."""

import os
import shutil

from sandbox import daemon
from sandbox import debian
from sandbox import layout as layouts
from sandbox import process

DATABASES = ('keystone', 'placement', 'glance', 'nova_api', 'nova_cell0',
             'nova', 'neutron', 'cinder', 'watcher')


def configure(layout):
    """Makes the data directory, and the statements run at each start."""
    layouts.write(_init_file(layout), '\n'.join([
        f"CREATE USER IF NOT EXISTS 'stack'@'127.0.0.1' "
        f"IDENTIFIED BY '{layouts.PASSWORD}';",
        "GRANT ALL ON *.* TO 'stack'@'127.0.0.1';",
        *(f'CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb3;'
          for name in DATABASES), '']))
    data = _data(layout)
    if data.exists():
        return
    new = data.with_name('mariadb.new')
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    process.run(
        [debian.program('mariadb-install-db'), '--no-defaults',
         *_as_root(), f'--datadir={new}', '--skip-test-db'],
        daemon.environment(layout), layout.state,
        layout.log('setup-mariadb'))
    new.replace(data)


def daemons(layout):
    """MariaDB, tuned for speed: it may lose data when the machine crashes.

    Its socket has a name relative to the data directory, into which it
    changes: the kernel allows 107 characters, and the state directory may
    be deep.
    """
    command = (
        debian.program('mariadbd') or 'mariadbd', '--no-defaults',
        *_as_root(), f'--datadir={_data(layout)}', '--socket=mariadb.sock',
        f'--pid-file={layout.path("run", "mariadb.pid")}',
        f'--init-file={_init_file(layout)}',
        '--bind-address=127.0.0.1', f'--port={layout.port("mariadb")}',
        '--skip-name-resolve', '--skip-log-bin', '--max-connections=2000',
        '--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0',
        '--innodb-buffer-pool-size=256M', '--performance-schema=OFF',
        '--character-set-server=utf8mb3')
    return [daemon.Daemon('mariadb', command, stop_seconds=30)]


def _data(layout):
    return layout.path('db', 'mariadb')


def _init_file(layout):
    return layout.etc('mariadb', 'init.sql')


def _as_root():
    """MariaDB refuses to run as root unless told to."""
    return ('--user=root',) if os.geteuid() == 0 else ()
