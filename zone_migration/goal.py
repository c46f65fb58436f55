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

from zone_migration.logic.plan import planned_actions

_SERVERS = 'servers'
_VOLUMES = 'volumes'
_BOTH = 'servers and volumes'

#: The unit and the meaning of each indicator, in the order of
#: :func:`zone_migration.logic.plan.efficacy.indicators`.
_INDICATORS = {
    'servers_wanted': (_SERVERS, 'Servers that the audit asks to be moved.'),
    'volumes_wanted': (_VOLUMES, 'Volumes that the audit asks to be moved.'),
    planned_actions.LIVE_MIGRATION: (
        _SERVERS,
        'Servers that the plan migrates live.',
    ),
    planned_actions.COLD_MIGRATION: (
        _SERVERS,
        'Servers that the plan migrates cold.',
    ),
    planned_actions.SHELVE_OFFLOAD: (
        _SERVERS,
        'Shelved servers that the plan offloads from their host.',
    ),
    planned_actions.CONFIRM_RESIZE: (
        _SERVERS,
        'Servers elsewhere whose resize, which keeps room on a host to '
        'empty, the plan confirms.',
    ),
    planned_actions.VOLUME_MIGRATION: (
        _VOLUMES,
        'Detached volumes that the plan migrates to a pool.',
    ),
    planned_actions.VOLUME_RETYPE: (
        _VOLUMES,
        'Detached volumes that the plan moves to a volume type.',
    ),
    planned_actions.VOLUME_UPDATE: (
        _VOLUMES,
        'Attached volumes that the plan moves under their servers.',
    ),
    'with_downtime': (
        _SERVERS,
        'Servers that the plan migrates cold while they run: they are down '
        'for a while.',
    ),
    'already_there': (_BOTH, 'What is at its destination already.'),
    'skipped': (
        _BOTH,
        'What cannot be moved, or is somewhere else than the audit says; it '
        'is SKIPPED in the plan, with the reason.',
    ),
    'left_out': (
        _BOTH,
        'What could be moved, but for max_items of the audit.',
    ),
    'hosts_to_empty': ('hosts', 'Compute hosts that the audit empties.'),
    'hosts_empty': (
        'hosts',
        'Those of them that were empty when they were looked at last: by the '
        'audit, or at the end of the plan.',
    ),
    'remaining_servers': (
        _SERVERS,
        'Servers that were on these hosts then.',
    ),
    'pools_to_empty': ('pools', 'Storage pools that the audit empties.'),
    'pools_empty': (
        'pools',
        'Those of them that were empty when they were looked at last: by the '
        'audit, or at the end of the plan.',
    ),
    'remaining_volumes': (
        _VOLUMES,
        'Volumes that were in these pools then.',
    ),
    'estimated_makespan': (
        'min',
        'The least that the plan takes with the expected bandwidth, in '
        'minutes, rounded up.',
    ),
}


class _Indicator(indicators.IndicatorSpecification):
    """A number that says something of a plan before it is started."""

    def __init__(self, name: str) -> None:
        unit, description = _INDICATORS[name]
        super().__init__(name=name, description=description, unit=unit)

    @property
    def schema(self):
        """A count, also of minutes."""
        return {'type': 'integer', 'minimum': 0}


class PlannedMoves(efficacy_base.EfficacySpecification):
    """The amount that a plan moves, in which ways, and how long it takes."""

    def get_indicators_specifications(self):
        """Return the indicators that are shown of one plan."""
        return [_Indicator(name) for name in _INDICATORS]

    def get_global_efficacy_indicator(self, indicators_map=None):
        """Return what the list of plans shows, a line each."""
        values = indicators_map or {}
        lines = {
            'to_move': (
                'Servers and volumes that the plan moves.',
                _BOTH,
                sum(
                    values.get(name, 0)
                    for name in planned_actions.ACTION_TYPES
                ),
            ),
            'already_there': (
                'Servers and volumes that are at their destination already.',
                _BOTH,
                values.get('already_there', 0),
            ),
            'not_possible': (
                'Servers and volumes that cannot be moved.',
                _BOTH,
                values.get('skipped', 0),
            ),
            'estimated_makespan': (
                'The least that the plan takes, in minutes.',
                'min',
                values.get('estimated_makespan', 0),
            ),
        }
        return [
            efficacy.Indicator(
                name=name, description=description, unit=unit, value=value
            )
            for name, (description, unit, value) in lines.items()
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
        """The name that Horizon shows."""
        return 'Zone migration'

    @classmethod
    def get_translatable_display_name(cls) -> str:
        """The name that could be translated."""
        return 'Zone migration'

    @classmethod
    def get_efficacy_specification(cls) -> PlannedMoves:
        """The measure of a plan for this goal."""
        return PlannedMoves()
