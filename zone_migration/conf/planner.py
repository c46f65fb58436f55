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

"""The section ``[watcher_planners.default]``: what starts first."""

from collections.abc import Mapping

from oslo_config import cfg

GROUP = 'watcher_planners.default'

OPTS = [
    cfg.DictOpt(
        'weights',
        default={},
        help="""
Which action types start first, as ``type: weight`` pairs; a type that is not
named has weight 0.

Actions of a type with a higher weight come before those with a lower one,
types of equal weight (all of them, by default) start together. Weights order
the start only: nothing waits for the end of a class. An attached volume
always moves before its server, whatever their weights.
""",
    ),
]


def weights(section: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """The weights as numbers, by action type."""
    return {
        action_type: int(weight)
        for action_type, weight in section['weights'].items()
    }


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register the section, which Watcher does for the planner only."""
    conf.register_opts(OPTS, group=GROUP)
