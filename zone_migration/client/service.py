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

"""Reaching a service, and reading its answers and errors."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import dataclasses
import functools
from typing import Any
from typing import TypeVar

from cinderclient import exceptions as cinder_exceptions
from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ks_exceptions
from novaclient import exceptions as nova_exceptions
from oslo_log import log

from zone_migration.client import exception
from zone_migration.logic import messages

LOG = log.getLogger(__name__)

_HTTP_ERRORS = (
    cinder_exceptions.ClientException,
    nova_exceptions.ClientException,
    ks_exceptions.HttpError,
)
_OTHER_ERRORS = (
    ks_exceptions.ClientException,
    cinder_exceptions.UnsupportedVersion,
    nova_exceptions.UnsupportedVersion,
)

#: What the code raises that reads an object which is not as it should be.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)

#: The largest integer that databases keep.
_LARGEST = 2**63 - 1

Ours = TypeVar('Ours')


def endpoint_options(conf: Any, service: str) -> dict[str, Any]:
    """Interface, region and endpoint that Watcher's operator has chosen.

    Watcher 17 reads ``[nova]``, ``[cinder]``, ``[keystone]`` and
    ``[placement]`` (keystoneauth's adapter options) and falls back to
    ``[nova_client]`` and so on, which are all that Watcher 15 (but for Nova:
    16 as well) has.  Neutron has a section in Watcher 15 only; elsewhere it
    is reached at the interface and in the region of Nova.

    :param service: ``nova``, ``cinder``, ``keystone``, ``neutron`` or
        ``placement``.
    :returns: keyword arguments of the service's client.
    """
    old = f'{service}_client'
    if service == 'neutron' and old not in conf:
        options = endpoint_options(conf, 'nova')
        options.pop('endpoint_override', None)
        return options
    interface = (
        _value(conf, service, 'valid_interfaces')
        or _value(conf, service, 'interface')
        or _value(conf, old, 'interface')
        or (_value(conf, old, 'endpoint_type') or 'public').replace('URL', '')
    )
    options = {'interface': interface}
    for name in ('region_name', 'endpoint_override'):
        value = _value(conf, service, name) or _value(conf, old, name)
        if value:
            options[name] = value
    return options


def _value(conf: Any, group: str, name: str) -> Any:
    """The option's value, None where this Watcher has no such option."""
    if group in conf and name in conf[group]:
        return conf[group][name]
    return None


class Reader:
    """Reads from a service that has no client here, or too old a one.

    :param name: the service, as messages name it.
    :param service_type: that of the catalogue.
    :param version: of the API, where the catalogue's endpoint need not be
        that of a version.
    """

    def __init__(
        self,
        session: Any,
        name: str,
        service_type: str,
        endpoint_options: dict[str, Any],
        version: str | None = None,
    ) -> None:
        self._name = name
        self._adapter = adapter.Adapter(
            session,
            service_type=service_type,
            version=version,
            **endpoint_options,
        )

    def get(
        self, path: str, microversion: str | None = None, **query: Any
    ) -> Any:
        """The body of an answer.

        :param microversion: of the API; None for its oldest.
        :raises CloudError: see :func:`errors_of`.
        """
        with errors_of(self._name):
            response = self._adapter.get(
                path,
                params=query,
                microversion=microversion,
                raise_exc=False,
            )
            if response.status_code >= 400:
                raise ks_exceptions.from_response(response, 'GET', path)
            return response.json()


def is_in_catalogue(
    session: Any, service_type: str, region_name: str | None
) -> bool:
    """Whether the catalogue has an endpoint of the service, whatever its kind.

    keystoneauth also looks for the other names of the type.

    :raises CloudError: see :func:`errors_of`.
    """
    try:
        with errors_of('Keystone'):
            endpoint = session.get_endpoint(
                service_type=service_type,
                interface=['public', 'internal', 'admin'],
                region_name=region_name,
            )
    except exception.ServiceNotFound:
        return False
    return endpoint is not None


@contextlib.contextmanager
def errors_of(name: str) -> Iterator[None]:
    """Turn the clients' exceptions into ours.

    :raises RequestRefused: for HTTP 4xx.
    :raises ServiceNotFound: when the catalogue does not have it.
    :raises CloudUnavailable: for HTTP 5xx and 429, and when no answer came.
    """
    try:
        yield
    except _HTTP_ERRORS as error:
        status: int = (
            getattr(error, 'http_status', None)
            or getattr(error, 'code', None)
            or 0
        )
        reason = getattr(error, 'message', None) or str(error)
        if status >= 500 or status == 429:
            raise exception.CloudUnavailable(
                service=name, reason=f'{reason} (HTTP {status})'
            ) from error
        raise exception.RequestRefused(
            service=name, reason=reason, status=status
        ) from error
    except ks_exceptions.EndpointNotFound as error:
        raise exception.ServiceNotFound(
            service=name, reason=str(error)
        ) from error
    except _OTHER_ERRORS as error:
        raise exception.CloudUnavailable(
            service=name, reason=str(error)
        ) from error


def readable(
    what: str, shown: Iterable[Any], read: Callable[[Any], Ours]
) -> Iterator[tuple[Any, Ours | None]]:
    """Each of these objects with its resource, None where it is unreadable.

    One that is not as it should be must not hide the others.  It is told
    once in the log, as some listings are read twice a second.
    """
    for one in shown:
        try:
            ours = _checked(read(one))
        except _UNREADABLE as error:
            log_unreadable(
                what,
                _label(one),
                messages.escaped(f'{type(error).__name__}: {error}'),
            )
            yield one, None
        else:
            yield one, ours


def read_each(
    what: str, shown: Iterable[Any], read: Callable[[Any], Ours]
) -> list[Ours]:
    """The resources that can be read of these; see :func:`readable`."""
    return [
        ours for _, ours in readable(what, shown, read) if ours is not None
    ]


def _checked(ours: Ours) -> Ours:
    """The resource, if its texts are texts or None, and its numbers numbers.

    :raises TypeError: for anything else.
    :raises ValueError: for a number that is none of this world.
    """
    for name, kind in _kinds(ours):
        value = getattr(ours, name)
        if not isinstance(value, kind):
            raise TypeError(f'{name} is {value!r}')
        if isinstance(value, int) and abs(value) > _LARGEST:
            raise ValueError(f'{name} is too large')
    return ours


def _kinds(ours: object) -> list[tuple[str, tuple[type, ...]]]:
    """The types that fields of a dataclass can have, where that is simple."""
    if not dataclasses.is_dataclass(ours) or isinstance(ours, type):
        return []
    simple: dict[object, tuple[type, ...]] = {
        str: (str, type(None)),
        str | None: (str, type(None)),
        int: (int,),
        int | None: (int, type(None)),
    }
    return [
        (field.name, simple[field.type])
        for field in dataclasses.fields(ours)
        if field.type in simple
    ]


def text(value: object) -> str:
    """The value, which has to be a text; for what others are found by.

    :raises TypeError: for anything else.
    """
    if not isinstance(value, str):
        raise TypeError(f'{value!r} is not a text')
    return value


def _label(one: Any) -> str:
    """The name of an object of any shape, for the log."""
    if isinstance(one, str):
        return messages.escaped(one)
    for name in ('id', 'name', 'host'):
        found = (
            one.get(name)
            if isinstance(one, dict)
            else getattr(one, name, None)
        )
        if found:
            return messages.escaped(str(found))
    return 'without an id'


@functools.lru_cache(maxsize=1000)
def log_unreadable(what: str, id_: object, reason: str) -> None:
    """Log, once, what cannot be read of something."""
    LOG.warning('%s %s cannot be read: %s', what, id_, reason)


@contextlib.contextmanager
def none_if_missing() -> Iterator[None]:
    """Swallow HTTP 404: what is not there is None to us."""
    try:
        yield
    except exception.RequestRefused as error:
        if error.status != 404:
            raise
