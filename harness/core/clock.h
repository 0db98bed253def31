/* SPDX-License-Identifier: MIT
 *
 * clock.h - time stamps for measuring: the TSC, calibrated against CLOCK_MONOTONIC.
 */
#ifndef HY_CLOCK_H
#define HY_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
static inline uint64_t hy_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Nanoseconds of processor time that this process has had: others on the machine do not lengthen it. */
static inline uint64_t hy_now_busy(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* A cheap tick.  rdtsc is not ordered with its neighbours; a measured operation of 5 ns and more hides that.  By the
 * compiler's own name: <x86intrin.h> is 30 000 lines, which would take longer to read than what includes this. */
static inline uint64_t hy_ticks(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return hy_now();
#endif
}

/* Nanoseconds in one tick, measured over `milliseconds` (20 gives about 1 part in 10^4). */
double hy_tick_length(unsigned milliseconds);

/* The cost of one time stamp in ticks: the mean over many in a row, so that a clock that moves in steps does not
 * round it. */
double hy_tick_overhead(void);

/* The least difference above 0, in ticks, that two time stamps in a row often have (one time in a hundred): what is
 * shorter cannot be told from it. */
uint64_t hy_tick_step(void);

#endif
