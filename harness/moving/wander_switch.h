/* SPDX-License-Identifier: MIT
 *
 * wander_switch.h - from the host's stack to the wanderer's and back, x86-64 only.
 */
#ifndef HY_WANDER_SWITCH_H
#define HY_WANDER_SWITCH_H

#include <stdint.h>

/* What a function keeps over a call, by the x86-64 ABI: all that the wanderer has while it stands at a safepoint.  Its
 * program counter is on top of its stack. */
typedef struct hy_wander_registers {
    uint64_t sp, bp, bx, r12, r13, r14, r15;
} hy_wander_registers;

#define HY_WANDER_REGISTERS (sizeof(hy_wander_registers) / sizeof(uint64_t))
#define HY_WANDER_ENDED UINT64_MAX /* instead of a call: the main function returned */

/* The one wanderer of this process, and what it said last. */
extern hy_wander_registers hy_wander_at;
extern uint64_t hy_wander_argument; /* of its call; at the end its answer */

/* Goes on at hy_wander_at, where `value` is what its call returns; comes back with its next call. */
uint64_t hy_wander_go_on(uint64_t value);

/* Calls a function of the wanderer's on our own stack, with a trap (SIGTRAP) behind each instruction. */
uint64_t hy_wander_step(uint64_t function, uint64_t argument);

/* The addresses to give it: of its host function, and what its main function returns to. */
void hy_wander_host(void);
void hy_wander_end(void);

#endif
