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

"""What the output can show."""

import os
from typing import Any


def can_draw(app: Any) -> bool:
    """Whether the output is a terminal on which things can be drawn anew."""
    options = getattr(app, 'options', None)
    return (
        app.stdout.isatty()
        and os.environ.get('TERM', '').lower() not in ('', 'dumb', 'unknown')
        # Each request would be logged into the picture.
        and not getattr(options, 'debug', False)
        and getattr(options, 'verbose_level', 1) < 3
    )


def write_any_character(output: Any) -> None:
    """Let an output write what it cannot show as Python writes it.

    A name may be in any script, and would end the command with an error.
    """
    if not hasattr(output, 'reconfigure'):
        return
    if output.isatty() and not _shows_utf8():
        output.reconfigure(encoding='ascii', errors='backslashreplace')
    else:
        output.reconfigure(errors='backslashreplace')


def _shows_utf8() -> bool:
    """Whether the user's locale is one of UTF-8.

    In the locale C Python writes UTF-8 all the same, and says so in LC_CTYPE
    (PEP 538): then LANG tells, unless LC_ALL does.
    """
    every, ctype, lang = (
        os.environ.get(name, '') for name in ('LC_ALL', 'LC_CTYPE', 'LANG')
    )
    if ctype == 'C.UTF-8' and not every:
        ctype = ''
    return 'utf' in (every or ctype or lang).lower()
