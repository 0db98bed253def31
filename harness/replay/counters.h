/* SPDX-License-Identifier: MIT
 *
 * counters.h - what an allocator counted by itself (hy_stats), as figures of a cell.
 */
#ifndef HY_COUNTERS_H
#define HY_COUNTERS_H

#include "heap.h"

#include <stdio.h>

/* All counters now; what the heap does not keep, or all of it, is HY_UNKNOWN. */
hy_stats hy_counters_read(hy_heap *heap);

/* One line for each counter that is kept, and for what follows from them: search_length, regret. */
void hy_counters_say(FILE *out, hy_heap *heap);

#endif
