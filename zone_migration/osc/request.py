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

"""What an operator asks for, from options to the parameters of an audit."""

from collections.abc import Iterable
from collections.abc import Mapping
import re
from typing import Any

from osc_lib import exceptions

from zone_migration.logic import messages
from zone_migration.logic.audit import errors
from zone_migration.osc import audits
from zone_migration.osc import command as zone_command
from zone_migration.osc import options
from zone_migration.osc import parameters_file
from zone_migration.osc import records
from zone_migration.osc import selectors
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

#: What tells that a message does not hold all faults.
_CUT = re.compile(r'; \d+ more$|^\d+ faults, the first: ')

_MORE = re.compile(r'\d+ more')

#: A fault, in a message that may hold the first of several only.
_FAULT = re.compile(
    r'(?P<before>(?:\d+ faults, the first: )?)'
    r'(?P<path>\w+(?:\.[^:\s]+)*): (?P<text>.*)'
)


def add_options(parser: Any) -> None:
    """Add the options that say what to empty, where to, and how."""
    selectors.add(parser)
    options.add(parser)


def parameters(
    parsed_args: Any, cloud: Any
) -> tuple[dict[str, Any], parameters_file.ParametersFile | None]:
    """The parameters of an audit that all options come to, and their file.

    :param cloud: the connection of openstacksdk.
    :raises UsageError: when the options do not fit each other.
    :raises CommandError: when something is unknown, or with all that is
        wrong with the parameters.
    """
    selectors.check(parsed_args)
    file = (
        parameters_file.read(parsed_args.params)
        if parsed_args.params
        else None
    )
    if file and not isinstance(file.parameters, Mapping):
        raise exceptions.CommandError(
            '\n'.join(parameters_file.located_faults(file))
        )
    asked = parameters_file.merged(
        selectors.parameters(parsed_args, cloud), options.given(parsed_args)
    )
    if file:
        asked = parameters_file.merged(file.parameters, asked)
    faults = parameters_file.faults(asked)
    told = _told(faults, file, asked) if file else _of_options(faults, asked)
    if told:
        raise exceptions.CommandError('\n'.join(told))
    return asked, file


def _told(
    faults: Iterable[errors.Fault],
    file: parameters_file.ParametersFile,
    asked: Mapping[str, Any],
) -> list[str]:
    """The faults of a file with its lines, and those of the options."""
    theirs = parameters_file.faults(file.parameters)
    in_file = [
        fault for fault in faults if fault in theirs or file.has(fault.path)
    ]
    return [
        *file.told(in_file),
        *_of_options(
            (fault for fault in faults if fault not in in_file), asked
        ),
    ]


def _of_options(
    faults: Iterable[errors.Fault], asked: Mapping[str, Any]
) -> list[str]:
    """The faults with the options that they are about."""
    return [
        options.with_option(messages.escaped(str(fault)), asked)
        for fault in faults
    ]


def make_plan(
    command: zone_command.ZoneCommand,
    parsed_args: Any,
    name: str | None,
    force: bool,
    only_read: bool = False,
) -> tuple[records.Audit, records.Plan, list[records.Action]]:
    """Make the plan that all options come to.

    :param name: of the audit; None for one from what is emptied.
    :param force: plan although another plan is ONGOING.
    :param only_read: make a plan that is deleted again.
    :returns: the audit, its plan and the plan's actions.
    :raises UsageError: when the options do not fit each other.
    :raises CommandError: when no plan is made.
    """
    asked, file = parameters(parsed_args, command.cloud)
    check_known(command.watcher, asked)
    try:
        return audits.create_plan(
            command.watcher,
            name,
            asked,
            force,
            command.app.stderr,
            emptied=selectors.emptied(parsed_args),
            only_read=only_read,
        )
    except audits.Refused as error:
        raise exceptions.CommandError(
            f'No plan is made:{_why_refused(error.reason, asked, file)}'
        ) from error


def _why_refused(
    reason: str,
    asked: Mapping[str, Any],
    file: parameters_file.ParametersFile | None,
) -> str:
    """Why Watcher makes no plan, in options and lines of a file.

    A fault a line, and where all of it is told.
    """
    faults: list[str] = []
    for part in reason.split('; '):
        told = _located(part, asked, file) or options.with_option(part, asked)
        # A fault may hold what parts them.
        if faults and told == part and not _MORE.fullmatch(part):
            faults[-1] += f'; {part}'
        else:
            faults.append(told)
    text = options.as_options('\n'.join(faults))
    text = f'\n{text}' if len(faults) > 1 else f' {text}'
    if asked.get('all_or_nothing') and _CUT.search(reason):
        text += '. Plan without --all-or-nothing to see all that cannot move.'
    return text


def _located(
    text: str,
    asked: Mapping[str, Any],
    file: parameters_file.ParametersFile | None,
) -> str:
    """A fault with its line, '' unless it is about what a file gives."""
    found = _FAULT.match(text)
    if not file or not found or not file.gives(found['path'], asked):
        return ''
    fault = errors.Fault(found['path'], found['text'])
    return found['before'] + file.located(fault)


def check_known(
    watcher: watcher_api.Watcher, asked: Mapping[str, Any]
) -> None:
    """Raise CommandError unless the plugin of Watcher knows all parameters.

    :raises CommandError: naming those that it does not know.
    """
    try:
        with watcher.asked_repeatedly():
            spec = watcher.parameters_spec()
    except watcher_errors.NotFound as error:
        raise exceptions.CommandError(
            f'Watcher has no strategy {watcher_api.STRATEGY}: install this '
            'plugin where its decision engine and API run, and restart them.'
        ) from error
    known = spec.get('properties')
    if not isinstance(known, Mapping):
        return
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise exceptions.CommandError(
            "Watcher's plugin is older than this command: it does not know "
            f'{", ".join(unknown)}. Upgrade it, or leave that out.'
        )
