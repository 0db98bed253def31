/* SPDX-License-Identifier: MIT
 *
 * ageing.h - what becomes of a memory as programs come and go for long.
 *
 * The arrivals are those of a queue without waiting: programs come at random (the times between them are exponential,
 * 1 on average), stay for exponential times, and go away for good if there is no room.  `load` says how much of the
 * memory they would take if all were let in, so it settles how long they stay.
 */
#ifndef HY_AGEING_H
#define HY_AGEING_H

#include "memory.h"

typedef struct hy_ageing_rule {
    uint64_t programs; /* that arrive */
    double load;       /* of the memory's size */
    uint64_t seed;
    const uint64_t
        *sizes; /* sizes are drawn from these, each as likely as the others; NULL: exponential, with `mean` */
    size_t size_count;
    uint64_t mean;
    unsigned windows; /* results are kept apart for so many parts of the stream */
} hy_ageing_rule;

/* One window, or the second half of all.  Shares and counts of holes are means of samples taken after arrivals. */
typedef struct hy_ageing {
    uint64_t arrived, admitted;
    uint64_t refused, external; /* external: although as much was free */
    double scanned;             /* blocks (partitions) or holes (fit) looked at for each request */
    double live, holes, slivers;
    double used;               /* share of the memory that programs asked for and have */
    double internal, fragment; /* by fragmentation.h: internal, external */
} hy_ageing;

/* A hole smaller than this is a sliver: nine of ten programs are larger. */
uint64_t hy_ageing_sliver(const hy_ageing_rule *rule);

/* Lets a memory age.  `ret` has rule->windows entries.  0 or -errno with the sentence. */
int hy_age(const hy_ageing_rule *rule, hy_memory *memory, hy_ageing *ret, hy_error *error);

/* Windows from `first` on as one. */
hy_ageing hy_ageing_sum(const hy_ageing *windows, size_t first, size_t count);

#endif
