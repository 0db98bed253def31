/* SPDX-License-Identifier: MIT
 *
 * info.h - the parts of `heapyard info`.
 */
#ifndef HY_INFO_H
#define HY_INFO_H

#include "command.h"
#include "summary.h"

typedef struct info_trace {
    const char *path;
    hy_trace_summary sum;
    hy_trace_curve curve;
} info_trace;

/* For people: figures and small plots. */
void info_print_text(const info_trace *trace);

/* For programs and documents: a row or an object for each trace. */
void info_print_csv(const info_trace *traces, size_t count);
void info_print_markdown(const info_trace *traces, size_t count);
void info_print_json(const info_trace *traces, size_t count);

/* Bytes of the file for each event. */
double info_density(const hy_trace_summary *sum);

#endif
