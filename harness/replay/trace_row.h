/* SPDX-License-Identifier: MIT
 *
 * trace_row.h - a trace's row in the results database.
 */
#ifndef HY_TRACE_ROW_H
#define HY_TRACE_ROW_H

#include "store.h"
#include "summary.h"

#include <jansson.h>

#define HY_TRACE_NAME 256

/* "traces/python.hyt" -> "python" */
void hy_trace_name(const char *path, char ret_name[HY_TRACE_NAME]);

/* Counts by octave (summary.h) as a list of {"from": smallest value, "count": how many}; empty ones are left out. */
json_t *hy_octaves_json(const uint64_t *octaves);

/* Stores the trace with its summary; where it is there already, path and summary become these.  0 or -errno with the
 * sentence. */
int hy_trace_row(hy_store *store, const char *path, const hy_trace_summary *summary, int64_t *ret_trace,
                 hy_error *error);

#endif
