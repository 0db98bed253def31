# SPDX-License-Identifier: MIT
# types.s - every relocation type that a linker of programs takes, so that `reloc diff` compares each with GNU ld.
# (R_X86_64_8, 16, PC8 and PC16 fit no real address; test_reloc.c has them.)
        .text
        .globl here
        .type here, @function
here:   call outside                            # PLT32
        jne outside
        lea outside(%rip), %rax                 # PC32
        mov data+8(%rip), %eax
        mov $data, %rax                         # 32S
        mov $data, %eax                         # 32
        movabs $data, %rax                      # 64
        call *outside@GOTPCREL(%rip)            # GOTPCRELX
        mov outside@GOTPCREL(%rip), %rax        # REX_GOTPCRELX
        add second@GOTPCREL(%rip), %r9
        push here@GOTPCREL(%rip)
        movabs $data@GOT, %rax                  # GOT64
        movabs $data@GOTOFF, %rax               # GOTOFF64
        movabs $outside@PLTOFF, %rax            # PLTOFF64
        lea _GLOBAL_OFFSET_TABLE_(%rip), %rbx   # GOTPC32
        movabs $_GLOBAL_OFFSET_TABLE_-here, %r11 # GOTPC64
        mov $array@SIZE, %eax                   # SIZE32
        movabs $array@SIZE, %rax                # SIZE64
        .byte 0x66                              # TLSGD
        lea mine@tlsgd(%rip), %rdi
        .value 0x6666
        rex64
        call __tls_get_addr@PLT
        .byte 0x66
        lea theirs@tlsgd(%rip), %rdi
        .byte 0x66
        rex64
        call *__tls_get_addr@GOTPCREL(%rip)
        lea mine@tlsld(%rip), %rdi              # TLSLD
        call __tls_get_addr@PLT
        lea mine@dtpoff(%rax), %rcx             # DTPOFF32
        lea mine@tlsld(%rip), %rdi
        call *__tls_get_addr@GOTPCREL(%rip)
        lea mine@tlsld(%rip), %rdi              # both in the large model
        movabs $__tls_get_addr@PLTOFF, %rax
        add %rbx, %rax
        call *%rax
        lea theirs@tlsgd(%rip), %rdi
        movabs $__tls_get_addr@PLTOFF, %rax
        add %r15, %rax
        call *%rax
        lea theirs@tlsdesc(%rip), %rax          # GOTPC32_TLSDESC
        call *theirs@tlscall(%rax)              # TLSDESC_CALL
        mov %fs:mine@tpoff, %eax                # TPOFF32
        mov theirs@gottpoff(%rip), %rax         # GOTTPOFF
        mov theirs@gottpoff(%rip), %r15
        add mine@gottpoff(%rip), %rsp
        add mine@gottpoff(%rip), %r12
        add mine@gottpoff(%rip), %rbp
        add mine@gottpoff(%rip), %r8
        ret
        .data
data:   .quad outside - 5                       # 64
        .long data + 3                          # 32
        .long array@GOTPCREL + 4                # GOTPCREL
        .quad third@GOTPCREL                    # GOTPCREL64
        .quad outside - .                       # PC64
        .long outside - .                       # PC32
        .quad mine@tpoff                        # TPOFF64
        .globl array
        .size array, 24
array:  .zero 24
        .section .rodata, "a"
        .quad here, data
        .section .tdata, "awT"
        .globl mine
        .long 7
        .type mine, @object
        .size mine, 4
mine:   .long 42
        .section .tbss, "awT", @nobits
        .zero 20
        .comm shared, 40, 32
        .text
        lea shared(%rip), %rdx
        .section .note.GNU-stack, "", @progbits
