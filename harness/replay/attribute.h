/* SPDX-License-Identifier: MIT
 *
 * attribute.h - why an operation was slow: did it hold a merge pass, or a growth of the heap, or neither?
 *
 *   1. What a heap does follows from the operations alone.  So a second replay on a fresh heap of the same spec, which
 *      nobody times, reads the heap's counters (merge_passes, grows) after each operation and marks those in which they
 *      moved.  The timed loop stays as it is.
 *   2. If the counters of both heaps differ at the end, the two replays were not alike, and nothing is said.
 *   3. An operation may hold both; "plain" is one that holds neither.
 *
 * Bad at: what the heap does not count; page faults and preemption are counted over the whole loop only.
 */
#ifndef HY_ATTRIBUTE_H
#define HY_ATTRIBUTE_H

#include "counters.h"
#include "replay.h"

#define HY_MARK_MERGE 1u /* held a merge pass */
#define HY_MARK_GROW 2u  /* held a growth */

/* Of the slowest operations, so many are looked at for slowest_merge_share. */
#define HY_SLOWEST 100u

/* Replays all operations on a fresh heap and fills in a mark for each.  `timed`: the counters at the end of the timed
 * loop.  False: this cannot be known: no counters, no fresh heap, or the replays differ. */
bool hy_attribute(hy_replay *replay, const hy_stats *timed, uint8_t *ret_marks);

/* The share of the slowest operations (100, or all if there are fewer; of equal ones the first) with this mark. */
double hy_slowest_share(const uint32_t *length, const uint8_t *marks, size_t count, uint8_t mark);

#endif
