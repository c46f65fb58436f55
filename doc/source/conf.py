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

"""How Sphinx builds the documentation."""

extensions = [
    'cliff.sphinxext',
    'openstackdocstheme',
    'oslo_config.sphinxconfiggen',
    'oslo_config.sphinxext',
]

project = 'zone_migration'
copyright = 'zone_migration contributors'

root_doc = 'index'
html_theme = 'openstackdocs'
html_static_path = ['_static']
pygments_style = 'native'

# Not on opendev.org: no link to a repository or to a bug tracker there.
openstackdocs_auto_name = False
openstackdocs_use_storyboard = False
openstackdocs_bug_project = ''
openstackdocs_projects = ['cinder', 'nova', 'watcher']

# Read from the options themselves, so that the sample cannot be outdated.
config_generator_config_file = [
    ('config-generator.conf', '_static/zone_migration'),
]
