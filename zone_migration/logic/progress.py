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

"""How long a move may go on without any sign of it."""

#: Megabytes in a gigabyte.
_MB = 1024


def patience(
    retry: int, retry_interval: float, silent_gb: int, slowest_copy: float
) -> float:
    """Seconds without any change after which a move has stopped.

    Neither Nova nor Cinder show any progress while a local disk or a volume
    is copied, so such a move gets the time that its copy may take at worst,
    besides the usual patience: to give up a copy that goes on would call a
    volume failed that arrives later, and free its slots too early.

    >>> patience(120, 5.0, silent_gb=0, slowest_copy=10.0)
    600.0
    >>> patience(120, 5.0, silent_gb=500, slowest_copy=10.0)
    51800.0

    :param silent_gb: how many GB are copied without a sign of it.
    :param slowest_copy: the slowest copy to expect, in MB a second.
    """
    return retry * retry_interval + silent_gb * _MB / slowest_copy
