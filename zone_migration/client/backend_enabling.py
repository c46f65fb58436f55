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

"""Enabling a storage backend again, however Cinder does that."""

import functools

from oslo_log import log

from zone_migration import waiting
from zone_migration.client import cinder_backends
from zone_migration.client import exception
from zone_migration.logic.outcome import backend_switch

LOG = log.getLogger(__name__)

#: How long to pause, in seconds, and how often to ask again while Cinder does
#: not answer and the backend may be frozen.  With the retries of each request
#: that is ten minutes where it refuses connections.
_PAUSE = 5.0
_LOOKS = 20


def enable(
    cinder: cinder_backends.Backends, name: str, may_thaw: bool = False
) -> None:
    """Enable a backend that this plugin has disabled, and see that it is.

    See :mod:`zone_migration.logic.outcome.backend_switch`.

    :param may_thaw: whether it was frozen for this, if it is frozen.
    :raises BackendStaysDisabled: when it is not enabled, and why;
        BackendIsNotOurs when it is not to be.
    :raises CloudError: when Cinder refuses, or is away and has frozen nothing.
    """
    done = backend_switch.Switching(may_thaw=may_thaw)
    away: exception.CloudUnavailable | None = None
    for _ in waiting.polls(_PAUSE, _LOOKS):
        try:
            _enable(cinder, name, done)
            return
        except exception.CloudUnavailable as error:
            if not done.may_thaw:
                raise
            LOG.warning('Backend %s may be frozen; asking on: %s', name, error)
            away = error
    raise exception.BackendStaysDisabled(
        'Cinder', f'{backend_switch.may_be_frozen(name)}: {away}'
    )


def _enable(
    cinder: cinder_backends.Backends,
    name: str,
    done: backend_switch.Switching,
) -> None:
    """Look and do what comes next, until it is enabled.

    Of what may be done still nothing is done on top: that would come last.

    :raises BackendStaysDisabled: when it will not be.
    """
    refusal = ''
    while True:
        seen = cinder.backend(name)
        step, why = backend_switch.next_step(name, seen, done)
        if step is backend_switch.Step.DONE:
            return
        if step is backend_switch.Step.LEAVE:
            raise exception.BackendIsNotOurs('Cinder', why)
        if step is backend_switch.Step.GIVE_UP:
            words = [why, refusal]
            raise exception.BackendStaysDisabled(
                'Cinder', ': '.join(filter(None, words))
            )
        LOG.info('Backend %s: %s', name, step.name.lower())
        is_lost = False
        try:
            _ask(cinder, name, step, done.reason)
        except (exception.AnswerLost, exception.RequestRefused) as error:
            # What has become of it shows the next look.
            refusal = error.reason
            is_lost = isinstance(error, exception.AnswerLost)
        done.note(step)
        if is_lost:
            waiting.settles(functools.partial(_shows, cinder, name, step))


def _shows(
    cinder: cinder_backends.Backends, name: str, step: backend_switch.Step
) -> bool:
    """Whether Cinder shows by now that a step has been done."""
    return backend_switch.shows(step, cinder.backend(name))


def _ask(
    cinder: cinder_backends.Backends,
    name: str,
    step: backend_switch.Step,
    reason: str,
) -> None:
    """Ask for a step."""
    if step is backend_switch.Step.ENABLE:
        cinder.ask_to_enable_backend(name)
    elif step is backend_switch.Step.FREEZE:
        cinder.freeze_backend(name)
    elif step is backend_switch.Step.MARK:
        cinder.disable_backend(name, reason)
    else:
        cinder.thaw_backend(name)
