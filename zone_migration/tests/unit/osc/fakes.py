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

"""A Watcher without HTTP, for tests of the commands."""

import argparse
import contextlib
import dataclasses
import io
import types
import uuid

from zone_migration.osc import records
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

AUDIT = '10000000-0000-4000-8000-000000000000'
PLAN = '20000000-0000-4000-8000-000000000000'


def audit(**values):
    """An audit that has ended well, but for the values."""
    return records.Audit(
        **{
            'uuid': AUDIT,
            'name': 'compute1 2026-11-28 03:14:00',
            'state': 'SUCCEEDED',
            'message': '1 to move',
            'parameters': {},
            'strategy': watcher_api.STRATEGY,
            'created_at': '2026-11-28T03:14:00',
            **values,
        }
    )


def plan(**values):
    """A plan that can be started, but for the values."""
    return records.Plan(
        **{
            'uuid': PLAN,
            'audit_uuid': AUDIT,
            'state': 'RECOMMENDED',
            'message': '1 to move',
            'strategy': watcher_api.STRATEGY,
            'indicators': {},
            'updated_at': '',
            'created_at': '2026-11-28T03:14:05',
            **values,
        }
    )


def action(name='web-1', type='live_migration', **values):
    """An action that waits, but for the values.

    :param values: fields of the action; others are input parameters.
    """
    fields = {field.name for field in dataclasses.fields(records.Action)}
    parameters = {
        'resource_id': str(uuid.uuid5(uuid.NAMESPACE_DNS, ascii(name))),
        'resource_name': name,
        'source': 'compute1',
        **{key: values.pop(key) for key in list(values) if key not in fields},
    }
    return records.Action(
        **{
            'uuid': str(uuid.uuid5(uuid.NAMESPACE_URL, ascii(name + type))),
            'type': type,
            'state': 'PENDING',
            'message': '',
            'parameters': parameters,
            'parents': (),
            'updated_at': '',
            **values,
        }
    )


class FakeWatcher:
    """What :class:`watcher_api.Watcher` is, with records in memory.

    Tests set ``audits``, ``plans_`` and ``actions_``, and read ``calls``.
    """

    def __init__(self, plan_=None, actions=()):
        self.audits = [audit()]
        self.plans_ = [plan_ or plan()]
        self.actions_ = list(actions)
        #: What was asked for that changes something, in order.
        self.calls = []
        #: By method, what it raises.
        self.errors = {}

    def _change(self, name, *arguments):
        self.calls.append((name, *arguments))
        if name in self.errors:
            raise self.errors[name]

    def asked_repeatedly(self):
        return contextlib.nullcontext()

    def create_audit(self, name, parameters, force=False):
        self._change('create_audit', name, parameters, force)
        self.audits[0] = dataclasses.replace(
            self.audits[0], name=name, parameters=dict(parameters)
        )
        return self.audits[0]

    def audit(self, name_or_id):
        for one in self.audits:
            if name_or_id in (one.uuid, one.name):
                return one
        raise watcher_errors.NotFound(name_or_id)

    def delete_audit(self, uuid):
        self._change('delete_audit', uuid)

    def delete_plan(self, uuid):
        self._change('delete_plan', uuid)

    def plan(self, uuid):
        for one in self.plans_:
            if one.uuid == uuid:
                return one
        raise watcher_errors.NotFound(uuid)

    def plans_of(self, audit_uuid, limit=20):
        found = [one for one in self.plans_ if one.audit_uuid == audit_uuid]
        return found[:limit]

    plan_of = watcher_api.Watcher.plan_of
    name_of = watcher_api.Watcher.name_of

    def plans(self, by='created_at'):
        """The plans as they are kept, the newest first, or sorted."""
        if by == 'created_at':
            return iter(self.plans_)
        return iter(
            sorted(self.plans_, key=lambda one: getattr(one, by), reverse=True)
        )

    def actions(self, plan_uuid):
        return list(self.actions_)

    def changed_actions(self, plan_uuid, limit):
        return sorted(
            self.actions_, key=lambda one: one.updated_at, reverse=True
        )[:limit]

    def start(self, plan):
        self._change('start', plan.uuid)

    def cancel(self, plan):
        self._change('cancel', plan.uuid)

    def skip(self, action, reason):
        self._change('skip', action.name, reason)

    def parameters_spec(self):
        from zone_migration.logic.audit import schema

        return schema.SCHEMA


class Stream(io.StringIO):
    """The output or input of a command; a terminal, if told so."""

    is_terminal = False

    def isatty(self):
        return self.is_terminal


def make(kind, watcher=None, cloud=None, answers=None):
    """A command of a kind, with what it needs; it writes to ``output``.

    :param answers: what is typed; None when there is no terminal.
    """

    class Made(kind):
        pass

    Made.watcher = watcher or FakeWatcher()
    Made.cloud = cloud
    output, typed = Stream(), Stream(answers)
    output.is_terminal = typed.is_terminal = answers is not None
    app = types.SimpleNamespace(
        stdout=output,
        stdin=typed,
        stderr=output,
        NAME='openstack',
        command_manager=types.SimpleNamespace(namespace=''),
    )
    command = Made(app, argparse.Namespace(), cmd_name='')
    command.output = output
    return command


def run(command, *arguments):
    """Run a command with arguments, and return its exit code."""
    return command.run(command.get_parser('openstack').parse_args(arguments))
