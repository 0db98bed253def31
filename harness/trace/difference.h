/* SPDX-License-Identifier: MIT
 *
 * difference.h - where two traces part.
 */
#ifndef HY_DIFFERENCE_H
#define HY_DIFFERENCE_H

#include "trace.h"

typedef struct hy_difference {
    bool differ;
    uint64_t number;   /* of the first event that is not the same in both, from 0 */
    bool a_has, b_has; /* false: that trace has ended there */
    hy_event a, b;
} hy_difference;

/* Compares event by event; times are left out of it unless `times`.  0 or -errno with the sentence. */
int hy_trace_difference(const char *a, const char *b, bool times, hy_difference *ret, hy_error *error);

#endif
