# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Text of configuration files."""


def render(sections):
    """An oslo.config file from ``{section: {option: value}}``.

    True and False become ``true`` and ``false``, lists are joined by commas,
    None leaves the option out.  The order is kept.

    >>> print(render({'DEFAULT': {'debug': False, 'hosts': ['a', 'b']}}))
    [DEFAULT]
    debug = false
    hosts = a,b
    <BLANKLINE>
    """
    lines = []
    for section, options in sections.items():
        lines.append(f'[{section}]')
        lines += [f'{name} = {_text(value)}'
                  for name, value in options.items() if value is not None]
        lines.append('')
    return '\n'.join(lines)


def _text(value):
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, (list, tuple)):
        return ','.join(str(one) for one in value)
    return str(value)
