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

"""Whether a volume type suits a volume that is there already."""

from collections.abc import Iterable

from zone_migration.logic import resources
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import volume_checks

#: What is taken for the encryption provider luks
#: (``LEGACY_PROVIDER_CLASS_TO_FORMAT_MAP`` of ``os_brick.encryptors``).
_LUKS = frozenset(
    {
        'luks',
        'LuksEncryptor',
        'nova.volume.encryptors.luks.LuksEncryptor',
        'os_brick.encryptors.luks.LuksEncryptor',
    }
)


def retype(
    wanted: decisions.VolumeMove,
    volume: resources.Volume,
    snapshots: int,
    pools: Iterable[resources.Pool],
    old: resources.VolumeType | None,
    new: resources.VolumeType,
) -> decisions.Decision | None:
    """Refuse a type that does not suit a volume; None if it does.

    Cinder refuses such a request, takes it and drops it later without a
    word, or would store encrypted data in the clear.

    :param pools: those that serve the new type.
    :param old: the type of the volume, None if it has none.
    """
    refused = refused_by_itself(wanted, volume, old, new)
    if refused:
        return refused
    message = f'Invalid volume type {wanted.dst_type}'
    pools = list(pools)
    if not pools:
        return decisions.refuse(
            f'{message}: no pool serves it: name another type'
        )
    pools = in_zones(pools, volume, new)
    if not pools:
        return decisions.refuse(
            f'{message}: no pool serves it in '
            f'{" or ".join(_zones(volume, new))}, the availability zone of '
            f'the {"volume" if new.zones is None else "type"}: name another '
            'type'
        )
    reason = _reason_of_copy(volume, pools, old, new)
    if not reason:
        return None
    return volume_checks.not_migratable(
        f'{message}: it takes a copy, as {reason}', volume, snapshots
    ) or swap(volume, old, new)


def refused_by_itself(
    wanted: decisions.VolumeMove,
    volume: resources.Volume,
    old: resources.VolumeType | None,
    new: resources.VolumeType,
) -> decisions.Decision | None:
    """Refuse a type that does not suit a volume, whatever pools there are.

    None if it does; the parameters are those of :func:`retype`.
    """
    reason = _fault_of_request(volume, old, new)
    if volume.encrypted and new.encryption == '':
        reason = (
            'the volume is encrypted and would not be any more: name an '
            'encrypted type'
        )
    if not reason:
        return None
    return decisions.refuse(f'Invalid volume type {wanted.dst_type}: {reason}')


def swap(
    volume: resources.Volume,
    old: resources.VolumeType | None,
    new: resources.VolumeType | None = None,
) -> decisions.Decision | None:
    """Refuse a volume that Nova does not swap; None for a detached one.

    Its driver for libvirt, the only one that swaps, refuses the encryption
    provider ``luks`` of either of the two
    (``nova.virt.libvirt.driver.LibvirtDriver.swap_volume``) when Cinder has
    made the copy.  Cinder copies a detached volume itself.

    :param old: the type of the volume.
    :param new: that of the copy, if it is another.
    """
    if not volume.server_ids:
        return None
    for each in (old if volume.encrypted else None, new):
        if each is not None and each.encryption in _LUKS:
            return decisions.refuse(
                'Nova does not swap volumes with the encryption provider '
                f'{each.encryption}, which type {each.name} has: detach the '
                'volume, and ask for it as available'
            )
    return None


def in_zones(
    pools: Iterable[resources.Pool],
    volume: resources.Volume,
    new: resources.VolumeType,
) -> list[resources.Pool]:
    """Those of the pools that a retype can use.

    It is bound to the zones that the new type names, otherwise to that of the
    volume (``cinder.volume.api.API.retype``, and ``AvailabilityZoneFilter``
    of Cinder's scheduler).  A migration is not.
    """
    zones = _zones(volume, new)
    return [
        pool
        for pool in pools
        if not (zones and pool.zone) or pool.zone in zones
    ]


def _zones(
    volume: resources.Volume, new: resources.VolumeType
) -> tuple[str, ...]:
    """The zones that bind a retype; none for all of them."""
    if new.zones is not None:
        return new.zones
    return (volume.zone,) if volume.zone else ()


def _fault_of_request(
    volume: resources.Volume,
    old: resources.VolumeType | None,
    new: resources.VolumeType,
) -> str:
    """Tell why Cinder refuses a retype (HTTP 400); empty where it does not.

    ``cinder.volume.api.API.retype``, with ``provision_filter_on_size`` of
    ``cinder.volume.volume_types`` and ``volume_qos_allows_retype`` of
    ``cinder.db.api``.
    """
    if not new.min_gb <= volume.size_gb <= new.max_gb:
        least = volume.size_gb < new.min_gb
        return (
            f'it takes volumes of at {"least" if least else "most"} '
            f'{new.min_gb if least else new.max_gb:g} GB, this one has '
            f'{volume.size_gb}: name another type'
        )
    if volume.status != 'in-use' and not volume.server_ids:
        return ''
    remedy = 'detach the volume, and ask for it as available'
    if new.multiattach is not None and volume.multiattach != new.multiattach:
        if new.multiattach:
            return f'it is a multiattach type, the volume is not: {remedy}'
        return f'the volume is multiattach, the type is not: {remedy}'
    before = old or resources.VolumeType('')
    if before.qos_id != new.qos_id and (
        before.front_end_qos or new.front_end_qos
    ):
        return (
            'the front-end QoS specs would change, which needs a detached '
            f'volume: {remedy}'
        )
    return ''


def _reason_of_copy(
    volume: resources.Volume,
    pools: Iterable[resources.Pool],
    old: resources.VolumeType | None,
    new: resources.VolumeType,
) -> str:
    """Tell why a retype is a copy; empty where it may be done in place.

    It is done in place only where the volume's own pool serves the type
    (``find_retype_backend`` of Cinder's scheduler prefers it, and takes any
    pool of the backend for a volume whose host names none) and neither
    type encrypts, even alike; everywhere else it is a copy, which Cinder makes
    neither of a volume with snapshots nor of a replicated one (``retype`` of
    its volume manager, whose driver is asked only where the difference of the
    types has no word of encryption).
    """
    if not any(volume.may_be_in(pool.name) for pool in pools):
        return f'{volume.host} does not serve it'
    if volume.encrypted or (old and old.encryption) or new.encryption:
        return 'Cinder retypes nothing in place that has encryption'
    return ''
