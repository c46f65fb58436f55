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

"""Reaching a service, and the meaning of its errors."""

from collections.abc import Iterator
import contextlib
from typing import Any

from cinderclient import exceptions as cinder_exceptions
from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ks_exceptions
from novaclient import exceptions as nova_exceptions

from zone_migration.client import exception

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
    """Asks a service that has no client here, or too old a one.

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
        return self._ask('GET', path, microversion, params=query).json()

    def put(
        self, path: str, microversion: str | None, body: dict[str, Any]
    ) -> None:
        """Change something.

        :param microversion: as of :meth:`get`.
        :raises CloudError: see :func:`errors_of`.
        """
        self._ask('PUT', path, microversion, json=body)

    def _ask(
        self, method: str, path: str, microversion: str | None, **what: Any
    ) -> Any:
        """The answer, unless it is an error."""
        with errors_of(self._name):
            response = self._adapter.request(
                path,
                method,
                microversion=microversion,
                raise_exc=False,
                **what,
            )
            if response.status_code >= 400:
                raise ks_exceptions.from_response(response, method, path)
            return response


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


@contextlib.contextmanager
def none_if_missing() -> Iterator[None]:
    """Swallow HTTP 404: what is not there is None to us."""
    try:
        yield
    except exception.RequestRefused as error:
        if error.status != 404:
            raise
