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

"""What the command line clients need to know of a sandbox."""

import os
import subprocess

from sandbox import layout as layouts


def variables(layout, user='admin'):
    """``{name: value}`` of the environment variables of one user."""
    return {
        'OS_AUTH_TYPE': 'password',
        'OS_AUTH_URL': layout.auth_url,
        'OS_USERNAME': user,
        'OS_PASSWORD': layouts.PASSWORD,
        'OS_PROJECT_NAME': layouts.USERS[user],
        'OS_USER_DOMAIN_NAME': 'Default',
        'OS_PROJECT_DOMAIN_NAME': 'Default',
        'OS_IDENTITY_API_VERSION': '3',
        'OS_REGION_NAME': layouts.REGION,
        'OS_COMPUTE_API_VERSION': '2.96',
        'OS_VOLUME_API_VERSION': '3.71',
        'ZONE_MIGRATION_SANDBOX': str(layout.state),
    }


def environ(layout, user='admin'):
    """This process's own variables and those with which clients run."""
    path = f'{layout.path("bin")}{os.pathsep}{os.environ["PATH"]}'
    return {**os.environ, **variables(layout, user), 'PATH': path}


def call(layout, *command, user='admin'):
    """The exit status of a client's command, run in this terminal."""
    return subprocess.call(command, env=environ(layout, user))


def run(layout, *command, user='admin'):
    """The ended process of a client's command; its output is text.

    >>> run(layout, 'openstack', 'server', 'list').returncode  # doctest: +SKIP
    0
    """
    return subprocess.run(
        command, check=False, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, env=environ(layout, user))
