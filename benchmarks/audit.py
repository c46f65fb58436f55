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

"""What audits of whole zones cost: seconds, memory and requests.

    python3 -m benchmarks.audit

starts a MariaDB, makes Watcher's database in it and serves a generated cloud
over HTTP, by a process of its own (see services.py). Audits by selectors are
then executed, each in a process of its own, by what Watcher's decision engine
executes them with, over a quarter, half and all of 5,000 servers and 2,000
volumes, and over a part of 800 servers of ever larger clouds. The exit status
is 1 when a target is missed (see _targets).
"""

import argparse
import dataclasses
import json
import signal
import sys

from benchmarks import cases
from benchmarks import generated_cloud
from benchmarks import services
from sandbox import errors
from sandbox import ini
from sandbox import layout as layouts

SERVERS, VOLUMES = 5_000, 2_000
SHARES = (0.25, 0.5, 1.0)
#: Of all, where there is little time.
QUICK_SHARES = (0.125, 0.25)

#: The servers and volumes of a part, and of the clouds that it is a part of.
FEW = 800
CLOUDS = (1_000, 10_000, 100_000)
#: Where there is little time.
QUICK_CLOUDS = CLOUDS[:2]
#: How often an audit of a part is executed: the fastest one counts.
TIMES = 3
#: How much more requests, and seconds or MiB, a larger cloud may take.
MORE_REQUESTS, MORE = 1.10, 1.20

#: How many things are asked for one by one instead of being listed, at most.
BY_ID = 10

#: The most that an audit takes, in seconds, and its process, in MiB.
SECONDS = 60
MEMORY = 1024

#: The parameters of audits, by what they are called.
AUDITS = {
    'hosts': {
        'compute_nodes': [{'src_node': 'rack1-*', 'dst_node': 'rack2-*'}],
        'disable_compute_nodes': True,
    },
    'pools': {
        'storage_pools': [{'src_pool': 'block1@*', 'dst_pool': 'block2@*'}],
    },
    'types': {
        'storage_pools': [{'src_pool': 'block1@*', 'dst_type': 'bronze'}],
    },
    'zone': {
        'availability_zones': [{'src_zone': 'az1', 'dst_node': 'rack2-*'}],
        'storage_pools': [{'src_pool': 'block1@*', 'dst_pool': 'block2@*'}],
        'disable_compute_nodes': True,
        'with_attached_volume': True,
        'priority': {
            'project': ['project-7', 'project-3'],
            'compute_node': ['rack1-050'],
            'compute': 'mem_size',
            'storage': 'size',
        },
        'exclude': {'projects': ['project-1']},
    },
}

#: Those of a part of the cloud: 20 hosts, and 2 of 19 pools.
AUDITS_OF_PARTS = {
    'rack': {
        'compute_nodes': [
            {'src_node': name, 'dst_node': 'rack2-0[01]*'}
            for name in ('rack1-00*', 'rack1-01*', 'rack1-020')
        ],
        'disable_compute_nodes': True,
    },
    'shelf': {
        'storage_pools': [
            {'src_pool': f'block1@b{n}#*', 'dst_pool': 'block2@*'}
            for n in range(generated_cloud.FEW_BACKENDS)
        ],
    },
}


@dataclasses.dataclass(frozen=True)
class Case:
    """One audit over one cloud."""

    audit: str
    cloud: generated_cloud.Cloud

    @property
    def parameters(self) -> dict:
        """Those of the audit."""
        return (AUDITS | AUDITS_OF_PARTS)[self.audit]


@dataclasses.dataclass(frozen=True)
class Result:
    """What an audit took; seconds, MiB and numbers."""

    inventory: float
    preflight: float
    planning: float
    total: float
    cpu: float
    mib: float
    actions: int
    skipped: int
    counts: services.Counts

    @property
    def requests(self) -> int:
        """How many there were."""
        return sum(self.counts.requests.values())

    @property
    def pages(self) -> int:
        """Requests for pages."""
        return sum(self.counts.pages.values())

    @property
    def others(self) -> int:
        """Requests for anything but pages."""
        return self.requests - self.pages


def main() -> int:
    """The exit status: 0, or 1 for a missed target or a failed case."""
    options = _parser().parse_args()
    # Terminated, we want to tidy up as after Control-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with cases.environment(options) as layout:
            results = _measure(layout, options)
    except errors.SandboxError as error:
        print(f'audit: {error}', file=sys.stderr)
        return 1
    targets = [*_targets(results)]
    print()
    for text, met in targets:
        print(f'{"met   " if met else "MISSED"} {text}')
    return 0 if all(met for _, met in targets) else 1


def _measure(layout, options) -> dict[Case, Result]:
    results = {}
    print(HEADINGS)
    for case in _cases(options.quick):
        results[case] = result = min(
            (
                _run(layout, case, options.bound)
                for _ in range(TIMES if case.cloud.few else 1)
            ),
            key=lambda result: result.total,
        )
        print(_row(case, result), flush=True)
    return results


def _cases(quick: bool):
    """All cases; fewer and smaller ones where there is little time."""
    for name in AUDITS:
        for share in QUICK_SHARES if quick else SHARES:
            sizes = int(share * SERVERS), int(share * VOLUMES)
            yield Case(name, generated_cloud.Cloud(*sizes))
    for name in AUDITS_OF_PARTS:
        for size in QUICK_CLOUDS if quick else CLOUDS:
            yield Case(name, generated_cloud.Cloud(size, size, FEW))


def _run(layout, case: Case, bound: float) -> Result:
    """The result of a case.

    :raises errors.SandboxError: when it failed, or took too long.
    """
    with services.serving(case.cloud) as served:
        conf = layout.etc('watcher', 'case.conf')
        layouts.write(conf, ini.render(_sections(served)))
        found = cases.run(
            layout,
            'benchmarks.audit_case',
            f'--config={conf}',
            f'--parameters={json.dumps(case.parameters)}',
            bound=bound,
        )
        counts = served.counts()
    if not found:
        raise errors.TimedOut(f'the audit {case.audit}', bound)
    return Result(**found[0], counts=counts)


def _sections(served: services.Served):
    return {
        'watcher_clients_auth': {
            'auth_type': 'v3password',
            'auth_url': served.auth_url,
            'username': 'watcher',
            'password': 'secret',
            'project_name': 'service',
            'user_domain_name': 'Default',
            'project_domain_name': 'Default',
        },
    }


# -- the report

_SERVICES = {
    'compute': 'Nova',
    'volume': 'Cinder',
    'network': 'Neutron',
    'placement': 'Placement',
    'identity': 'Keystone',
}
HEADINGS = (
    f'{"":20} | {"seconds":^37} | {"":4} | {"requests to":^45} | '
    f'{"actions":^12}\n'
    f'{"audit":5} {"servers":>7} {"vols":>6} | '
    f'{"inventory":>9} {"preflight":>9} {"planning":>8} '
    f'{"all":>4} {"CPU":>5} | '
    f'{"MiB":>4} | {" ".join(f"{name:>8}" for name in _SERVICES.values())} | '
    f'{"all":>4} {"skipped":>7}'
)


def _row(case: Case, result: Result) -> str:
    counts = ' '.join(
        f'{result.counts.requests.get(name, 0):8}' for name in _SERVICES
    )
    return (
        f'{case.audit:5} {case.cloud.servers:7} {case.cloud.volumes:6} | '
        f'{result.inventory:9.1f} {result.preflight:9.1f} '
        f'{result.planning:8.1f} {result.total:4.1f} {result.cpu:5.1f} | '
        f'{result.mib:4.0f} | {counts} | '
        f'{result.actions:4} {result.skipped:7}'
    )


def _targets(results: dict[Case, Result]):
    """Each target, and whether it is met."""
    slowest = max(result.total for result in results.values())
    yield (
        f'an audit takes {slowest:.1f} s at most (at most {SECONDS})',
        slowest <= SECONDS,
    )
    largest = max(result.mib for result in results.values())
    yield (
        f'its process takes {largest:.0f} MiB at most (at most {MEMORY})',
        largest <= MEMORY,
    )
    for name in AUDITS:
        of_it = _of(name, results)
        others = [result.others for _, result in of_it]
        yield (
            f'{name}: requests that are not for pages: '
            f'{", ".join(map(str, others))} (as many for each cloud, but for '
            f'up to {BY_ID} server groups that are asked for by id)',
            max(others) - min(others) <= BY_ID,
        )
        # One page more than full ones, and one that is empty: Nova can have
        # smaller pages than are asked for.
        yield (
            f'{name}: pages: '
            f'{", ".join(str(result.pages) for _, result in of_it)} '
            f'(for each listing one for {services.PAGE} things, and two)',
            all(
                pages <= max(cloud.servers, cloud.volumes, cloud.ports)
                // services.PAGE + 2
                for cloud, result in of_it
                for pages in result.counts.pages.values()
            ),
        )
    for name in AUDITS_OF_PARTS:
        yield from _targets_of_part(name, [r for _, r in _of(name, results)])


def _targets_of_part(name: str, results: list[Result]):
    """Each target of an audit of a part, and whether it is met.

    :param results: the larger the cloud around the part, the later.
    """
    for what, more, taken in (
        ('requests', MORE_REQUESTS, [r.requests for r in results]),
        ('seconds', MORE, [round(r.total, 2) for r in results]),
        ('MiB', MORE, [round(r.mib) for r in results]),
    ):
        least, *larger = taken
        yield (
            f'{name}: {what}: {", ".join(map(str, taken))} (as many for each '
            f'cloud but the first, to {more - 1:.0%}, and no more for that)',
            max(larger) <= more * min(larger) and least <= more * min(larger),
        )


def _of(name: str, results: dict[Case, Result]):
    """The clouds and results of an audit, in their order."""
    return [
        (case.cloud, result)
        for case, result in results.items()
        if case.audit == name
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python3 -m benchmarks.audit',
        description='What audits of whole zones cost.',
    )
    parser.add_argument(
        '--quick',
        action='store_true',
        help='an eighth and a quarter of the cloud only',
    )
    cases.add_options(parser, bound=300)
    return parser


if __name__ == '__main__':
    sys.exit(main())
