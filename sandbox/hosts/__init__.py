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

"""Hosts that run real guests: libvirt and QEMU, each in its own namespaces.

A host is a network, mount, UTS and PID namespace with its own libvirtd, made
by ``namespaces``; all hosts hang on one bridge, in a network namespace of its
own, and are nowhere else to be seen.  Nova's services stay outside: a
nova-compute talks to the libvirtd of its host through a socket in the state
directory.
"""
