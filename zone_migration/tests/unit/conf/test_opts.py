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

import io
import pathlib
import re

import fixtures
from oslo_config import cfg
from oslo_config import generator
from watcher.decision_engine.loading import default as engine_loading

from zone_migration import conf
from zone_migration.conf import opts
from zone_migration.conf import planner
from zone_migration.tests.unit import base

#: As the README of 2017 gives it.
WEIGHTS = (
    'my_message: 0, nop: 0, sleep: 0, live_migration: 0, '
    'cold_migration: 0,volume_migration: 0, volume_update: 0'
)


class OptionsTest(base.TestCase):
    def test_sections_are_those_that_are_read(self):
        self.assertEqual(
            [
                'zone_migration',
                'watcher_planners.default',
                'watcher_workflow_engines.parallel',
            ],
            [getattr(group, 'name', group) for group, _ in opts.list_opts()],
        )

    def test_defaults_of_2017_hold(self):
        section = conf.CONF.zone_migration
        self.assertEqual((120, 5), (section.retry, section.retry_interval))

    def test_each_option_has_a_help_for_the_operator(self):
        for _group, options in opts.list_opts():
            for option in options:
                self.assertGreater(
                    len(option.help.strip()), 60, option.name
                )

    def test_zero_is_explained_where_it_is_allowed(self):
        for _group, options in opts.list_opts():
            for option in options:
                if getattr(option.type, 'min', None) == 0:
                    self.assertIn('0 means', option.help)

    def test_seconds_are_named_where_they_are_meant(self):
        for _group, options in opts.list_opts():
            for option in options:
                if option.name.endswith('interval'):
                    self.assertIn('econds', option.help)

    def test_nonsense_is_refused(self):
        for name, value in (
            ('retry', 0),
            ('retry_interval', 0),
            ('poll_interval', 0),
            ('on_no_progress', 'hope'),
        ):
            self.assertRaises(
                (ValueError, cfg.ConfigFileValueError),
                conf.CONF.set_override,
                name,
                value,
                'zone_migration',
            )

    def test_generator_prints_every_option_with_its_help(self):
        printed = io.StringIO()
        config = cfg.ConfigOpts()
        generator.register_cli_opts(config)
        config(
            ['--namespace', 'zone_migration'], default_config_files=[]
        )
        generator.generate(config, printed)
        text = printed.getvalue()
        for group, options in opts.list_opts():
            self.assertIn(f'[{getattr(group, "name", group)}]', text)
            for option in options:
                self.assertTrue(
                    re.search(f'^#?{option.dest} =', text, re.MULTILINE),
                    option.name,
                )
                first = option.help.split()[:3]
                self.assertIn(' '.join(first), text)


class WeightsTest(base.TestCase):
    def parse(self, text):
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        path /= 'watcher.conf'
        path.write_text(f'[{planner.GROUP}]\nweights = {text}\n')
        config = cfg.ConfigOpts()
        config.register_opts(planner.OPTS, group=planner.GROUP)
        config(['--config-file', str(path)])
        return config[planner.GROUP].weights

    def test_weights_of_the_2017_readme_are_understood(self):
        self.assertEqual(
            {
                'my_message': '0',
                'nop': '0',
                'sleep': '0',
                'live_migration': '0',
                'cold_migration': '0',
                'volume_migration': '0',
                'volume_update': '0',
            },
            self.parse(WEIGHTS),
        )

    def test_without_weights_all_are_equal(self):
        made = engine_loading.DefaultPlannerLoader().load('default')
        self.assertEqual({}, made.config.weights)
