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

"""What Cinder's own filters say of pools, one JSON text in and one out.

Run by ``test_cinder_filters`` with the interpreter that has Cinder.  In: a
list of ``{pool, extra_specs, volumes}``: what a driver tells of its pool, a
volume type, and ``{size, thick}`` of volumes that come one after another.
Out: for each ``{shown, serves, fits}``: the pool as Cinder's API shows it,
what CapabilitiesFilter says of the type (null where it raises), and whether
CapacityFilter takes each of the volumes.
"""

import json
import logging
import sys

from cinder import objects

# The other modules cannot be imported before.
objects.register_all()

from cinder.api.views import scheduler_stats  # noqa: E402 (see above)
from cinder.scheduler import host_manager  # noqa: E402
from cinder.scheduler.filters import capabilities_filter  # noqa: E402
from cinder.scheduler.filters import capacity_filter  # noqa: E402

_TYPE = capabilities_filter.CapabilitiesFilter()
_CAPACITY = capacity_filter.CapacityFilter()


def answers(pool, extra_specs, volumes):
    backend = host_manager.BackendState('h@b', None)
    backend.update_from_volume_capability(
        {'volume_backend_name': 'b', 'timestamp': 1,
         'pools': [{'pool_name': 'p', **pool}]})
    state = backend.pools['p']
    shown = scheduler_stats.ViewBuilder().detail(
        None, {'name': state.host, 'capabilities': dict(state.capabilities)})
    return {
        'shown': shown['pool']['capabilities'],
        'serves': _answer(_TYPE, state, {
            'resource_type': {'extra_specs': extra_specs}}),
        'fits': [_fits(state, **volume) for volume in volumes],
    }


def _fits(state, size, thick):
    """Whether a volume fits, which then is there."""
    specs = {'provisioning:type': 'thick'} if thick else {}
    fits = bool(_answer(_CAPACITY, state, {
        'size': size, 'volume_type': {'extra_specs': specs}}))
    if fits:
        state.consume_from_volume({'size': size})
    return fits


def _answer(filter_, state, properties):
    try:
        return filter_.backend_passes(state, properties)
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return None


if __name__ == '__main__':
    logging.disable(logging.CRITICAL)
    json.dump([answers(**case) for case in json.load(sys.stdin)], sys.stdout)
