/* SPDX-License-Identifier: MIT
 *
 * self_check.h - what the replayer costs, measured: a few cells in rounds, of the replayer and without it.
 *
 *   floor     throughput of `null`: everything but the allocator
 *   stamps    the latency pass on `null`, less the floor of the same round: what time stamps add
 *   stamp     the cost of one time stamp in a row of them
 *   observer  throughput of `system`, over that of a raw loop around the same malloc (raw.c), in the same round
 *   handover  what an object costs more because another thread gets it, if that one need not wait (handover.c)
 *
 * For an operation, in processor time but for the last, so that who shares the machine does not count.
 */
#ifndef HY_SELF_CHECK_H
#define HY_SELF_CHECK_H

#include "error.h"
#include "prepare.h"

#include <signal.h>

typedef enum hy_self_figure {
    HY_SELF_FLOOR,
    HY_SELF_STAMPS,
    HY_SELF_STAMP,
    HY_SELF_OBSERVER,
    HY_SELF_HANDED,
    HY_SELF_FIGURES
} hy_self_figure;

extern const char *const hy_self_names[HY_SELF_FIGURES + 1];

typedef struct hy_self_values {
    double *value[HY_SELF_FIGURES]; /* of each round; to be freed (hy_self_free) */
    size_t rounds;
} hy_self_values;

/* On a serial program of one window.  0; -EINTR: stopped; -errno with the sentence, also if a cell ended badly. */
int hy_self_check(const hy_prepared *trace, size_t rounds, uint64_t seed, const volatile sig_atomic_t *stop,
                  hy_self_values *ret_values, hy_error *error);
void hy_self_free(hy_self_values *values);

#endif
