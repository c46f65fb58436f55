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

"""A plan of many actions in Watcher's database, and changes of these.

    python big_plan.py PORT PASSWORD PLAN COUNT

gives that plan so many actions, and makes it ONGOING.  It runs in the
environment of the sandbox's Watcher, and needs nothing of it but PyMySQL.  The
first line printed says that it is ready.  For each line read, ``SECONDS
CHANGES``, so many actions are changed as an engine would, at that time of the
plan, and a line is printed.  At the end of the input the actions are deleted.
"""

import datetime
import json
import sys
import uuid

import pymysql

_BEGIN = datetime.datetime(2026, 11, 28, 3, 14, 5)
_HOSTS = 20


class BigPlan:
    """The rows of one plan."""

    def __init__(self, connection, plan, count):
        self._connection = connection
        self._plan = plan
        self._count = count
        self._changed = 0
        self._id = self._run(
            'SELECT id FROM action_plans WHERE uuid = %s', plan
        )[0][0]

    def _run(self, statement, *values):
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def make(self):
        """Insert the actions, and let the plan run."""
        rows = []
        for number in range(self._count):
            parameters = {
                'resource_id': str(uuid.uuid4()),
                'resource_name': f'{number:04} ' + 'server-of-a-project' * 2,
                'project_id': uuid.uuid4().hex,
                'source': f'compute-node-{number % _HOSTS:03}.example.org',
                'dst_hostname': 'compute-node-100.example.org',
                'memory_mb': 8192,
                'expected_duration': 65,
                'status': 'active',
            }
            rows.append(
                (str(uuid.uuid4()), self._id, json.dumps(parameters), _BEGIN)
            )
        with self._connection.cursor() as cursor:
            cursor.executemany(
                'INSERT INTO actions (uuid, action_plan_id, action_type, '
                'input_parameters, state, parents, deleted, created_at) '
                "VALUES (%s, %s, 'live_migration', %s, 'PENDING', '[]', 0, "
                '%s)',
                rows,
            )
        self._belong_to_applier()
        self._set_plan('ONGOING', 0)

    def _belong_to_applier(self):
        """Let the plan be that of the applier that runs.

        What is ONGOING on no host has lost its cast: the applier would run it.
        """
        self._run(
            'UPDATE action_plans SET hostname = (SELECT host FROM services '
            "WHERE name = 'watcher-applier' AND deleted = 0 "
            'ORDER BY last_seen_up DESC LIMIT 1) WHERE id = %s',
            self._id,
        )

    def change(self, seconds, changes):
        """Change actions, one after another, at a time of the plan."""
        now = _BEGIN + datetime.timedelta(seconds=seconds)
        first = self._run(
            'SELECT MIN(id) FROM actions WHERE action_plan_id = %s', self._id
        )[0][0]
        for _ in range(changes):
            self._run(
                'UPDATE actions SET state = %s, status_message = %s, '
                'updated_at = %s WHERE id = %s',
                'ONGOING',
                'copying to compute-node-100.example.org, memory '
                f'{self._changed % 80 / 10} of 8.0 GiB left (since {_BEGIN})',
                now,
                first + self._changed % self._count,
            )
            self._changed += 1
        self._set_plan('ONGOING', seconds)

    def _set_plan(self, state, seconds):
        self._run(
            'UPDATE action_plans SET state = %s, status_message = %s, '
            'updated_at = %s WHERE id = %s',
            state,
            '4 of 1000 done (1 failed), 4 running, about 10 min to go; '
            'limits: 100 in all, 2 a host, 2 a pool; 980 wait: 2 of 2 leave '
            'compute-node-001.example.org',
            _BEGIN + datetime.timedelta(seconds=seconds),
            self._id,
        )

    def forget(self):
        """Delete the actions, and end the plan."""
        self._run('DELETE FROM actions WHERE action_plan_id = %s', self._id)
        self._set_plan('SUCCEEDED', 0)


def _main(port, password, plan, count):
    connection = pymysql.connect(
        host='127.0.0.1',
        port=int(port),
        user='stack',
        password=password,
        database='watcher',
        autocommit=True,
    )
    rows = BigPlan(connection, plan, int(count))
    try:
        rows.make()
        print('ready', flush=True)
        for line in sys.stdin:
            seconds, changes = line.split()
            rows.change(float(seconds), int(changes))
            print('changed', flush=True)
    finally:
        rows.forget()


if __name__ == '__main__':
    _main(*sys.argv[1:])
