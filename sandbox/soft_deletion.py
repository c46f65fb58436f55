# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Deletes servers as nova-api does where Nova reclaims them later.

It runs in the services' environment, with the path of nova.conf and the ids
of the servers.
"""

import sys

from nova import config
from nova import context
from nova import objects
from nova.compute import api


def main(conf, *ids):
    config.parse_args(['nova-api', '--config-file', conf])
    objects.register_all()
    compute = api.API()
    for id_ in ids:
        admin = context.get_admin_context()
        mapping = objects.InstanceMapping.get_by_instance_uuid(admin, id_)
        context.set_target_cell(admin, mapping.cell_mapping)
        compute.soft_delete(admin, objects.Instance.get_by_uuid(
            admin, id_,
            expected_attrs=['metadata', 'flavor', 'system_metadata']))


if __name__ == '__main__':
    main(*sys.argv[1:])
