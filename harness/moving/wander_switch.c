/* SPDX-License-Identifier: MIT
 *
 * wander_switch.c - see wander_switch.h.
 *
 * Each side calls the other as a function.  What the caller must find again is pushed on the host's stack, or put into
 * hy_wander_at, where it can be mended.
 */
#include "wander_switch.h"

/* The assembly below uses them, which no compiler sees. */
#define OF_ASSEMBLY __attribute__((used, visibility("hidden")))

OF_ASSEMBLY hy_wander_registers hy_wander_at;
OF_ASSEMBLY uint64_t hy_wander_argument;
OF_ASSEMBLY uint64_t hy_wander_host_sp;

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl hy_wander_go_on\n"
        ".type hy_wander_go_on, @function\n"
        "hy_wander_go_on:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov %rsp, hy_wander_host_sp(%rip)\n"
        "    lea hy_wander_at(%rip), %rdx\n"
        "    mov 0(%rdx), %rsp\n"
        "    mov 8(%rdx), %rbp\n"
        "    mov 16(%rdx), %rbx\n"
        "    mov 24(%rdx), %r12\n"
        "    mov 32(%rdx), %r13\n"
        "    mov 40(%rdx), %r14\n"
        "    mov 48(%rdx), %r15\n"
        "    mov %rdi, %rax\n"
        "    ret\n" /* to where the wanderer called */
        ".size hy_wander_go_on, . - hy_wander_go_on\n"

        ".globl hy_wander_end\n"
        ".type hy_wander_end, @function\n"
        "hy_wander_end:\n"
        "    mov %rax, %rsi\n"
        "    mov $-1, %rdi\n"
        "    push $0\n" /* in place of a return address: nobody goes on from here */
        ".globl hy_wander_host\n"
        ".type hy_wander_host, @function\n"
        "hy_wander_host:\n"
        "    lea hy_wander_at(%rip), %rdx\n"
        "    mov %rsp, 0(%rdx)\n"
        "    mov %rbp, 8(%rdx)\n"
        "    mov %rbx, 16(%rdx)\n"
        "    mov %r12, 24(%rdx)\n"
        "    mov %r13, 32(%rdx)\n"
        "    mov %r14, 40(%rdx)\n"
        "    mov %r15, 48(%rdx)\n"
        "    mov %rsi, hy_wander_argument(%rip)\n"
        "    mov %rdi, %rax\n"
        "    mov hy_wander_host_sp(%rip), %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size hy_wander_host, . - hy_wander_host\n"

        ".globl hy_wander_step\n"
        ".type hy_wander_step, @function\n"
        "hy_wander_step:\n"
        "    mov %rdi, %rax\n"
        "    mov %rsi, %rdi\n"
        "    pushfq\n"
        "    orq $0x100, (%rsp)\n" /* the trap flag */
        "    popfq\n"
        "    sub $8, %rsp\n"
        "    call *%rax\n"
        "    add $8, %rsp\n"
        "    pushfq\n"
        "    andq $~0x100, (%rsp)\n"
        "    popfq\n"
        "    ret\n"
        ".size hy_wander_step, . - hy_wander_step\n");
#else
uint64_t hy_wander_step(uint64_t function, uint64_t argument) {
    return function + argument;
}
uint64_t hy_wander_go_on(uint64_t value) {
    return value;
}
void hy_wander_host(void) {
}
void hy_wander_end(void) {
}
#endif
