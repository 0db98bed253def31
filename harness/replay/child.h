/* SPDX-License-Identifier: MIT
 *
 * child.h - one measured child from fork to burial.
 */
#ifndef HY_CHILD_H
#define HY_CHILD_H

#include "layout.h"
#include "prepare.h"
#include "replay.h"
#include "self.h"
#include "store.h"
#include "suitable.h"

#include <signal.h>

typedef struct hy_child_order {
    const hy_prepared *prepared; /* the trace; or NULL, and */
    int program_fd;              /* a program */
    bool lanes;                  /* several threads: not pinned to a core */
    const char *spec;
    hy_pass pass;
    hy_self self; /* instead of the pass, if it is not 0 */
    hy_touch touch;
    double speed; /* of the open loop, in the latency pass; 0: one operation after the other */
    uint64_t seed;
    hy_layout layout;
    uint64_t yard;                     /* bytes, in the yard pass; else 0 */
    uint64_t yard_failures;            /* that pass ends after so many; 0: at the end of the trace */
    uint64_t most_bytes;               /* killed when its private memory passes this (and some) */
    uint64_t timeout;                  /* ns, without what it waits for windows */
    const volatile sig_atomic_t *stop; /* killed when this is not 0; may be NULL */
} hy_child_order;

/* Runs the child and fills in version, outcome, detail, figures, curves and buckets (hy_said_free).  Whatever the child
 * does is an outcome and no error: crash names the signal, timeout the time, no-room how far it got.
 * 0; -EINTR: stopped; -errno with the sentence: no child could be started. */
int hy_child_run(const hy_child_order *order, hy_cell_result *result, hy_error *error);

#endif
