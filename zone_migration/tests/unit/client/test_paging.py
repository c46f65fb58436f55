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

import types

import testtools

from zone_migration.client import paging


def objects(*ids):
    return [types.SimpleNamespace(id=id_) for id_ in ids]


class PagesTest(testtools.TestCase):
    def read(self, rule, *pages):
        """The markers that are asked with until the rule ends it."""
        asked = []

        def fetch(marker=None):
            asked.append(marker)
            return pages[len(asked) - 1]

        self.assertEqual(list(pages), list(paging.pages(fetch, rule)))
        return asked

    def test_first_page_is_asked_for_without_a_marker(self):
        self.assertEqual([None], self.read(paging.until_empty(), []))

    def test_rule_of_an_empty_page_goes_on_after_a_short_one(self):
        self.assertEqual(
            [None, 'a', 'b'],
            self.read(paging.until_empty(), objects('a'), objects('b'), []),
        )

    def test_rule_of_a_short_page_ends_with_it(self):
        full = objects(*(f'{n}' for n in range(paging.SIZE)))
        self.assertEqual(
            [None, full[-1].id],
            self.read(paging.until_short, full, objects('a')),
        )

    def test_rule_of_links_ends_without_one_to_the_next_page(self):
        rule = paging.linked('links', 'ports')
        ports = [{'id': 'a'}]
        for links in ({}, {'links': []}, {'links': [{'rel': 'previous'}]}):
            self.assertEqual(
                [None, 'a'],
                self.read(
                    rule,
                    {'ports': ports, 'links': [{'rel': 'next'}]},
                    {'ports': ports, **links},
                ),
                links,
            )
