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

"""The table of a plan before it is started, and the words below it."""

from collections.abc import Iterable
from collections.abc import Sequence
import shlex
from typing import Any

from cliff import columns

from zone_migration.logic import messages
from zone_migration.logic import units
from zone_migration.osc import cells
from zone_migration.osc import plan_view
from zone_migration.osc import records
from zone_migration.osc import terminal

#: All columns but those of --long, and the ones of a table for people: it has
#: to fit in 80 columns, and the reasons, which are long, stand below it.
_COLUMNS = ('Becomes', 'Type', 'Name', 'From', 'To', 'Size', 'Reason')
_TABLE = ('Becomes', 'Name', 'From', 'To', 'Size')
_LONG = ('ID', 'Action', 'Project')

#: What is told of those that move, by the parameter that has it.
_TOLD = {
    'unpin_from': 'unpinned from availability zone {}',
    'downtime': 'with downtime, as it cannot go live: {}',
}

_START = 'Start it with: '

#: Who chooses where no destination is named, by type.
_CHOSEN = {plan_view.SERVER: 'Nova chooses', plan_view.VOLUME: 'another pool'}


class Size(cells.Number):
    """A size in MiB."""

    def human_readable(self) -> str:
        """As people say it."""
        return '' if self._value is None else units.size(self._value)


class Destination(columns.FormattableColumn[str]):
    """A destination; '' where none is named.

    :param words: what is said to people then.
    """

    def __init__(self, value: str, words: str) -> None:
        super().__init__(value)
        self._words = words

    def human_readable(self) -> str:
        """The destination, or who chooses one."""
        return self._value or self._words


def add_long_option(parser: Any) -> None:
    """Let a command show all columns."""
    parser.add_argument(
        '--long',
        action='store_true',
        help='Show all columns, with reasons, ids and projects: 150 '
        'characters wide and more (-f json for programs)',
    )


def for_people(parsed_args: Any) -> bool:
    """Whether the output is for people, and not for programs."""
    return bool(parsed_args.formatter == 'table')


def names(parsed_args: Any) -> tuple[str, ...]:
    """The columns that are shown."""
    if parsed_args.long or parsed_args.columns:
        return _COLUMNS + _LONG
    return _TABLE if for_people(parsed_args) else _COLUMNS


def data(
    items: Iterable[plan_view.PlannedItem],
    shown: Sequence[str],
    unknown: str | None = None,
) -> list[tuple[Any, ...]]:
    """The cells of the items.

    :param shown: the names of the columns.
    :param unknown: what stands for a size that is not known.
    """
    rows = (_cells(item, unknown) for item in items)
    return [tuple(row[name] for name in shown) for row in rows]


def _cells(item: plan_view.PlannedItem, unknown: str | None) -> dict[str, Any]:
    """The cells of an item, by column."""
    return {
        'Becomes': item.becomes,
        'Type': item.type,
        'Name': item.name,
        'From': item.source,
        'To': Destination(
            item.destination,
            _CHOSEN.get(item.type, '') if item.has_destination else '',
        ),
        'Size': Size(item.size_mb, unknown),
        'Reason': item.reason,
        'ID': item.id,
        'Action': item.action_uuid,
        'Project': item.project_id,
    }


def below(
    plan: records.Plan, actions: Iterable[records.Action], name: str
) -> list[str]:
    """The lines below the table: reasons, sums, risks, and what is next.

    :param name: what the plan is called, the name of its audit.
    """
    actions = list(actions)
    items = plan_view.rows(actions)
    lines = [
        *plan_view.reasons(items, name),
        *_told(actions),
        *plan_view.sums(plan, actions, name),
    ]
    if any(action.state == 'PENDING' for action in actions):
        lines.append(
            f'{_START}openstack optimize zone start {shlex.quote(name)}'
        )
    return lines


def _told(actions: Iterable[records.Action]) -> list[str]:
    """Who is unpinned, or down while it moves, a line for each reason.

    The message of the plan has their number at most, where it is not cut.
    """
    named: dict[str, list[str]] = {}
    for action in actions:
        for parameter, words in _TOLD.items():
            value = action.parameters.get(parameter)
            if value and action.state == 'PENDING':
                line = messages.escaped(words.format(value))
                named.setdefault(line, []).append(
                    messages.escaped(action.name)
                )
    return [
        f'{plan_view.first_names(sorted(names))}: {line}'
        for line, names in named.items()
    ]


def write(output: Any, line: str) -> None:
    """Write a line of :func:`below`, a command to copy unbroken."""
    if line.startswith(_START):
        terminal.write_command(
            output, _START.strip(), line.removeprefix(_START)
        )
    else:
        terminal.write(output, line)
