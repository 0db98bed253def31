/* SPDX-License-Identifier: MIT
 *
 * info.h - the parts of `heapyard info`.
 */
#ifndef HY_INFO_H
#define HY_INFO_H

#include "command.h"
#include "summary.h"

#include <jansson.h>

#define INFO_TOP 10u /* sites in a list, if nothing else was asked for */

typedef struct info_options {
    char **paths;
    size_t count;
    hy_format format;
    bool events;
    const char *table; /* "sites", "phases"; NULL: the whole summary */
    uint64_t top;      /* sites in a list; 0: not said */
    hy_site_order by;
} info_options;

typedef struct info_trace {
    const info_options *options;
    const char *path;
    hy_trace_summary sum;
    hy_trace_curve curve;
    hy_profile profile;
} info_trace;

/* For people: figures and small plots. */
void info_print_text(const info_trace *trace);

/* For programs and documents: a row or an object for each trace. */
void info_print_csv(const info_trace *traces, size_t count);
void info_print_markdown(const info_trace *traces, size_t count);
void info_print_json(const info_trace *traces, size_t count);

/* The part of it about sites and phases. */
void info_print_notes(const info_trace *trace);
json_t *info_json_phases(const hy_profile *profile);
json_t *info_json_sites(const info_trace *trace);
/* One table alone, of all traces: that of options->table. */
void info_print_table(const info_trace *traces, size_t count, hy_format format);
/* "bytes", "peak" or "calls". */
bool info_parse_order(const char *word, hy_site_order *ret_order);

/* As a field of CSV. */
void info_print_quoted(const char *text);

/* Bytes of the file for each event. */
double info_density(const hy_trace_summary *sum);

#endif
