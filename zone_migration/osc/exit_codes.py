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

"""The exit codes of the commands.

Those of errors, 1 and 2, are cliff's own: an error that was told, and
arguments that are not understood.
"""

#: All that was asked for can be, or has been, done.
OK = 0
#: The options do not fit each other; as argparse for those of its own.
USAGE = 2
#: Some of it cannot be, or has not been, done.
INCOMPLETE = 3
#: The plan was cancelled.
CANCELLED = 4
#: The view was left with Control-C; the plan goes on.
LEFT = 130
