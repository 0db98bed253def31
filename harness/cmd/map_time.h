/* SPDX-License-Identifier: MIT
 *
 * map_time.h - a heap over time: address against allocation clock, coloured by what is live, free and metadata.
 */
#ifndef HY_MAP_TIME_H
#define HY_MAP_TIME_H

#include "error.h"
#include "heapyard.h"

/* Replays the trace on the heap and draws `picture`, which ends with .svg or .png; its data are left beside it as .dat.
 * 0 or -errno with the sentence. */
int hy_map_over_time(const char *trace, hy_heap *heap, const char *picture, uint64_t *ret_refused, hy_error *error);

/* The ending of a picture's name, or NULL: neither svg nor png. */
const char *hy_map_ending(const char *picture);

#endif
