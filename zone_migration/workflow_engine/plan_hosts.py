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

"""The compute hosts of a plan that ends early: left as it has found them."""

from oslo_log import log

LOG = log.getLogger(__name__)


def enable_again(engine, plan, actions) -> str:
    """Enable the hosts of a plan again, or leave them to other plans.

    Nothing is raised: a cancelled plan has to end as one.

    :param actions: those of the plan whose hosts these are, and any others.
    :returns: a text for the operator; '' if no host was disabled.
    """
    try:
        return engine.enable_hosts(plan, actions)
    except Exception as error:  # noqa: B902, BLE001
        LOG.exception(
            'Compute hosts that action plan %s has disabled may stay so',
            plan.uuid,
        )
        return f'hosts may still be disabled: {type(error).__name__}: {error}'
