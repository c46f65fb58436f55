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

"""Whether the workflow engine can go on with what was begun elsewhere."""

import importlib

from oslo_log import log

from zone_migration import conf

CONF = conf.CONF
LOG = log.getLogger(__name__)

_ENGINE = 'parallel'


def load() -> None:
    """Load all that runs a plan; nothing is raised.

    Watcher does so with the first plan, or with each worker that it starts.
    The files may have been replaced since by those of another release, and a
    process that has modules of both fails each plan.
    """
    try:
        importlib.import_module(f'zone_migration.workflow_engine.{_ENGINE}')
    except Exception:
        LOG.exception('The workflow engine %s cannot be loaded', _ENGINE)


def sees_plans_through() -> bool:
    """Whether it is the one that can, and is to do so."""
    return (
        CONF.zone_migration.resume_plans
        and CONF.watcher_applier.workflow_engine == _ENGINE
    )
