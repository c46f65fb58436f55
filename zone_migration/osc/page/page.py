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

"""The page as text, from its templates."""

import base64
import datetime
import hashlib
from typing import Any

import jinja2
import markupsafe

from zone_migration.logic import messages
from zone_migration.logic.outcome import summary_reader
from zone_migration.osc import moves
from zone_migration.osc import plan_report
from zone_migration.osc.page import sections
from zone_migration.osc.page import timeline

_LOADER = jinja2.PackageLoader('zone_migration.osc.page')

#: The letter that stands for an outcome in the classes of the timeline.
_LETTERS = {
    moves.FAILED: 'f',
    moves.CANCELLED: 'c',
    moves.RUNNING: 'r',
}


def render(report: plan_report.Report) -> str:
    """The page of a report.

    It loads nothing, and no text of the cloud's is part of its style or its
    script: the browser runs the two that are named by their hashes alone.
    """
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_visible,
        loader=_LOADER,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters['when'] = _when
    environment.filters['duration'] = plan_report.duration
    environment.filters['of_places'] = plan_report.of_places
    environment.filters['reason'] = moves.reason
    style = _source(environment, 'page.css')
    script = _source(environment, 'page.js')
    text = environment.get_template('page.html.j2').render(
        report=report,
        plan=report.plan,
        limits=_limits(report),
        took=_took(report),
        troubles=sections.troubles(report),
        projects=sections.projects(report),
        numbers={move.action_id: i for i, move in enumerate(report.moves)},
        letters=_LETTERS,
        same_day=plan_report.is_of_one_day(report),
        style=markupsafe.Markup(style),  # noqa: S704 # nosec B704 (ours)
        style_hash=_hash(style),
        script=markupsafe.Markup(script),  # noqa: S704 # nosec B704 (ours)
        script_hash=_hash(script),
        **_timeline(report),
    )
    return str(text)


def _timeline(report: plan_report.Report) -> dict[str, Any]:
    """The variables of the timeline."""
    axis = timeline.axis(report)
    if axis is None:
        return {'axis': None, 'views': (), 'bound': None}
    views = (
        ('source', 'By source', timeline.rows(report, axis)),
        (
            'destination',
            'By destination',
            timeline.rows(report, axis, by_destination=True),
        ),
    )
    return {'axis': axis, 'views': views, 'bound': _bound(report, axis)}


def _took(report: plan_report.Report) -> str:
    """How long the plan took, '' where its message tells."""
    told, _ = summary_reader.times(report.plan.message)
    if told is not None or not report.began or not report.ended:
        return ''
    return plan_report.duration((report.ended - report.began).total_seconds())


def _bound(
    report: plan_report.Report, axis: timeline.Axis
) -> timeline.Mark | None:
    """When the plan could have ended at best, None where it is not told."""
    _, fastest = summary_reader.times(report.plan.message)
    if fastest is None or not report.began or not report.has_ended:
        return None
    when = axis.begin + datetime.timedelta(seconds=fastest)
    return timeline.Mark(axis.x(when), when)


def _limits(report: plan_report.Report) -> str:
    """The limits as the plan tells them, or as its audit asked for them."""
    told = summary_reader.running(report.plan.message).limits
    if told:
        return told
    names = {
        'parallel_total': 'in all',
        'parallel_per_node': 'a host',
        'parallel_per_pool': 'a pool',
    }
    asked = ', '.join(
        f'{report.parameters[key] or "any number"} {words}'
        for key, words in names.items()
        if key in report.parameters
    )
    # The configuration may have allowed less.
    return f'asked for: {asked}' if asked else ''


def _visible(value: Any) -> Any:
    """Text with what is not to be seen, or not in order, written out."""
    if isinstance(value, str) and not isinstance(value, markupsafe.Markup):
        return messages.escaped(value)
    return value


def _when(when: datetime.datetime | None, same_day: bool = False) -> str:
    """A time, with its date unless all are of the same day."""
    if when is None:
        return ''
    return f'{when:%H:%M:%S}' if same_day else f'{when:%Y-%m-%d %H:%M:%S}'


def _source(environment: jinja2.Environment, name: str) -> str:
    """A file beside the template, as it is."""
    return str(_LOADER.get_source(environment, name)[0])


def _hash(text: str) -> str:
    """The hash by which a Content-Security-Policy names a text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f'sha256-{base64.b64encode(digest).decode()}'
