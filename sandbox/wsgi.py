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

"""Serves one WSGI application; runs inside a virtual environment.

``python -m sandbox.wsgi MODULE PORT THREADS ACCESS_LOG [ARGUMENT...]``: the
applications read sys.argv when they are imported, so they find there what
follows the log.
"""

import datetime
import importlib
import sys

from gunicorn import glogging
from gunicorn.app import base

# time method path status milliseconds "client"
ACCESS_LOG_FORMAT = '%(t)s %(m)s %({raw_uri}e)s %(s)s %(M)s "%(a)s"'


class Logger(glogging.Logger):
    def now(self):
        """Local time, to the millisecond: a benchmark wants more than 1 s."""
        return datetime.datetime.now().isoformat(timespec='milliseconds')


class Application(base.BaseApplication):
    def __init__(self, module, port, threads, access_log, arguments):
        self._module, self._arguments = module, arguments
        self._settings = {
            'bind': f'127.0.0.1:{port}', 'workers': 1,
            'worker_class': 'gthread', 'threads': int(threads),
            'timeout': 300, 'keepalive': 65, 'graceful_timeout': 3,
            'backlog': 512, 'limit_request_line': 0,
            'limit_request_field_size': 0, 'control_socket_disable': True,
            'loglevel': 'warning', 'errorlog': '-',
            'accesslog': access_log, 'logger_class': Logger,
            'access_log_format': ACCESS_LOG_FORMAT,
        }
        super().__init__()

    def load_config(self):
        for name, value in self._settings.items():
            if name in self.cfg.settings:  # control_socket_disable is new
                self.cfg.set(name, value)

    def load(self):
        sys.argv = [self._module, *self._arguments]
        application = importlib.import_module(self._module).application
        if 'sqlalchemy' in sys.modules:
            # With SQLAlchemy 2.1 the first GET /v2.0/ports of Neutron fails
            # ("type object 'Port' has no attribute 'port_forwardings'")
            # unless an ORM query has configured the mappers before.
            from sqlalchemy import orm
            orm.configure_mappers()
        return application


def main():
    module, port, threads, access_log, *arguments = sys.argv[1:]
    sys.argv = sys.argv[:1]  # gunicorn must not read the rest
    Application(module, port, threads, access_log, arguments).run()


if __name__ == '__main__':
    main()
