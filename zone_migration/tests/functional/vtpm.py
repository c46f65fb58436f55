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

"""Servers that Nova takes for ones with a vTPM, which it moves cold only.

The scheduler finds no host for such a server where no hypervisor emulates a
TPM, so Nova's database gets the property of the image once the server is
there.  Run as a script in the environment of the sandbox's Watcher, which has
PyMySQL::

    python vtpm.py PORT PASSWORD SERVER...
"""

import pathlib
import subprocess
import sys

#: As Nova keeps the property hw_tpm_version of an image.
_PROPERTY = ('image_hw_tpm_version', '2.0')


def add(cloud, password, *servers):
    """Have these servers look as if they had been created with a vTPM.

    :param cloud: that of the sandbox.
    :param password: that of its database.
    :param servers: their ids.
    """
    layout = cloud.layout
    subprocess.run(
        [
            layout.venv('watcher') / 'bin' / 'python',
            pathlib.Path(__file__),
            str(layout.port('mariadb')),
            password,
            *servers,
        ],
        check=True,
    )


def _main(port, password, *servers):
    import pymysql  # Of that environment alone.

    connection = pymysql.connect(
        host='127.0.0.1',
        port=int(port),
        user='stack',
        password=password,
        database='nova',
        autocommit=True,
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            'INSERT INTO instance_system_metadata '
            '(created_at, instance_uuid, `key`, value, deleted) '
            'VALUES (UTC_TIMESTAMP(), %s, %s, %s, 0)',
            [(server, *_PROPERTY) for server in servers],
        )


if __name__ == '__main__':
    _main(*sys.argv[1:])
