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

"""What can go wrong, each as one sentence that names the way on."""


class SandboxError(Exception):
    """The command prints it and ends with exit status 1."""


class CommandFailed(SandboxError):
    def __init__(self, command, status, log):
        self.command, self.status, self.log = command, status, log
        super().__init__(
            f'"{" ".join(command)}" ended with status {status}; '
            f'see {log}')


class PackagesMissing(SandboxError):
    def __init__(self, packages):
        self.packages = packages
        names = ' '.join(packages)
        super().__init__(
            f'the system packages {names} are not installed; as root run: '
            f'apt-get update && apt-get install --no-install-recommends '
            f'{names}')


class MachineLacks(SandboxError):
    def __init__(self, abilities):
        self.abilities = abilities
        super().__init__(
            f'hosts with real guests need what this machine lacks: '
            f'{", ".join(abilities)}; without --hypervisor the sandbox needs '
            f'none of it')


class PortTaken(SandboxError):
    def __init__(self, name, port):
        self.name, self.port = name, port
        super().__init__(
            f'port {port}, meant for {name}, is used by another process; '
            f'choose other ports with --port-offset')


class DaemonDied(SandboxError):
    def __init__(self, name, log):
        self.name, self.log = name, log
        super().__init__(f'{name} ended while it was starting; see {log}')


class TimedOut(SandboxError):
    def __init__(self, what, seconds):
        self.what, self.seconds = what, seconds
        super().__init__(f'{what}: not within {seconds:g} seconds')


class RequestRefused(SandboxError):
    """An API answered with something else than success."""

    def __init__(self, method, url, status, body):
        self.method, self.url = method, url
        self.status, self.body = status, body
        super().__init__(f'{method} {url}: {status} {str(body)[:500]}')


class NotFound(SandboxError):
    def __init__(self, kind, name):
        self.kind, self.name = kind, name
        super().__init__(f'there is no {kind} {name}')


class SettingsRejected(SandboxError):
    """Settings of behaviour that the drivers would not understand."""

    def __init__(self, faults):
        self.faults = faults
        super().__init__('; '.join(faults))
