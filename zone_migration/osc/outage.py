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

"""The errors of services that do not answer, in few words."""

import re

from zone_migration.logic import messages
from zone_migration.logic.outcome import summary_text

_URL = re.compile(r'https?://(?P<place>[^/\s\'"()]+)(?P<path>[^\s\'"()]*)')

#: What an error begins with; the words of the client stand after it.
_PREFIX = re.compile(r'^\w+ does not answer: ')
_SINCE = re.compile(r'^\w+ has not answered for [^:]+: ')

#: What stands before the address of a service.
_BEFORE = re.compile(r'(Unable to establish connection|Request) to $')

#: What is of no use to an operator.
_ASIDES = re.compile(r' ?\((Background on this error at|Request-ID): [^)]*\)')

#: What libraries write of a connection that fails, and words for it.
_REASONS = (
    (re.compile(r'\[Errno -?\d+\] (?P<why>[A-Za-z][\w ]*)'), ''),
    (re.compile(r'timed out', re.IGNORECASE), 'timed out'),
    (re.compile(r'closed connection|Connection aborted'), 'connection closed'),
)


def shortened(text: str) -> str:
    """The error of a service that does not answer: where, and why.

    >>> shortened("Unable to establish connection to http://c1:9322/v1/x: "
    ...           "HTTPConnectionPool(host='c1', port=9322): Max retries "
    ...           "exceeded with url: /v1/x (Caused by NewConnectionError("
    ...           "'[Errno 111] Connection refused'))")
    'c1:9322: Connection refused'
    >>> shortened('Service Unavailable (HTTP 503)')
    'Service Unavailable (HTTP 503)'

    The engine cuts what is long: there may be no more than the address.
    """
    text = _ASIDES.sub('', text)
    place = _URL.search(text)
    if not place or not _BEFORE.search(text[: place.start()]):
        return text
    where = _BEFORE.sub('', text[: place.start()]) + place['place']
    for pattern, words in _REASONS:
        found = pattern.search(text, place.end())
        if found:
            return f'{where}: {words or found["why"].strip()}'
    return f'{where} cannot be reached'


def all_shortened(notes: str) -> str:
    """The notes of a plan on services that are away, each of them short.

    >>> all_shortened('nothing that needs Cinder starts: Request to '
    ...               'http://c1:8776/v3 timed out; nothing that needs Nova '
    ...               'starts: HTTP 503')
    'nothing that needs Cinder starts: c1:8776: timed out; nothing that \
needs Nova starts: HTTP 503'
    """
    return '; '.join(map(shortened, notes.split('; ')))


def told(error: Exception | None, seconds: float = 0.0) -> str:
    """That Watcher does not answer: since when, where and why.

    An error that tells itself since when goes on doing so.

    >>> told(Exception('Watcher does not answer: Unable to establish '
    ...                'connection to http://c1:5000/v3/auth/tokens: '
    ...                '[Errno 111] Connection refused'), 40)
    'Keystone has not answered for 40 s: c1:5000: Connection refused'

    :param error: None while an answer is waited for.
    :param seconds: for how long.
    """
    text = _PREFIX.sub('', str(error or ''))
    since = _SINCE.match(text)
    if since:
        return messages.escaped(since[0] + shortened(text[since.end() :]))
    place = _URL.search(text)
    who = 'Watcher'
    if place and place['path'].rstrip(':').endswith('/auth/tokens'):
        who = 'Keystone'
    words = f'{who} has not answered for {summary_text.duration(seconds)}'
    if seconds < 1:
        words = f'{who} does not answer'
    return messages.escaped(f'{words}: {shortened(text)}' if text else words)
