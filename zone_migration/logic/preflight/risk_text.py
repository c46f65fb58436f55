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

"""The words for risks: a sentence for so many servers or volumes."""


def risk(number: int, noun: str, text: str) -> list[str]:
    """The risk of so many, if there are any; {} in the text is for them.

    >>> risk(2, 'server', 'Nova may refuse {}'), risk(0, 'server', '{}')
    (['Nova may refuse 2 servers'], [])
    """
    return [text.format(count(number, noun))] if number else []


def count(number: int, noun: str) -> str:
    """The number and the noun, in the plural where there are several.

    >>> count(1, 'server'), count(2, 'volume')
    ('1 server', '2 volumes')
    """
    return f'{number} {noun}' + ('' if number == 1 else 's')
