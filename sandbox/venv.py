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

"""Virtual environments, made again only when what they hold has changed."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

from sandbox import errors
from sandbox import layout as layouts
from sandbox import process

HERE = pathlib.Path(__file__).resolve().parent

SERVICES = (
    'nova', 'cinder', 'keystone', 'glance', 'openstack-placement', 'neutron',
    'PyMySQL', 'gunicorn', 'python-openstackclient', 'python-watcherclient',
    'osc-placement')
WATCHER = ('python-watcher', 'PyMySQL', 'gunicorn')
#: Files that say what installing the repository's plugin means.
PLUGIN_FILES = ('setup.cfg', 'setup.py', 'pyproject.toml', 'requirements.txt',
                'requirements-cli.txt')
#: Oldest Python that the services of the constraints file run on.
OLDEST_PYTHON = (3, 11)


def ensure_services(layout, progress):
    constraints = HERE / 'constraints-services.txt'
    _ensure(layout, 'services', SERVICES, constraints, progress)


def ensure_watcher(layout, progress):
    """Watcher and, in editable form, the plugin of this repository."""
    constraints = watcher_constraints(layout)
    _ensure(layout, 'watcher', WATCHER, constraints, progress)
    _ensure_plugin(layout, constraints, progress)


def ensure_commands(layout, progress):
    """The plugin's commands beside the clients, as on a workstation."""
    if not (layouts.REPOSITORY / 'requirements-cli.txt').exists():
        return
    _ensure_installed(
        layout, 'services', HERE / 'constraints-services.txt', progress,
        ('-r', layouts.REPOSITORY / 'requirements-cli.txt'),
        ('--no-deps', '-e', layouts.REPOSITORY))


def watcher_constraints(layout):
    """The constraints file of the chosen version of Watcher.

    :raises errors.SandboxError: when there is none
    """
    constraints = HERE / f'constraints-watcher-{layout.options.watcher}.txt'
    if not constraints.exists():
        known = sorted(path.stem.rpartition('-')[2]
                       for path in HERE.glob('constraints-watcher-*.txt'))
        raise errors.SandboxError(
            f'there is no {constraints.name}: Watcher '
            f'{layout.options.watcher} cannot be installed, only '
            f'{", ".join(known)}')
    return constraints


def stamp(*texts):
    """Changes with any of the texts, and with where one ends."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(b'%d:' % len(text.encode()) + text.encode())
    return digest.hexdigest()


def plugin_installed(layout):
    return _stamp_file(layout.venv('watcher'), 'plugin').exists()


def stamp_files(layout, name):
    """Files that change when an environment does."""
    venv = layout.venv(name)
    return tuple(str(_stamp_file(venv, part)) for part in ('base', 'plugin'))


def _ensure(layout, name, requirements, constraints, progress):
    venv = layout.venv(name)
    python = interpreter()
    wanted = stamp(constraints.read_text(), '\n'.join(requirements),
                   python_version(python))
    with layouts.lock_file(layout.venvs / f'{name}.lock'):
        if _read(_stamp_file(venv, 'base')) == wanted:
            return
        progress.step(f'installing the {name} environment from PyPI')
        shutil.rmtree(venv, ignore_errors=True)
        log = layout.log(f'setup-venv-{name}')
        _run([python, '-m', 'venv', venv], log)
        _pip(venv, log, '-c', constraints, *requirements)
        _compile(venv, log)
        layouts.write(_stamp_file(venv, 'base'), wanted)
    progress.step(f'{name} environment installed')


def _ensure_plugin(layout, constraints, progress):
    if not (layouts.REPOSITORY / 'setup.cfg').exists():
        progress.step(f'{layouts.REPOSITORY} has no setup.cfg: Watcher runs '
                      f'without the plugin')
        return
    _ensure_installed(
        layout, 'watcher', constraints, progress,
        ('-e', layouts.REPOSITORY))


def _ensure_installed(layout, name, constraints, progress, *installs):
    """Run these installs of pip, unless that was done with the same files."""
    venv = layout.venv(name)
    wanted = stamp(constraints.read_text(), *(
        _read(layouts.REPOSITORY / file) for file in PLUGIN_FILES))
    with layouts.lock_file(layout.venvs / f'{name}.lock'):
        if _read(_stamp_file(venv, 'plugin')) == wanted:
            return
        for arguments in installs:
            _pip(venv, layout.log(f'setup-venv-{name}'), '-c', constraints,
                 *arguments)
        layouts.write(_stamp_file(venv, 'plugin'), wanted)
    progress.step(f'plugin installed into the {name} environment')


def _pip(venv, log, *arguments):
    # Compiling everything, tests included, takes as long as installing it;
    # see _compile.
    _run([venv / 'bin' / 'python', '-m', 'pip', 'install', '--no-compile',
          '--disable-pip-version-check', *arguments], log)


def _compile(venv, log):
    """Byte code for all but tests, on all processors.

    Without it a dozen daemons would each compile the same modules when they
    are first started.
    """
    subprocess.call(
        [venv / 'bin' / 'python', '-m', 'compileall', '-q', '-j', '0',
         '-x', r'/tests?/', venv / 'lib'],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _run(command, log):
    # The caller's environment stays: it may say where PyPI is.
    env = {name: value for name, value in os.environ.items()
           if name not in ('PYTHONPATH', 'PYTHONHOME', 'VIRTUAL_ENV')}
    process.run(command, env, '/', log)


def interpreter():
    """A Python that the services run on: ours, or a newer one on PATH."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return sys.executable
    for minor in range(OLDEST_PYTHON[1], 15):
        found = shutil.which(f'python3.{minor}')
        if found:
            return found
    raise errors.SandboxError(
        f'the services need Python {".".join(map(str, OLDEST_PYTHON))} or '
        f'newer and there is none on PATH')


def python_version(python):
    return subprocess.run(
        [python, '-c', 'import sys; print(sys.version_info[:2])'],
        check=True, capture_output=True, text=True).stdout


def _stamp_file(venv, part):
    return venv / f'sandbox-{part}.stamp'


def _read(path):
    return path.read_text() if path.exists() else ''
