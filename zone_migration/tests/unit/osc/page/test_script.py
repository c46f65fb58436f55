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

"""The script of the page, run without a browser."""

import html.parser
import json
import pathlib

import quickjs
import testtools

from zone_migration.osc.page import page
from zone_migration.tests.unit.osc import ended_plans
from zone_migration.tests.unit.osc import fakes

_DOM = pathlib.Path(__file__).with_name('dom.js')
_VOID = ('br', 'input', 'meta')
_CELLS = ('td', 'th')


class Tree(html.parser.HTMLParser):
    """A page as nested lists: the tag, the attributes, what is in it."""

    def __init__(self, text):
        super().__init__()
        self.root = ['root', {}, []]
        self._open = [self.root]
        self.script = ''
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        # The page leaves out the end tags of cells.
        if tag in _CELLS and self._open[-1][0] in _CELLS:
            self._open.pop()
        node = [tag, {name: value or '' for name, value in attrs}, []]
        self._open[-1][2].append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        while self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self._open[-1][0] == 'script':
            self.script += data
        else:
            self._open[-1][2].append(data)


class Page:
    """A page whose script has run."""

    def __init__(self, *actions, **plan):
        tree = Tree(page.render(ended_plans.report(actions, **plan)))
        self._context = quickjs.Context()
        self.run(f'const PAGE = {json.dumps(tree.root)}')
        self.run(_DOM.read_text())
        self.run(tree.script)

    def run(self, code):
        """What a piece of script comes to; promises are kept."""
        self._context.set('answer', None)
        found = self._context.eval(code)
        while self._context.execute_pending_job():
            pass
        return found

    def json(self, expression):
        """What an expression comes to."""
        return json.loads(self.run(f'JSON.stringify({expression})'))

    def rows(self):
        """The names in the rows that are shown, in their order."""
        return self.json(
            'document.getElementById("table").tBodies[0].rows'
            '.filter(row => !row.hidden).map(row => row.cells[1].textContent)'
        )

    def shown(self):
        return self.json('document.getElementById("shown").textContent')

    def find(self, words):
        self.run(
            f'{{ const find = document.getElementById("find");'
            f'find.value = {json.dumps(words)}; find.dispatch("input"); }}'
        )

    def choose(self, index):
        """Click on one of the sums."""
        self.run(
            f'document.querySelectorAll("[data-outcome]")[{index}]'
            '.dispatch("click")'
        )

    def sort(self, column):
        """Click on the head of a column."""
        self.run(
            'document.getElementById("table").tHead.rows[0]'
            f'.cells[{column}].querySelector("button").dispatch("click")'
        )


def moved(name, took, **values):
    return fakes.action(
        name,
        state='SUCCEEDED',
        message=f'migrated from c1 to c2 in {took} s',
        updated_at='2026-11-28T03:14:20',
        **values,
    )


FAILED = fakes.action(
    'web-3',
    state='FAILED',
    message='Action failed in execute: No route',
    updated_at='2026-11-28T03:14:20',
)


class ScriptTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.page = Page(
            moved('web-1', 9.5),
            moved('web-2', 10.2),
            FAILED,
            ended_plans.host('c1', 'disabled', state='FAILED'),
        )

    def test_all_rows_are_shown_first(self):
        self.assertEqual('4 of 4', self.page.shown())
        self.assertFalse(
            self.page.json('document.querySelector(".filter").hidden')
        )

    def test_words_are_found_in_any_order_and_case(self):
        self.page.find('ROUTE no web')
        self.assertEqual(['web-3'], self.page.rows())
        self.assertEqual('1 of 4', self.page.shown())

    def test_what_is_an_expression_elsewhere_is_text(self):
        for words in ('.*', '[', '\\', '<b>'):
            self.page.find(words)
            self.assertEqual([], self.page.rows(), words)

    def test_ids_are_found(self):
        self.page.find(FAILED.resource_id)
        self.assertEqual(['web-3'], self.page.rows())

    def test_a_sum_shows_what_it_counts(self):
        sums = self.page.json(
            'document.querySelectorAll("[data-outcome]")'
            '.map(one => Number(one.querySelector("b").textContent))'
        )
        self.assertEqual([1, 2, 1], sums)
        for index, expected in enumerate(
            (['web-3'], ['web-1', 'web-2'], ['c1'])
        ):
            self.page.find('nothing')
            self.page.choose(index)
            self.assertEqual(expected, sorted(self.page.rows()), index)

    def test_durations_are_sorted_as_numbers_and_none_comes_last(self):
        self.page.sort(8)
        self.assertEqual(['web-1', 'web-2'], self.page.rows()[:2])
        self.page.sort(8)
        self.assertEqual(['web-2', 'web-1'], self.page.rows()[:2])

    def test_one_column_at_a_time_says_that_it_is_sorted(self):
        for column in (1, 8, 8):
            self.page.sort(column)
        self.assertEqual(
            [[8, 'descending']],
            self.page.json(
                'document.getElementById("table").tHead.rows[0].cells'
                '.map((cell, i) => [i, cell.getAttribute("aria-sort")])'
                '.filter(([, sorted]) => sorted)'
            ),
        )

    def test_what_a_link_leads_to_is_shown(self):
        self.page.find('web-1')
        self.page.run(
            'location.hash = document.querySelector(".names")'
            '.querySelectorAll("a")[0].getAttribute("href");'
            'page.dispatch("hashchange")'
        )
        self.assertEqual('4 of 4', self.page.shown())

    def test_a_link_that_is_followed_again_leads_there_again(self):
        first, second = (
            f'document.querySelectorAll(".names a")[{index}]'
            for index in (0, 1)
        )
        self.page.run(f'location.hash = {first}.getAttribute("href")')
        self.page.find('web-1')
        # Another link changes the hash after the click.
        self.page.run(f'{second}.dispatch("click")')
        self.assertEqual(['web-1'], self.page.rows())
        # The browser does not take the same one for a change.
        self.page.run(f'{first}.dispatch("click")')
        self.assertEqual('4 of 4', self.page.shown())

    def test_a_bar_tells_of_its_move(self):
        self.assertEqual(
            ['web-1', 'moved, live migration', 'compute1 \u2192 c2'],
            self.page.json(
                '(() => {'
                'const bars = document.querySelectorAll(".view .row a");'
                'bars.find(one => one.getAttribute("aria-label")'
                '.startsWith("web-1")).focus();'
                'return document.querySelector(".tip").children'
                '.filter(one => one.textContent)'
                '.map(one => one.textContent).slice(0, 3) })()'
            ),
        )

    def test_what_owners_are_told_is_copied_as_it_is_shown(self):
        self.page.run(
            'document.querySelector(".project").querySelector("button")'
            '.dispatch("click")'
        )
        (text,) = self.page.json('copied')
        self.assertEqual(
            self.page.json('document.querySelector("pre").textContent'), text
        )
        self.assertEqual(
            'Copied',
            self.page.json(
                'document.querySelector(".project").querySelector("button")'
                '.textContent'
            ),
        )


class OddPagesTest(testtools.TestCase):
    def test_names_remain_text(self):
        name = '<img src=x onerror=alert(1)>'
        shown = Page(moved(name, 3.0, source=name))
        self.assertEqual([name], shown.rows())
        shown.find('onerror')
        self.assertEqual('1 of 1', shown.shown())
        shown.run('document.querySelectorAll(".view .row a")[0].focus()')
        self.assertEqual(
            name,
            shown.json(
                'document.querySelector(".tip").querySelector("b").textContent'
            ),
        )

    def test_a_plan_of_nothing(self):
        shown = Page(state='RECOMMENDED', message='0 to move')
        self.assertEqual('0 of 0', shown.shown())

    def test_a_large_plan(self):
        shown = Page(*ended_plans.actions(200))
        shown.sort(8)
        self.assertEqual(200, len(shown.rows()))
