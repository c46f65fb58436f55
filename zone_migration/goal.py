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

"""The goal ``zone_migration``: a zone with nothing left in it."""

from watcher.decision_engine.goal import base
from watcher.decision_engine.goal.efficacy import base as efficacy_base
from watcher.decision_engine.goal.efficacy import indicators
from watcher.decision_engine.solution import efficacy

from zone_migration.logic import planning

_DESCRIPTIONS = {
    planning.LIVE_MIGRATION: 'Servers to be migrated live.',
    planning.COLD_MIGRATION: 'Servers to be migrated cold.',
    planning.VOLUME_MIGRATION: 'Detached volumes to be migrated to a pool.',
    planning.VOLUME_RETYPE: 'Detached volumes to be moved to a volume type.',
    planning.VOLUME_UPDATE: 'Attached volumes to be moved under a server.',
    'not_found': 'Servers and volumes that do not exist.',
}

_UNITS = {
    planning.LIVE_MIGRATION: 'servers',
    planning.COLD_MIGRATION: 'servers',
    'not_found': 'servers and volumes',
}


class _Planned(indicators.IndicatorSpecification):
    """How many resources the plan moves in one way."""

    def __init__(self, name: str) -> None:
        super().__init__(
            name=name,
            description=_DESCRIPTIONS[name],
            unit=_UNITS.get(name, 'volumes'),
        )

    @property
    def schema(self):
        """A count."""
        return {'type': 'integer', 'minimum': 0}


class PlannedMoves(efficacy_base.EfficacySpecification):
    """How much the plan moves, in which ways."""

    def get_indicators_specifications(self):
        """One indicator for each action type, and one for what is gone."""
        return [_Planned(name) for name in _DESCRIPTIONS]

    def get_global_efficacy_indicator(self, indicators_map=None):
        """What the list of plans shows: to move, and impossible."""
        counts = dict(indicators_map or {})
        impossible = counts.pop('not_found', 0)
        return [
            efficacy.Indicator(
                name='to_move',
                description='Servers and volumes that the plan moves.',
                unit='servers and volumes',
                value=sum(counts.values()),
            ),
            efficacy.Indicator(
                name='not_possible',
                description='Servers and volumes that cannot be moved.',
                unit='servers and volumes',
                value=impossible,
            ),
        ]


class ZoneMigration(base.Goal):
    """Move all servers and volumes out of a zone.

    A zone is what is to be emptied: a rack, a set of compute hosts, a
    storage backend.
    """

    @classmethod
    def get_name(cls) -> str:
        """The name of the entry point."""
        return 'zone_migration'

    @classmethod
    def get_display_name(cls) -> str:
        """What Horizon shows."""
        return 'Zone migration'

    @classmethod
    def get_translatable_display_name(cls) -> str:
        """What could be translated."""
        return 'Zone migration'

    @classmethod
    def get_efficacy_specification(cls) -> PlannedMoves:
        """How a plan for this goal is measured."""
        return PlannedMoves()
