/* SPDX-License-Identifier: MIT
 *
 * miss_curve.h - how faults fall as frames are added, and where that stops being worth it.
 *
 *   lifetime   references from fault to fault, in the mean (L. A. Belady and C. J. Kuehner, 1969)
 *   knee       the number of frames at which lifetime / frames is largest: there a line from the origin touches the
 *              lifetime curve.  That is where frames × faults is least: with fewer frames faults grow faster than
 *              frames are saved.  P. J. Denning and K. C. Kahn, A study of program locality and lifetime functions,
 *              SOSP 1975.
 *   thrashing  with so few frames the program waits longer for pages that it had before than it runs.  P. J. Denning,
 *              Thrashing: its causes and prevention, AFIPS 1968.
 */
#ifndef HY_MISS_CURVE_H
#define HY_MISS_CURVE_H

#include "page_trace.h"
#include "pagers.h"

#define HY_MISS_POINTS_MOST 64u

typedef struct hy_miss_point {
    uint32_t frames;
    uint64_t faults, writebacks;
} hy_miss_point;

typedef struct hy_miss_curve {
    hy_miss_point point[HY_MISS_POINTS_MOST]; /* by frames, rising */
    size_t points;
    uint64_t references, cold;
} hy_miss_curve;

/* From 1 to all pages, each half as much again as the one before, as whole numbers.  Returns how many. */
size_t hy_miss_frames(uint32_t pages, uint32_t ret_frames[HY_MISS_POINTS_MOST]);

/* `frames` rise.  0 or -errno with the sentence. */
int hy_miss_curve_make(const hy_pager_choice *pager, const hy_page_refs *refs, const uint32_t *frames, size_t count,
                       hy_miss_curve *ret, hy_error *error);

/* The index of the knee among the points; of equal ones the first. */
size_t hy_miss_knee(const hy_miss_curve *curve);

/* The least frames from which on there is no thrashing, if a fault takes `fault_time` and a reference `reference_time`;
 * 0: none of the points is enough. */
uint32_t hy_miss_enough(const hy_miss_curve *curve, double fault_time, double reference_time);

/* Faults of lru for every number of frames at once, by stack distances (Mattson and others, 1970): ret_faults[f] for f
 * from 0 to refs->pages, pages + 1 entries.  0 or -errno with the sentence. */
int hy_lru_faults(const hy_page_refs *refs, uint64_t *ret_faults, hy_error *error);

#endif
