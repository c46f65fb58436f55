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

import base64
import dataclasses
import hashlib
import html.parser
import re

import testtools

from zone_migration.osc.page import page
from zone_migration.tests.unit.osc import ended_plans
from zone_migration.tests.unit.osc import fakes

#: Names made to get out of where they are put.
NAMES = (
    '<script>alert(1)</script>',
    '"onmouseover="alert(1)',
    "' onfocus='alert(1)",
    '</style><style>*{display:none}',
    '</script><img src=x onerror=alert(1)>',
    '</title><svg onload=alert(1)>',
    '</pre></textarea>--><!--',
    '{{ 7*7 }}{% raw %}{#',
    '&lt;b&gt;&quot;',
    'javascript:alert(1)',
    'url(https://example.org)',
)

#: What changes the order or the lines of the text around it, and how it is
#: written out.
CHARACTERS = (
    ('a\u202egnp.exe', r'a\u202egnp.exe'),
    ('a\u2067b\u2069', r'a\u2067b\u2069'),
    ('nul\x00', r'nul\x00'),
    ('bell\x07', r'bell\x07'),
    ('escape\x1b[2J', r'escape\x1b[2J'),
    ('two\nlines', r'two\nlines'),
    ('two\u2028lines', r'two\u2028lines'),
    ('half\ud800', r'half\ud800'),
)


class Parsed(html.parser.HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, text):
        super().__init__()
        #: The tag and the attributes of each.
        self.elements = []
        #: By tag, the text of each element directly in it.
        self.texts = {}
        self._tag = ''
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._tag = tag
        self.texts.setdefault(tag, []).append('')

    def handle_endtag(self, tag):
        self._tag = ''

    def handle_data(self, data):
        if self._tag:
            self.texts[self._tag][-1] += data

    def values(self, attribute):
        """All values of an attribute."""
        return [
            attributes[attribute]
            for _, attributes in self.elements
            if attribute in attributes
        ]

    def structure(self):
        """The tags, and the names of their attributes."""
        return [(tag, sorted(attributes)) for tag, attributes in self.elements]


def rendered(*actions, projects=None, **plan):
    return page.render(ended_plans.report(actions, projects, **plan))


def everywhere(name):
    """The page of a plan where a text is all that the cloud tells."""
    values = {
        'source': name,
        'project_id': name,
        'resource_id': name,
        'updated_at': '2026-11-28T03:14:20',
    }
    return rendered(
        fakes.action(
            name,
            state='FAILED',
            message=f'{name} (after 3.0 s, waited 4 s for {name})',
            dst_hostname=name,
            **values,
        ),
        fakes.action(
            name,
            'volume_retype',
            state='SUCCEEDED',
            message='retyped in 3.0 s',
            dst_type=name,
            **values,
        ),
        projects={name: name},
        message=f'1 failed in 3 s (fastest possible: 3 s); {name}',
    )


class FactsTest(testtools.TestCase):
    def test_what_was_down_or_tried_again_is_counted(self):
        moved = 'migrated from c1 to c3'
        for fact, told in (
            ('With downtime', f'{moved} (down for 12 s)'),
            ('Tried again', f'{moved} (attempt 2; attempt 1 to c2: full)'),
        ):
            for message, expected in ((f'{told} in 9.0 s', True), ('', False)):
                action = fakes.action('a', state='SUCCEEDED', message=message)
                shown = f'<dt>{fact}</dt><dd>1</dd>' in rendered(action)
                self.assertIs(expected, shown, (fact, message))


class SafetyTest(testtools.TestCase):
    def test_no_text_of_the_cloud_becomes_part_of_the_page(self):
        expected = Parsed(everywhere('web-1')).structure()
        for name in NAMES:
            self.assertEqual(
                expected, Parsed(everywhere(name)).structure(), name
            )

    def test_it_is_shown_as_it_is(self):
        for name in NAMES:
            parsed = Parsed(everywhere(name))
            self.assertIn(name, parsed.values('title'), name)
            self.assertTrue(
                any(text.startswith(name) for text in parsed.texts['th']),
                name,
            )
            self.assertTrue(
                any(
                    text.startswith(f'\nProject {name}\n')
                    and '1 of 2 moved' in text
                    for text in parsed.texts['pre']
                ),
                name,
            )

    def test_characters_that_change_others_are_written_out(self):
        for name, shown in CHARACTERS:
            text = everywhere(name)
            self.assertEqual(0, text.count(name), name)
            self.assertNotEqual(0, text.count(shown), shown)
            # What was read has to be written.
            text.encode()

    def test_other_scripts_are_left_alone(self):
        name = 'wéb-日本-العربية'
        self.assertTrue(name in everywhere(name))

    def test_style_and_script_are_the_files_alone(self):
        plain, odd = Parsed(everywhere('web-1')), Parsed(everywhere(NAMES[0]))
        for tag in ('style', 'script'):
            (one,) = plain.texts[tag]
            self.assertEqual([one], odd.texts[tag], tag)

    def test_the_browser_runs_them_alone(self):
        parsed = Parsed(everywhere('web-1'))
        (policy,) = (
            value
            for value in parsed.values('content')
            if value.startswith('default-src')
        )
        self.assertIn("default-src 'none';", policy)
        self.assertNotIn('unsafe', policy)
        for tag in ('style', 'script'):
            digest = hashlib.sha256(parsed.texts[tag][0].encode()).digest()
            name = f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'"
            self.assertIn(name, policy, tag)

    def test_no_attribute_is_style_or_script(self):
        for tag, attributes in Parsed(everywhere('web-1')).elements:
            for name in attributes:
                self.assertFalse(
                    name == 'style' or name.startswith('on'), (tag, name)
                )

    def test_nothing_is_loaded(self):
        text = everywhere('web-1')
        parsed = Parsed(text)
        for href in parsed.values('href'):
            self.assertRegex(href, '^#[a-z0-9-]+$')
        self.assertEqual([], parsed.values('src'))
        tags = {tag for tag, _ in parsed.elements}
        self.assertEqual(
            set(),
            tags & {'link', 'img', 'iframe', 'object', 'base', 'embed'},
        )
        self.assertEqual([], re.findall(r'url\([^#]|@import|https?:', text))


class ContentTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.actions = ended_plans.actions(60, 4)

    def parsed(self, **plan):
        return Parsed(rendered(*self.actions, **plan))

    def test_a_thousand_actions_are_below_a_megabyte(self):
        text = rendered(*ended_plans.actions(1000))
        self.assertLess(len(text.encode()), 10**6)

    def test_all_links_lead_somewhere(self):
        parsed = self.parsed()
        ids = parsed.values('id')
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(
            set(), {href[1:] for href in parsed.values('href')} - {*ids}
        )

    def test_what_needs_a_person_comes_before_the_rest(self):
        self.actions.append(
            fakes.action('odd', state='FAILED', message='c2 is down')
        )
        self.assertEqual(
            [
                'Not moved, and why',
                'Timeline',
                'All moves',
                'For the owners',
            ],
            self.parsed().texts['h2'],
        )

    def test_reasons_are_told_once_with_their_remedy(self):
        text = rendered(
            *(
                fakes.action(
                    name,
                    state='FAILED',
                    message='Action failed in execute: destination c2 is down',
                    source='c1',
                )
                for name in ('web-1', 'web-2')
            )
        )
        self.assertEqual(
            1,
            text.count('<span class="reason">destination c2 is down</span>'),
        )
        self.assertEqual(1, text.count('start nova-compute on c2'))

    def test_the_table_has_a_row_for_each(self):
        parsed = self.parsed()
        self.assertEqual(
            len(self.actions) + 1,
            sum(tag == 'tr' for tag, _ in parsed.elements),
        )

    def test_headers_of_the_table_have_a_scope(self):
        scopes = [
            attributes.get('scope')
            for tag, attributes in self.parsed().elements
            if tag == 'th'
        ]
        self.assertEqual(['col'] * 11 + ['row'] * len(self.actions), scopes)

    def test_the_page_has_a_language_and_one_title(self):
        parsed = self.parsed()
        self.assertEqual('en', dict(parsed.elements)['html']['lang'])
        self.assertEqual(['compute1 2026-11-28 03:14:00'], parsed.texts['h1'])

    def test_each_bar_tells_what_it_is(self):
        parsed = Parsed(
            rendered(
                fakes.action(
                    state='SUCCEEDED',
                    message='migrated from c1 to c2 in 5.0 s, waited 40 s '
                    'for c1',
                    updated_at='2026-11-28T03:14:20',
                )
            )
        )
        told = 'web-1: moved, 03:14:15 to 03:14:20, waited 40 s, last for c1'
        # By source, and by destination.
        self.assertEqual([told, 'web-1: moved'], parsed.texts['title'][1:])

    def test_the_bound_is_drawn(self):
        self.assertIn('bound', self.parsed().values('class'))

    def test_no_bound_is_drawn_where_none_is_told(self):
        for plan in (
            {'message': '3 succeeded in 10 s'},
            {'state': 'ONGOING'},
        ):
            self.assertNotIn('bound', self.parsed(**plan).values('class'))

    def test_messages_without_durations_make_a_page(self):
        self.actions = [
            dataclasses.replace(
                one, message=re.sub(r'( in| \(after) \d.*', '', one.message)
            )
            for one in self.actions
        ]
        parsed = self.parsed(message='')
        self.assertIn('All moves', parsed.texts['h2'])
        self.assertNotIn('Took', parsed.texts['dt'])

    def test_the_duration_is_told_once(self):
        for message, expected in (
            ('3 succeeded in 10 min 2 s (fastest possible: 9 min)', False),
            ('', True),
        ):
            parsed = self.parsed(message=message)
            self.assertEqual(expected, 'Took' in parsed.texts['dt'], message)
            self.assertEqual(
                not expected,
                any('Took 10 min 2 s' in p for p in parsed.texts['p']),
                message,
            )

    def test_hosts_are_filtered_apart(self):
        parsed = Parsed(
            rendered(
                ended_plans.host('c1', 'disabled', state='FAILED'),
                fakes.action('web-1', state='FAILED'),
            )
        )
        self.assertEqual(
            ['failed', 'host failed'], parsed.values('data-outcome')
        )
        self.assertEqual(['host '], parsed.values('data-of'))
        self.assertEqual(
            ['any', 'failed', 'host failed'],
            [text.strip() for text in parsed.texts['option']],
        )

    def test_what_cannot_move_is_called_so_before_the_start(self):
        parsed = Parsed(
            rendered(
                fakes.action(
                    'web-1', state='SKIPPED', message='the server is locked'
                ),
                state='RECOMMENDED',
                message='0 to move, 1 cannot',
            )
        )
        self.assertEqual(['cannot move'], parsed.values('data-outcome'))
        self.assertIn('Will not move, and why', parsed.texts['h2'])

    def test_limits_of_a_plan_that_runs(self):
        parsed = self.parsed(
            state='ONGOING', message='0 of 2 done; limits: 2 a host; 1 waits'
        )
        self.assertIn('2 a host', parsed.texts['dd'])

    def test_limits_that_the_audit_asked_for(self):
        self.assertIn('asked for: 100 in all', self.parsed().texts['dd'])

    def test_a_plan_that_was_not_started(self):
        self.actions = [fakes.action('web-1')]
        parsed = self.parsed(state='RECOMMENDED', message='1 to move')
        self.assertEqual(['All moves', 'For the owners'], parsed.texts['h2'])

    def test_a_plan_of_nothing(self):
        self.actions = []
        parsed = self.parsed(state='RECOMMENDED', message='0 to move')
        self.assertEqual(['All moves'], parsed.texts['h2'])


class NewsTest(testtools.TestCase):
    def test_a_page_without_news_says_so(self):
        words = 'There is no news of this plan'
        last = '2026-11-28T03:14:20'
        for state, told in (('ONGOING', True), ('SUCCEEDED', False)):
            page_ = rendered(state=state, updated_at=last)
            self.assertEqual(told, words in page_, state)


class OwnersTest(testtools.TestCase):
    def test_what_a_project_is_told(self):
        parsed = Parsed(
            rendered(
                fakes.action(
                    'web-10',
                    state='SUCCEEDED',
                    message='migrated from c1 to c2 in 5.0 s',
                    updated_at='2026-11-28T03:14:20',
                    project_id='p1',
                    resource_id='id-10',
                    source='c1',
                ),
                fakes.action(
                    'web-9',
                    state='SKIPPED',
                    message='it is locked: unlock it, or set move_locked',
                    project_id='p1',
                    resource_id='id-9',
                    source='c1',
                ),
                fakes.action('db', project_id='p2', resource_id='id-1'),
                projects={'p1': 'shop'},
            )
        )
        self.assertEqual(['p2', 'shop'], parsed.texts['h3'])
        self.assertEqual(
            [
                'Project shop (p1)',
                'compute1 2026-11-28 03:14:00: 1 of 2 moved. Times are UTC.',
                '',
                'Not moved (1):',
                '- server web-9 (id-9): it is locked',
                '',
                'Moved (1):',
                '- server web-10 (id-10): c1 -> c2, live migration, '
                '2026-11-28 03:14:15 to 03:14:20',
            ],
            parsed.texts['pre'][1].splitlines()[1:],
        )

    def told(self, *actions, **plan):
        """What one project is told, without its name and the ids."""
        parsed = Parsed(rendered(*actions, **plan))
        (text,) = parsed.texts['pre']
        return re.sub(r' \([-0-9a-f]{36}\)', '', text).splitlines()[2:]

    def test_what_will_become_of_it(self):
        self.assertEqual(
            [
                'compute1 2026-11-28 03:14:00: 1 of 2 to be moved. '
                'Times are UTC.',
                '',
                'To be moved (1):',
                '- volume data: a@b#c -> type fast, volume retype',
                '',
                'Already there (1):',
                '- server web-1',
            ],
            self.told(
                fakes.action(
                    'data',
                    'volume_retype',
                    source='a@b#c',
                    dst_type='fast',
                ),
                fakes.action(
                    'web-1',
                    state='SKIPPED',
                    message='the server is already on c2',
                    source='c2',
                ),
                state='RECOMMENDED',
            ),
        )

    def test_zone_that_a_server_is_pinned_to(self):
        self.assertEqual(
            '- server web-1: c1 -> c2, live migration, pinned to z2 instead '
            'of z1, 2026-11-28 03:14:15 to 03:14:20',
            self.told(
                fakes.action(
                    'web-1',
                    state='SUCCEEDED',
                    message='migrated from c1 to c2 (pinned to z2 instead of '
                    'z1) in 5.0 s',
                    updated_at='2026-11-28T03:14:20',
                    source='c1',
                )
            )[-1],
        )

    def test_what_became_of_it_so_far(self):
        runs = fakes.action(
            'web-1',
            state='ONGOING',
            message='copying to c2 (since 2026-11-28 03:14:00)',
        )
        self.assertEqual(
            [
                'compute1 2026-11-28 03:14:00: 0 of 2 moved so far. '
                'Times are UTC.',
                '',
                'To be moved (1):',
                '- server web-2: compute1, live migration',
                '',
                'Moving now (1):',
                '- server web-1: compute1 -> c2, live migration, '
                'since 2026-11-28 03:14:00',
            ],
            self.told(runs, fakes.action('web-2'), state='ONGOING'),
        )

    def test_no_work_is_told_of_a_plan_that_was_never_started(self):
        self.assertEqual(
            '- server web-1: the move was not started',
            self.told(fakes.action('web-1'), state='SUPERSEDED')[-1],
        )

    def test_why_it_was_not_moved(self):
        self.assertEqual(
            [
                'compute1 2026-11-28 03:14:00: 0 of 3 moved. Times are UTC.',
                '',
                'Not moved (3):',
                '- server web-1: there was no room for it elsewhere',
                '- server web-2: the move was not started',
                '- server web-3: the operators left it out',
            ],
            self.told(
                fakes.action(
                    'web-1',
                    state='FAILED',
                    message='Action failed in execute: No valid host',
                ),
                fakes.action('web-2', state='CANCELLED'),
                fakes.action(
                    'web-3',
                    state='SKIPPED',
                    message='Action skipped by user. Reason: ask Ann',
                ),
                state='CANCELLED',
            ),
        )

    def test_hosts_that_were_disabled_are_no_concern_of_theirs(self):
        parsed = Parsed(rendered(ended_plans.host('c1', 'disabled')))
        self.assertNotIn('pre', parsed.texts)
