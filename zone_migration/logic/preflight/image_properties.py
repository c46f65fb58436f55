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

"""The metadata of aggregates about the images of servers.

Nova's filter compares it with properties that it has renamed and read by
their types (``nova.objects.ImageMetaProps.from_dict``,
``AggregateImagePropertiesIsolation.host_passes``), and Nova's API shows them
as they were given.  So most differences are certain to Nova alone.
"""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from zone_migration.logic import resources

#: How Nova's properties of images begin; metadata of any other name binds no
#: image.
_PREFIXES = ('hw_', 'img_', 'os_', 'traits_required')

#: Those of free text, which Nova neither reads by a type nor adds to.
_EXACT = frozenset({'os_admin_user', 'os_distro'})

#: Those of free text, which Nova may add, or its API may show cut short.
_TEXTS = _EXACT | {
    'hw_auto_disk_config',
    'hw_cpu_realtime_mask',
    'hw_disk_type',
    'hw_machine_type',
    'hw_mem_page_size',
    'img_owner_id',
    'img_root_device_name',
    'os_command_line',
}

#: Those that Nova makes of others, which its API does not show.
_NOT_SHOWN = frozenset({'hw_numa_cpus', 'hw_numa_mem', 'traits_required'})

#: ``ImageMetaProps._legacy_property_map``, the other way round.
_LEGACY = {
    'hw_architecture': 'architecture',
    'hw_auto_disk_config': 'auto_disk_config',
    'hw_device_id': 'xenapi_device_id',
    'hw_disk_type': 'vmware_disktype',
    'hw_ipxe_boot': 'ipxe_boot',
    'hw_vm_mode': 'vm_mode',
    'img_bdm_v2': 'bdm_v2',
    'img_bittorrent': 'bittorrent',
    'img_block_device_mapping': 'block_device_mapping',
    'img_cache_in_nova': 'cache_in_nova',
    'img_compression_level': 'xenapi_image_compression_level',
    'img_hv_requested_version': 'hypervisor_version_requires',
    'img_hv_type': 'hypervisor_type',
    'img_linked_clone': 'vmware_linked_clone',
    'img_mappings': 'mappings',
    'img_owner_id': 'owner_id',
    'img_root_device_name': 'root_device_name',
    'img_use_agent': 'xenapi_use_agent',
    'img_version': 'vmware_image_version',
    'os_distro': 'vmware_ostype',
    'os_skip_agent_inject_files_at_boot': (
        'xenapi_skip_agent_inject_files_at_boot'
    ),
    'os_skip_agent_inject_ssh': 'xenapi_skip_agent_inject_ssh',
}

_TRUE = frozenset({'1', 'on', 't', 'true', 'y', 'yes'})
#: Nova reads these as nothing, which no host refuses.
_FALSE = frozenset({'', '0', 'f', 'false', 'n', 'no', 'off'})

#: Other names of architectures and of ways to virtualize
#: (``nova.objects.fields``: Architecture, HVType, VMMode).
_ALIASES = {
    'amd64': 'x86_64',
    'baremetal': 'ironic',
    'hv': 'hvm',
    'i386': 'i686',
    'i486': 'i686',
    'i586': 'i686',
    'pv': 'xen',
}

#: By key, what the aggregates of a host say.
Metadata = Mapping[str, frozenset[str]]

#: The properties that metadata may be about, by their current names and with
#: their values; None where Nova does not show them.
Image = frozenset[tuple[str, str]] | None


def by_host(aggregates: Iterable[resources.Aggregate]) -> dict[str, Metadata]:
    """The metadata about images of all aggregates together, by host."""
    said: dict[str, dict[str, set[str]]] = collections.defaultdict(
        lambda: collections.defaultdict(set)
    )
    for aggregate in aggregates:
        for key, values in aggregate.metadata.items():
            if not key.startswith(_PREFIXES):
                continue
            for host in aggregate.hosts:
                said[host][key].update(v.strip() for v in values.split(','))
    return {
        host: {key: frozenset(values) for key, values in metadata.items()}
        for host, metadata in said.items()
    }


def of_server(server: resources.Server, keys: Collection[str]) -> Image:
    """The properties of its image that have one of the names."""
    if not server.image_known:
        return None
    shown = server.image_properties
    return frozenset(
        (key, str(shown[name]))
        for key in keys
        for name in (key if key in shown else _LEGACY.get(key, key),)
        if name in shown
    )


def is_against(metadata: Metadata, image: Image) -> bool:
    """Whether Nova is certain to refuse the image."""
    return image is not None and any(
        key in _EXACT and key in metadata and text not in metadata[key]
        for key, text in image
        if text
    )


def may_be_against(metadata: Metadata, image: Image) -> bool:
    """Whether Nova may refuse the image, or is certain to.

    >>> said = {'hw_boot_menu': frozenset({'True'})}
    >>> may_be_against(said, frozenset({('hw_boot_menu', 'yes')}))
    False
    """
    if image is None:
        return True
    return not _NOT_SHOWN.isdisjoint(metadata) or any(
        key in metadata and not _readings(key, text) <= metadata[key]
        for key, text in image
    )


def _readings(key: str, text: str) -> frozenset[str]:
    """The values that Nova may compare with metadata; none where it does not.

    >>> sorted(_readings('img_hv_type', 'QEMU'))
    ['QEMU', 'qemu']
    """
    if key in _TEXTS:
        return frozenset({text} if text else ())
    small = text.lower()
    if small in _FALSE:
        return frozenset()
    if small in _TRUE:
        return frozenset({'True', text} if text == '1' else {'True'})
    if text.isdecimal():
        return frozenset({str(int(text))})
    return frozenset({text, small, _ALIASES.get(small, small)})
