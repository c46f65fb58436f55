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

"""Where everything is, and whether it is where an audit wants it."""


def of(cloud):
    """``{id: (host or pool, volume type, status)}`` of everything."""
    places = {
        s['id']: (s['OS-EXT-SRV-ATTR:host'], None, s['status'])
        for s in cloud.servers()
    }
    places.update({
        v['id']: (v['os-vol-host-attr:host'], v['volume_type'], v['status'])
        for v in cloud.volumes()
    })
    return places


def arrived(before, after, wanted):
    """Whether it is at its destination, in the status that it had.

    :param before: its place when the audit was made; after: its place now.
    :param wanted: its item in the audit's params.
    """
    if before[2] != after[2]:
        return False
    if wanted.get('dst_hostname'):
        return after[0] == wanted['dst_hostname']
    if wanted.get('dst_type'):
        return after[1] == wanted['dst_type']
    return after[0] != before[0]


def mismatches(before, after, wanted, actions):
    """The actions of which the state is not true.

    :param before, after: places, as :func:`of` gives them.
    :param wanted: ``{id: item}``.
    :param actions: ``{id: Action}``, all of which have ended.
    """
    return {
        (id_, action.state, action.message, after.get(id_))
        for id_, action in actions.items()
        if id_ in wanted and action.state in ('SUCCEEDED', 'FAILED')
        and (action.state == 'SUCCEEDED')
        != arrived(before[id_], after[id_], wanted[id_])
    }
