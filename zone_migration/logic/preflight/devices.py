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

"""Devices that keep a server from being migrated, live or at all.

What Nova refuses for sure is told, nothing else: whether the hardware and the
hypervisor of a destination support what Nova allows, its API does not show.
Some of them can be asked for by the image as well as by the flavor.
"""

from collections.abc import Collection
from collections.abc import Mapping
import re

#: Ports that no Nova migrates, live or cold
#: (``nova.compute.api.block_port_accelerators``).
_ACCELERATOR_PORTS = ('accelerator-direct', 'accelerator-direct-physical')

#: From which microversion on Nova migrates ports of a kind live: the newest
#: one of the release that brought it, Stein (indirect SR-IOV), Train (direct
#: SR-IOV, detached and attached again,
#: ``LibvirtDriver._detach_direct_passthrough_vifs``), Zed (vDPA, the same,
#: ``nova.compute.api.reject_vdpa_instances``).
_PORTS: Mapping[str, tuple[int, int]] = {
    'direct': (2, 79),
    'direct-physical': (2, 79),
    'macvtap': (2, 72),
    'vdpa': (2, 93),
    'virtio-forwarder': (2, 72),
}

#: Mediated devices are migrated from 2024.1 on, by
#: ``LibvirtDriver._assert_source_can_live_migrate_mdevs``.
_VGPU = re.compile(r'resources\w*:VGPU')
_VGPU_SINCE = (2, 96)

#: Those of flavors are migrated from 2025.1 on if the alias says
#: ``live_migratable``, which the API does not show:
#: ``nova.conductor.tasks.live_migrate.LiveMigrationTask.
#: _check_can_migrate_pci``.
_PCI_SINCE = (2, 100)

# What oslo.utils takes for true, as Nova does.
_TRUE = ('1', 't', 'true', 'on', 'y', 'yes')


def obstacle(
    extra_specs: Mapping[str, str],
    port_kinds: Collection[str],
    newest: tuple[int, int] | None,
    image_properties: Mapping[str, str],
) -> str:
    """Describe what keeps a server from being migrated live; '' for nothing.

    :param extra_specs: those of its flavor.
    :param port_kinds: the ``binding:vnic_type`` of its ports.
    :param newest: the newest microversion that Nova knows, None if unknown.
    :param image_properties: those of its image.

    >>> obstacle({'hw:tpm_version': '2.0'}, (), None, {})
    'a vTPM (hw:tpm_version of its flavor)'
    >>> obstacle({}, ['direct'], (2, 72), {})
    'a port of type direct'
    >>> obstacle({}, ['direct'], (2, 96), {})
    ''
    """
    found = _of_flavor(extra_specs, newest)
    found += _of_image(extra_specs, image_properties)
    found += [
        f'a port of type {kind}'
        for kind in sorted(port_kinds)
        if kind in _PORTS and _is_older(newest, _PORTS[kind])
    ]
    return ', '.join(found)


def accelerator(
    extra_specs: Mapping[str, str], port_kinds: Collection[str]
) -> str:
    """Tell why Nova migrates a server neither live nor cold; '' where it does.

    Nova shelves a server with an accelerator of its flavor
    (``nova.compute.api.block_accelerators(until_service=54)``), and one of a
    port not even so.

    :param extra_specs: those of its flavor.
    :param port_kinds: the ``binding:vnic_type`` of its ports.

    >>> print(accelerator({}, ['accelerator-direct']))
    Nova migrates no port of type accelerator-direct, live or cold: detach it
    """
    for kind in _ACCELERATOR_PORTS:
        if kind in port_kinds:
            return (
                f'Nova migrates no port of type {kind}, live or cold: detach '
                'it'
            )
    if extra_specs.get('accel:device_profile'):
        return (
            'Nova migrates no accelerator (accel:device_profile of the '
            'flavor), live or cold: shelve the server, and unshelve it on '
            'another host'
        )
    return ''


def asked_of_hosts(
    extra_specs: Mapping[str, str], image_properties: Mapping[str, str]
) -> frozenset[str]:
    """Describe what a host must offer to get the server.

    Nova's scheduler asks Placement for it, however the server is migrated
    (``nova.scheduler.utils.ResourceRequest``: a resource for encrypted
    memory, traits for a vTPM).

    >>> asked_of_hosts({}, {'hw_tpm_version': '2.0'})
    frozenset({'a vTPM'})
    """
    found = set()
    if _is_true(extra_specs.get('hw:mem_encryption')) or _is_true(
        image_properties.get('hw_mem_encryption')
    ):
        found.add('encrypted memory')
    if 'hw:tpm_version' in extra_specs or 'hw_tpm_version' in image_properties:
        found.add('a vTPM')
    return frozenset(found)


def has_secret_of_owner(
    extra_specs: Mapping[str, str], image_properties: Mapping[str, str]
) -> bool:
    """Whether a server has a vTPM whose secret is its owner's.

    The rule is that of ``nova.vtpm.get_instance_tpm_secret_security``.

    >>> has_secret_of_owner({'hw:tpm_version': '2.0'}, {})
    True
    >>> has_secret_of_owner({'hw:tpm_version': '2.0',
    ...                      'hw:tpm_secret_security': 'host'}, {})
    False
    """
    return (
        'hw:tpm_version' in extra_specs or 'hw_tpm_version' in image_properties
    ) and extra_specs.get('hw:tpm_secret_security', 'user') == 'user'


def _of_flavor(
    extra_specs: Mapping[str, str], newest: tuple[int, int] | None
) -> list[str]:
    """The devices that its flavor asks for, in words."""
    found = []
    # nova.compute.api.reject_mem_enc_instances
    if _is_true(extra_specs.get('hw:mem_encryption')):
        found.append('encrypted memory (hw:mem_encryption of its flavor)')
    # nova.compute.api.reject_legacy_vtpm_live_migration; an older Nova knows
    # no hw:tpm_secret_security, and refuses all of them.
    if (
        'hw:tpm_version' in extra_specs
        and extra_specs.get('hw:tpm_secret_security') != 'host'
    ):
        found.append('a vTPM (hw:tpm_version of its flavor)')
    if _is_older(newest, _VGPU_SINCE) and any(
        _VGPU.fullmatch(key) for key in extra_specs
    ):
        found.append('a virtual GPU (resources:VGPU of its flavor)')
    if _is_older(newest, _PCI_SINCE) and (
        'pci_passthrough:alias' in extra_specs
    ):
        found.append('a PCI device (pci_passthrough:alias of its flavor)')
    return found


def _of_image(
    extra_specs: Mapping[str, str], image_properties: Mapping[str, str]
) -> list[str]:
    """The devices that its image alone asks for, in words.

    The rules are those of flavors: ``nova.virt.hardware.
    get_mem_encryption_constraint`` and ``get_vtpm_constraint`` read both.
    That the secret of a vTPM is the host's only a flavor can say
    (``get_tpm_secret_security_constraint``).
    """
    found = []
    if _is_true(image_properties.get('hw_mem_encryption')) and not _is_true(
        extra_specs.get('hw:mem_encryption')
    ):
        found.append('encrypted memory (hw_mem_encryption of its image)')
    if (
        'hw_tpm_version' in image_properties
        and 'hw:tpm_version' not in extra_specs
        and extra_specs.get('hw:tpm_secret_security') != 'host'
    ):
        found.append('a vTPM (hw_tpm_version of its image)')
    return found


def _is_true(text: str | None) -> bool:
    """Whether Nova reads a text as true."""
    return (text or '').strip().lower() in _TRUE


def _is_older(newest: tuple[int, int] | None, since: tuple[int, int]) -> bool:
    """Whether this Nova lacks what Novas have since a microversion.

    One whose version is unknown is taken for a new one.
    """
    return newest is not None and newest < since
