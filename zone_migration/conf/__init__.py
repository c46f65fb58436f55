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

"""The options of the plugin, registered once."""

from oslo_config import cfg

from zone_migration.conf import planner
from zone_migration.conf import workflow_engine
from zone_migration.conf import zone_migration

CONF = cfg.CONF

zone_migration.register_opts(CONF)
planner.register_opts(CONF)
workflow_engine.register_opts(CONF)
