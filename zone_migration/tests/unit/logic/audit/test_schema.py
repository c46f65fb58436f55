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

import jsonschema
import testtools
from watcher.common import utils as watcher_utils
from watcher.decision_engine.strategy import strategies

from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import schema
from zone_migration.tests.unit.logic.audit import builders
from zone_migration.tests.unit.logic.audit import refused_documents

#: Keywords that refuse something; the others only lead to them.
ASSERTIONS = {
    'type',
    'enum',
    'pattern',
    'maxLength',
    'required',
    'additionalProperties',
    'minimum',
    'maximum',
    'minItems',
    'uniqueItems',
    'minProperties',
    'maxProperties',
    'anyOf',
    'not',
}

#: A rule's alternative repeats "object" of the item that it is part of; the
#: alternative beside it lets everything through that is none.
UNREACHABLE = {
    'patternProperties/^params$/patternProperties/^vm$/patternProperties/'
    'UUID/allOf/0/anyOf/1/type',
}


class SchemaTest(testtools.TestCase):
    def test_schema_is_draft_4(self):
        self.assertIsNone(
            jsonschema.Draft4Validator.check_schema(schema.SCHEMA)
        )

    def test_each_keyword_is_one_of_draft_4(self):
        known = set(jsonschema.Draft4Validator.VALIDATORS) | {
            '$schema',
            'description',
        }
        self.assertEqual(
            set(),
            {k for _, s in _subschemas(schema.SHAPE, ()) for k in s} - known,
        )

    def test_properties_stand_at_the_top_only(self):
        # Watcher's validator calls .keys() on whatever it finds there.
        self.assertEqual(
            [()],
            [
                path
                for path, schema in _subschemas(schema.SHAPE, ())
                if 'properties' in schema
            ],
        )

    def test_nothing_has_a_default(self):
        # Watcher would write it into the audit, and it would be executed.
        self.assertEqual(
            [],
            [
                path
                for path, schema in _subschemas(schema.SHAPE, ())
                if 'default' in schema
            ],
        )


class WatcherTest(testtools.TestCase):
    """What Watcher does with the schema."""

    def test_watcher_refuses_all_that_the_schema_refuses(self):
        for document, _path, _text in refused_documents.REFUSED:
            self.assertTrue(builders.watcher_refuses(document), document)

    def test_each_keyword_of_the_schema_refuses_something(self):
        broken = set()
        validator = jsonschema.Draft4Validator(schema.SHAPE)
        refused = [
            [],
            *(row[0] for row in refused_documents.REFUSED),
            *refused_documents.REFUSED_TWICE,
        ]
        for document in refused:
            todo = list(validator.iter_errors(document))
            while todo:
                error = todo.pop()
                broken.add(_spelt(error.absolute_schema_path))
                todo += error.context or ()
        self.assertEqual(
            set(_keywords(schema.SHAPE, ())) - UNREACHABLE, broken
        )

    def test_watcher_says_in_a_few_words_that_params_name_nothing(self):
        for nothing in ({}, {'vm': {}}):
            error = self.assertRaises(
                jsonschema.ValidationError,
                builders.validate_as_watcher,
                {'params': nothing},
            )
            self.assertIn(refused_documents.NAMELESS, str(error))
            self.assertIn("instance['params']", str(error))
            self.assertLess(len(str(error)), 600)

    def test_watcher_tells_the_wrong_id_without_those_beside_it(self):
        item = {'status': 'active'}
        error = self.assertRaises(
            jsonschema.ValidationError,
            builders.validate_as_watcher,
            {
                'params': {
                    'vm': {builders.S1: item, 'one': item, builders.S2: item}
                }
            },
        )
        self.assertIn("instance['params']['vm']['one']", str(error))
        self.assertNotIn(builders.S1, str(error))

    def test_what_watchers_own_strategy_takes_is_taken_word_for_word(self):
        document = {
            'compute_nodes': [
                {'src_node': 'w012', 'dst_node': 'w022'},
                {'src_node': 'w013', 'dst_node': ''},
                {'src_node': 'w014'},
            ],
            'storage_pools': [
                {
                    'src_pool': 'src1@back1#pool1',
                    'dst_pool': 'dst1@back1#pool1',
                    'src_type': 'src1_type',
                },
                {'src_pool': 'src1@back2#pool1', 'dst_type': 'dst1_type'},
            ],
            'parallel_total': 6,
            'parallel_per_node': 2,
            'parallel_per_pool': 2,
            'priority': {
                'project': ['pj1'],
                'compute_node': ['compute1', 'compute2'],
                'compute': 'vcpu_num',
                'storage_pool': ['pool1', 'pool2'],
                'storage': 'size',
            },
            'with_attached_volume': False,
        }
        theirs = strategies.ZoneMigration.get_schema()
        watcher_utils.StrictDefaultValidatingDraft4Validator(theirs).validate(
            document
        )
        self.assertLessEqual(
            set(theirs['properties']), set(schema.SCHEMA['properties'])
        )
        self.assertFalse(builders.watcher_refuses(document))
        self.assertEqual(3, len(parsing.parse(document).compute))


def _subschemas(schema, path):
    """Each subschema with its path."""
    yield path, schema
    for word in ('properties', 'patternProperties'):
        for name, inner in schema.get(word, {}).items():
            yield from _subschemas(inner, (*path, word, name))
    for word in ('allOf', 'anyOf'):
        for index, inner in enumerate(schema.get(word, ())):
            yield from _subschemas(inner, (*path, word, index))
    for word in ('not', 'items', 'additionalProperties'):
        if schema.get(word):
            yield from _subschemas(schema[word], (*path, word))


def _keywords(schema, path):
    """The paths of all keywords that refuse something by themselves."""
    for place, inner in _subschemas(schema, path):
        if 'not' not in place:
            for word in ASSERTIONS & set(inner):
                if word != 'additionalProperties' or not inner[word]:
                    yield _spelt((*place, word))


def _spelt(path):
    return '/'.join(
        'UUID' if '[0-9a-f' in str(part) else str(part) for part in path
    ).replace('(?!\\n)', '')
