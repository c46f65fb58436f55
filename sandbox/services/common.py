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

"""Sections and commands that many services share."""

import pathlib

from sandbox import daemon
from sandbox import layout as layouts

PACKAGE = pathlib.Path(layouts.__file__).parent


def credentials(layout, user, **more):
    """Options of keystoneauth for a service's own user."""
    return {
        'auth_type': 'password', 'auth_url': layout.auth_url,
        'username': user, 'password': layouts.PASSWORD,
        'project_name': 'service', 'user_domain_name': 'Default',
        'project_domain_name': 'Default', 'region_name': layouts.REGION,
        **more}


def middleware(layout, user):
    """Section keystone_authtoken.

    Service tokens are required, as a real cloud should: Cinder lets only
    Nova change an attachment that a server uses.
    """
    return credentials(
        layout, user, www_authenticate_uri=layout.auth_url,
        service_token_roles='service', service_token_roles_required=True)


def database(layout, name):
    """Section database; the pool is large enough for a hundred threads."""
    return {'connection': database_url(layout, name),
            'max_pool_size': 10, 'max_overflow': 90}


def database_url(layout, name):
    return (f'mysql+pymysql://stack:{layouts.PASSWORD}@127.0.0.1:'
            f'{layout.port("mariadb")}/{name}?charset=utf8')


def defaults(layout, state, **more):
    """Section DEFAULT of a service that uses the message queue."""
    directory = layout.path('state', state)
    directory.mkdir(parents=True, exist_ok=True)
    return {
        'transport_url': f'rabbit://stack:{layouts.PASSWORD}@127.0.0.1:'
                         f'{layout.port("rabbitmq")}/',
        'state_path': directory, 'log_date_format': '%Y-%m-%d %H:%M:%S',
        **more}


def concurrency(layout, name):
    """Section oslo_concurrency."""
    directory = layout.path('locks', name)
    directory.mkdir(parents=True, exist_ok=True)
    return {'lock_path': directory}


def privsep(layout, *contexts):
    """Sections that start privileged helpers without sudo."""
    helper = layout.bin('services', 'privsep-helper')
    return {name: {'helper_command': helper} for name in contexts}


def api(layout, name, application, threads, venv='services', env=None,
        files=(), arguments=()):
    """The daemon of an API, served by gunicorn on the port of its name.

    :param arguments: what the application finds in sys.argv
    """
    command = (
        layout.bin(venv, 'python'), '-m', 'sandbox.wsgi', application,
        str(layout.port(name)), str(threads), str(layout.access_log(name)),
        *arguments)
    return daemon.Daemon(
        name, command, env or {},
        (str(PACKAGE / 'wsgi.py'), *files), health='http')
