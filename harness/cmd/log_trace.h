/* SPDX-License-Identifier: MIT
 *
 * log_trace.h - a trace replayed up to a moment, in this process and untimed, so that the heap can be looked at.
 */
#ifndef HY_LOG_TRACE_H
#define HY_LOG_TRACE_H

#include "error.h"
#include "heapyard.h"

/* The number of events to replay for "peak" (just after live bytes were largest), "end" (UINT64_MAX; NULL too) or a
 * number.  0 or -errno with the sentence. */
int hy_log_moment(const char *trace, const char *word, uint64_t *ret_events, hy_error *error);

/* Called after each event.  The clock is the allocation clock: bytes asked for by births and added by reallocs. */
typedef void hy_log_watch(void *context, uint64_t clock);

/* The allocation clock at the end of the trace.  0 or -errno with the sentence. */
int hy_log_clock(const char *trace, uint64_t *ret_clock, hy_error *error);

/* Replays at most `events` events; *ret_refused counts requests that got no block.  `watch` may be NULL.
 * 0 or -errno with the sentence. */
int hy_log_replay(const char *trace, hy_heap *heap, uint64_t events, hy_log_watch *watch, void *context,
                  uint64_t *ret_refused, hy_error *error);

#endif
