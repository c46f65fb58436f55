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

"""Servers with what newer Novas show of them, in invented clouds."""

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.preflight import decisions
from zone_migration.tests.unit.logic import builders

IDS = ('s0', 's1', 's2', 's3')
HOSTS = ('c1', 'c2', 'c3')

BOBCAT = (2, 95)
GAZPACHO = (2, 103)
HIBISCUS = (2, 104)

NAMED = st.lists(st.sampled_from((*IDS, 'gone'))).map(tuple)

SERVER = st.builds(
    resources.Server,
    id=st.just('replaced'),
    name=st.just('web'),
    status=st.sampled_from(['ACTIVE', 'SHUTOFF']),
    host=st.sampled_from(HOSTS),
    extra_specs=st.fixed_dictionaries(
        {},
        optional={
            'hw:cpu_policy': st.sampled_from(['shared', 'dedicated']),
            'hw:mem_encryption': st.sampled_from(['true', 'false']),
            'hw:tpm_secret_security': st.sampled_from(['host', 'user']),
        },
    ),
    image_properties=st.fixed_dictionaries(
        {},
        optional={
            'hw_cpu_policy': st.sampled_from(['shared', 'mixed']),
            'hw_mem_encryption': st.sampled_from(['True', 'False']),
            'hw_tpm_version': st.just('2.0'),
        },
    ),
    hints=st.fixed_dictionaries(
        {},
        optional={
            'same_host': NAMED,
            'different_host': NAMED,
            'group': st.just(('g',)),
            'query': st.just(('["=", "$free_ram_mb", 1]',)),
        },
    ),
)


@st.composite
def clouds(draw):
    """Some servers on three hosts, some of them with shares."""
    count = draw(st.integers(1, len(IDS)))
    servers = [
        draw(SERVER.map(lambda s, i=i: _called(s, i))) for i in IDS[:count]
    ]
    return builders.inventory(
        servers,
        nova_version=draw(st.sampled_from([None, BOBCAT, GAZPACHO, HIBISCUS])),
        sharing=draw(st.frozensets(st.sampled_from(IDS[:count]))),
    )


def _called(server, id_):
    return resources.Server(**{**vars(server), 'id': id_})


def item_of(server, destination, force):
    """What asks for it, as it is."""
    is_live = server.status == 'ACTIVE'
    return params.ServerItem(
        server.id,
        'active' if is_live else 'shutoff',
        destination,
        force=force and is_live,
    )


def passes(server, host, cloud):
    """What Nova's filters for hints say of a host, all of them enabled."""
    ids = {s.id for s in cloud.servers.values() if s.host == host}
    hints = server.hints
    return not (
        ('query' in hints)
        or (hints.get('same_host') and not ids & set(hints['same_host']))
        or ids & set(hints.get('different_host', ()))
    )


class InventedServersTest(testtools.TestCase):
    @hypothesis.given(clouds(), st.sampled_from(['', *HOSTS]), st.booleans())
    def test_hints_are_a_risk_where_filters_pass_no_host(
        self, cloud, destination, force
    ):
        server = cloud.servers['s0']
        item = item_of(server, destination, force)
        found = builders.report([item], cloud)
        hosts = [destination] if destination else HOSTS
        at_risk = (
            found.to_move
            and not item.force
            and not any(
                passes(server, host, cloud)
                for host in hosts
                if host != server.host
            )
        )
        self.assertEqual(
            at_risk, any('scheduler hints' in risk for risk in found.risks)
        )

    @hypothesis.given(clouds(), st.sampled_from(['', *HOSTS]), st.booleans())
    def test_nobody_moves_whom_nova_refuses(self, cloud, destination, force):
        items = [
            item_of(server, destination, force)
            for server in cloud.servers.values()
        ]
        found = builders.report(items, cloud)
        for risk in found.risks:
            self.assertLessEqual(len(risk), messages.LIMIT)
        for result in found.results:
            self.assertLessEqual(len(result.decision.text), messages.LIMIT)
            if result.decision.kind is not decisions.Kind.START:
                continue
            server = cloud.servers[result.item.id]
            is_live = result.item.status == 'active'
            if server.id in cloud.sharing:
                self.assertFalse(is_live)
                self.assertIn(cloud.nova_version, (None, HIBISCUS))
                self.assertTrue(any('shares' in r for r in found.risks))
