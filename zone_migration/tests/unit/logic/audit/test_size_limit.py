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

import itertools
import json
import uuid

import jsonschema
from oslo_serialization import jsonutils
import testtools
from watcher.common import exception as watcher_exception
from watcher.common import utils as watcher_utils

from zone_migration.logic.audit import column_shares
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import size_limit

#: As Watcher's API reads it from its database.
STORED = json.loads(json.dumps(schema.SCHEMA))


def ids(count):
    return [str(uuid.UUID(int=number)) for number in range(count)]


def servers(count, **members):
    return {
        'params': {
            'vm': {i: {'status': 'active', **members} for i in ids(count)}
        }
    }


def watcher_refusal(document):
    """What Watcher's API answers; None when it accepts."""
    try:
        watcher_utils.StrictDefaultValidatingDraft4Validator(STORED).validate(
            document
        )
    except (
        jsonschema.ValidationError,
        watcher_exception.AuditParameterNotAllowed,
    ) as error:
        return str(error)
    return None


def spellings(size):
    """Names as long as the rule lets one of so many bytes be."""
    yield 'x' * min(size, 255)
    yield '\u3042' * min(size // 6, 255)
    yield '\U0001f5c4' * min(size // 12, 255)


def largest(make, sizes, shares, cost):
    """The longest JSON of a list in so many shares, as the rule counts.

    :param make: gives the list for a count, a size and a name.
    """
    return max(
        (
            make(int(shares * column_shares.SHARE // cost(*size)), size, name)
            for size in sizes
            for name in spellings(size[-1])
        ),
        key=lambda made: len(json.dumps(made)),
    )


def some_servers(count, size, name):
    members = {
        'status': 'shutoff',
        'dst_hostname': name,
        'src_hostname': name,
        'force': False,
    }
    keys = list(members)[: size[0]]
    return {i: {key: members[key] for key in keys} for i in ids(count)}


def some_volumes(count, size, name):
    members = {
        'status': 'in-use' if size[0] == 1 else 'available',
        'dst_hostname': name,
        'src_hostname': name,
        'dst_type': ' ',
    }
    keys = list(members)[: size[0]]
    return {i: {key: members[key] for key in keys} for i in ids(count)}


def some_entries(*keys):
    def make(count, size, name):
        return [dict.fromkeys(keys, name) if keys else name] * count

    return make


ENTRIES = {
    'compute_nodes': some_entries('src_node', 'dst_node'),
    'storage_pools': some_entries('src_pool', 'src_type', 'dst_pool'),
    'availability_zones': some_entries('src_zone', 'dst_node'),
    'aggregates': some_entries('src_aggregate', 'dst_node'),
}


def entries(path, shares, members, key):
    return largest(
        ENTRIES.get(path[0], some_entries()),
        [(size,) for size in column_shares.NAME_SIZES],
        shares,
        lambda size: column_shares.entry_bytes(members, key, size),
    )


def largest_document(row):
    """The longest document within a row of the allotments."""
    server_shares, volume_shares, nodes, pools, others = row
    document = {
        'params': {
            'vm': largest(
                some_servers,
                column_shares.ITEM_SIZES,
                server_shares,
                column_shares.item_bytes,
            ),
            'volume': largest(
                some_volumes,
                column_shares.ITEM_SIZES,
                volume_shares,
                column_shares.item_bytes,
            ),
        },
        'compute_nodes': entries(
            ('compute_nodes',), nodes, *column_shares.NODE
        ),
        'storage_pools': entries(
            ('storage_pools',), pools, *column_shares.POOL
        ),
        'exclude': {},
        'priority': {
            'compute': list(schema.SERVER_KEYS),
            'storage': list(schema.VOLUME_KEYS),
        },
    }
    for path, (part, entry) in column_shares.OTHER_LISTS.items():
        if path[0] not in schema.ENABLING:
            place = document[path[0]] if len(path) > 1 else document
            share = others * part / column_shares.PARTS
            place[path[-1]] = entries(path, share, *entry)
    for name, shown in schema.SCHEMA['properties'].items():
        if shown['type'] == 'integer':
            document[name] = shown['maximum']
        elif shown['type'] == 'boolean':
            document[name] = False
    return document


class FitsTest(testtools.TestCase):
    def test_longest_document_of_each_row_fits_in_the_column(self):
        for row in column_shares.ALLOTMENTS:
            document = largest_document(row)
            self.assertIsNone(watcher_refusal(document), row)
            self.assertLessEqual(
                len(jsonutils.dumps(document)), column_shares.COLUMN, row
            )

    def test_longest_list_of_what_is_enabled_fits(self):
        shares = max(row[-1] for row in column_shares.ALLOTMENTS)
        for name in schema.ENABLING:
            (part, entry) = column_shares.OTHER_LISTS[name,]
            share = shares * part / column_shares.PARTS
            document = {name: entries((name,), share, *entry)}
            self.assertIsNone(watcher_refusal(document))
            self.assertLessEqual(
                len(jsonutils.dumps(document)), column_shares.COLUMN
            )

    def test_members_of_an_item_take_no_more_than_is_counted(self):
        for make in (some_servers, some_volumes):
            for members, size in itertools.product((1, 2, 3, 4), (12, 40)):
                one, two = (
                    len(json.dumps(make(count, (members, size), 'x' * size)))
                    for count in (1, 2)
                )
                self.assertLessEqual(
                    two - one, column_shares.item_bytes(members, size)
                )

    def test_lists_that_the_documents_promise_are_accepted(self):
        for document in (
            servers(930),
            servers(620, dst_hostname=''),
            servers(480, dst_hostname='h' * 40),
            servers(325, dst_hostname='h' * 40, src_hostname='h' * 40),
            {
                'params': {
                    **servers(200, dst_hostname='h' * 20)['params'],
                    'volume': {
                        i: {'status': 'available', 'dst_hostname': 'h' * 40}
                        for i in ids(150)
                    },
                },
                'compute_nodes': [{'src_node': 'h' * 40}] * 20,
                'priority': {'project': ids(4)},
            },
            {
                'compute_nodes': [{'src_node': 'h' * 40, 'dst_node': 'h' * 40}]
                * 340,
                'exclude': {'servers': ids(60)},
            },
            {
                'storage_pools': [{'src_pool': 'h' * 40, 'dst_pool': 'h' * 40}]
                * 200,
            },
            {
                'aggregates': ['a'] * 10,
                'exclude': {'servers': ids(270), 'volumes': ids(130)},
            },
            {
                'storage_pools': [
                    {'src_pool': 'p', 'dst_type': '\u9ad8\u901f'}
                ]
                * 9
            },
        ):
            self.assertIsNone(
                watcher_refusal(document), json.dumps(document)[:80]
            )


class RefusedTest(testtools.TestCase):
    def test_one_sentence_names_the_limit_and_the_selectors(self):
        for count in (1_100, 2_000):
            refusal = watcher_refusal(servers(count))
            self.assertEqual(
                'Audit parameter lists that can exceed the 65,535 bytes that '
                'Watcher keeps of an audit (give compute_nodes, '
                'availability_zones, aggregates or storage_pools in place of '
                'ids, globs in place of names, or make several audits) are '
                'not allowed',
                refusal,
            )

    def test_any_list_that_is_too_long_is_refused(self):
        many = 3_000
        for document in (
            {
                'params': {
                    'volume': {i: {'status': 'in-use'} for i in ids(many)}
                }
            },
            {'compute_nodes': [{'src_node': 'c'}] * many},
            {'storage_pools': [{'src_pool': 'p', 'dst_pool': 'q'}] * many},
            {'aggregates': ['a'] * many},
            {'availability_zones': ['a'] * many},
            {'enable_compute_nodes': ['c'] * many},
            *(
                {'aggregates': ['a'], name: {key: ['x'] * many}}
                for name, key in (
                    ('exclude', 'servers'),
                    ('exclude', 'volumes'),
                    ('exclude', 'projects'),
                    ('priority', 'project'),
                    ('priority', 'compute_node'),
                    ('priority', 'storage_pool'),
                )
            ),
            servers(300, dst_hostname='\u3042' * 40),
        ):
            self.assertIn(
                size_limit.TOO_LONG,
                watcher_refusal(document) or '',
                json.dumps(document)[:80],
            )

    def test_every_list_of_the_schema_is_counted(self):
        counted = {'compute_nodes', 'storage_pools', 'params'} | {
            path[0] for path in column_shares.OTHER_LISTS
        }
        self.assertEqual(
            {
                name
                for name, shown in schema.SCHEMA['properties'].items()
                if shown['type'] not in ('boolean', 'integer')
            },
            counted,
        )

    def test_any_validator_of_draft_4_refuses_it(self):
        # A Watcher whose validator fills in no defaults says it at length.
        errors = list(
            jsonschema.Draft4Validator(STORED).iter_errors(servers(2_000))
        )
        self.assertEqual(
            [f'{size_limit.TOO_LONG} are not allowed'],
            [error.schema['description'] for error in errors],
        )

    def test_audit_that_was_kept_can_be_planned(self):
        self.assertEqual(1_035, len(parsing.parse(servers(1_035)).servers))

    def test_schema_itself_fits_in_its_column(self):
        self.assertLess(
            len(jsonutils.dumps(schema.SCHEMA)), column_shares.COLUMN
        )
