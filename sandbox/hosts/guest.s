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

# A guest in one boot sector: makes its memory worth copying, then sleeps,
# woken by the BIOS timer 18.2 times a second.  Where DIRTY is 1 it writes to
# half of its memory each time.  On the serial port it says R when its memory
# is filled, and a dot a second while it lives.

        .equ    MIB, 0x100000           # where the memory to be used begins
        .equ    PAGE, 4096
        .equ    COM1, 0x3f8
        .equ    A20_PORT, 0x92
        .equ    TICKS, 18               # in a second

        .code16
        .globl  _start
_start: cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $_start, %sp

        # Memory from 1 to 16 MiB in KiB (%cx), above that in 64 KiB (%dx).
        movw    $0xe801, %ax
        int     $0x15
        movzwl  %cx, %ecx
        shll    $10, %ecx
        movzwl  %dx, %edx
        shll    $16, %edx
        addl    %edx, %ecx
        movl    %ecx, size

        inb     $A20_PORT, %al          # else each odd MiB is the one below
        orb     $2, %al
        outb    %al, $A20_PORT

        # Pages of zeros are not copied, and equal ones might be merged.
        call    flat
        movl    $MIB, %edi
fill:   movl    %edi, %es:(%edi)
        addl    $PAGE, %edi
        subl    $PAGE, %ecx
        ja      fill
        movb    $'R', %al
        call    say

        xorl    %ebp, %ebp
second: movw    $TICKS, %si
tick:   sti
        hlt
        cli
        .if     DIRTY
        call    flat
        incl    %ebp
        movl    $MIB, %edi
        movl    size, %ecx
        shrl    $1, %ecx
dirty:  movl    %ebp, %es:4(%edi)
        addl    $PAGE, %edi
        subl    $PAGE, %ecx
        ja      dirty
        .endif
        decw    %si
        jnz     tick
        movb    $'.', %al
        call    say
        jmp     second

say:    movw    $COM1, %dx
        outb    %al, %dx
        ret

# Gives %es all of the memory: a limit loaded in protected mode stays in real
# mode, until the BIOS loads another one.
flat:   lgdt    table
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        movw    $8, %bx
        movw    %bx, %es
        andb    $0xfe, %al
        movl    %eax, %cr0
        xorw    %bx, %bx
        movw    %bx, %es
        ret

        .align  8
descriptors:
        .quad   0
        .quad   0x00cf92000000ffff      # data, from 0 to 4 GiB
table:  .word   . - descriptors - 1
        .long   descriptors
size:   .long   0

        .org    446                     # the partition table begins
