/* SPDX-License-Identifier: MIT
 *
 * info_table.c - summaries of traces as CSV, Markdown and JSON (see info.h).
 *
 * One table of columns serves all three: a column's name is its name everywhere.
 */
#include "info.h"
#include "json_text.h"
#include "trace_row.h"

#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct number_column {
    const char *name;
    size_t offset; /* of a uint64_t in hy_trace_summary */
} number_column;

#define COLUMN(name, member)                                                                                           \
    { name, offsetof(hy_trace_summary, member) }
static const number_column columns[] = {
    COLUMN("events", events),
    COLUMN("malloc", by_kind[HY_EVENT_MALLOC]),
    COLUMN("calloc", by_kind[HY_EVENT_CALLOC]),
    COLUMN("aligned", by_kind[HY_EVENT_ALIGNED]),
    COLUMN("realloc", by_kind[HY_EVENT_REALLOC]),
    COLUMN("free", by_kind[HY_EVENT_FREE]),
    COLUMN("thread_start", by_kind[HY_EVENT_THREAD_START]),
    COLUMN("thread_end", by_kind[HY_EVENT_THREAD_END]),
    COLUMN("dropped", meta.dropped),
    COLUMN("objects", objects),
    COLUMN("threads", threads),
    COLUMN("handovers", handovers),
    COLUMN("total_bytes", total_bytes),
    COLUMN("peak_bytes", peak_bytes),
    COLUMN("peak_event", peak_event),
    COLUMN("peak_objects", peak_objects),
    COLUMN("end_bytes", end_bytes),
    COLUMN("end_objects", end_objects),
    COLUMN("max_size", max_size),
    COLUMN("duration_ns", duration),
    COLUMN("file_bytes", file_bytes),
    COLUMN("started", meta.started),
    COLUMN("pid", meta.pid),
};
#define COLUMNS (sizeof columns / sizeof *columns)

static uint64_t value_of(const hy_trace_summary *sum, size_t column) {
    uint64_t value;
    memcpy(&value, (const char *)sum + columns[column].offset, sizeof value);
    return value;
}

/* ---- CSV (RFC 4180 but for the line ends) ---- */

void info_print_quoted(const char *text) {
    putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

void info_print_csv(const info_trace *traces, size_t count) {
    fputs("trace,hash", stdout);
    for (size_t c = 0; c < COLUMNS; c++)
        printf(",%s", columns[c].name);
    puts(",max_align,lifo,command,origin,machine,warning");
    for (size_t i = 0; i < count; i++) {
        const hy_trace_summary *const sum = &traces[i].sum;
        info_print_quoted(traces[i].path);
        printf(",%016" PRIx64, sum->hash);
        for (size_t c = 0; c < COLUMNS; c++)
            printf(",%" PRIu64, value_of(sum, c));
        printf(",%" PRIu64 ",%d", (uint64_t)1 << sum->max_align, sum->lifo);
        const char *const texts[] = {sum->meta.command, sum->meta.origin, sum->meta.machine, sum->warning};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
            putchar(',');
            info_print_quoted(texts[t]);
        }
        putchar('\n');
    }
}

/* ---- Markdown: traces side by side ---- */

/* In a cell, what Markdown or HTML could take for its own is escaped. */
static void print_cell(const char *text) {
    fputs(" ", stdout);
    for (; *text; text++) {
        if (*text == '<')
            fputs("&lt;", stdout);
        else if (*text == '&')
            fputs("&amp;", stdout);
        else if (*text == '\n')
            putchar(' ');
        else if (strchr("\\`*_[]|#", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
    fputs(" |", stdout);
}

void info_print_markdown(const info_trace *traces, size_t count) {
    fputs("| |", stdout);
    for (size_t i = 0; i < count; i++)
        print_cell(traces[i].path);
    fputs("\n|---|", stdout);
    for (size_t i = 0; i < count; i++)
        fputs("---:|", stdout);
    putchar('\n');
    for (size_t c = 0; c < COLUMNS; c++) {
        putchar('|');
        print_cell(columns[c].name);
        for (size_t i = 0; i < count; i++)
            printf(" %" PRIu64 " |", value_of(&traces[i].sum, c));
        putchar('\n');
    }
    fputs("| command |", stdout);
    for (size_t i = 0; i < count; i++)
        print_cell(traces[i].sum.meta.command);
    putchar('\n');
}

/* ---- JSON ---- */

static json_t *json_curve(const hy_trace_curve *curve) {
    json_t *const points = json_array();
    for (size_t i = 0; i < curve->count; i++)
        json_array_append_new(points, json_integer((json_int_t)curve->bytes[i]));
    return json_pack("{s:I, s:o}", "step", (json_int_t)curve->step, "bytes", points);
}

static json_t *json_threads(const hy_trace_summary *sum) {
    json_t *const list = json_array();
    for (size_t i = 0; i < sum->threads && i < HY_SUMMARY_THREADS; i++) {
        const hy_thread_summary *const is = &sum->by_thread[i];
        json_array_append_new(list, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "events", (json_int_t)is->events,
                                              "births", (json_int_t)is->births, "bytes", (json_int_t)is->bytes, "frees",
                                              (json_int_t)is->frees, "received", (json_int_t)is->received, "given",
                                              (json_int_t)is->given));
    }
    return list;
}

static json_t *json_trace(const info_trace *trace) {
    const hy_trace_summary *const sum = &trace->sum;
    char hash[20];
    snprintf(hash, sizeof hash, "%016" PRIx64, sum->hash);
    json_t *const object = json_object();
    json_object_set_new(object, "trace", cmd_json_text(trace->path));
    json_object_set_new(object, "hash", json_string(hash));
    json_object_set_new(object, "command", cmd_json_text(sum->meta.command));
    json_object_set_new(object, "origin", cmd_json_text(sum->meta.origin));
    json_object_set_new(object, "machine", cmd_json_text(sum->meta.machine));
    for (size_t c = 0; c < COLUMNS; c++)
        json_object_set_new(object, columns[c].name, json_integer((json_int_t)value_of(sum, c)));
    json_object_set_new(object, "max_align", json_integer((json_int_t)((uint64_t)1 << sum->max_align)));
    json_object_set_new(object, "lifo", json_boolean(sum->lifo));
    json_object_set_new(object, "bytes_per_event", json_real(info_density(sum)));
    json_object_set_new(object, "sizes", hy_octaves_json(sum->sizes));
    json_object_set_new(object, "lifetimes", hy_octaves_json(sum->lifetimes));
    json_object_set_new(object, "live_bytes", json_curve(&trace->curve));
    json_object_set_new(object, "by_thread", json_threads(sum));
    json_object_set_new(object, "phases", info_json_phases(&trace->profile));
    json_object_set_new(object, "sites", info_json_sites(trace));
    json_object_set_new(object, "warning", sum->warning[0] ? cmd_json_text(sum->warning) : json_null());
    return object;
}

void info_print_json(const info_trace *traces, size_t count) {
    json_t *const list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_trace(&traces[i]));
    json_dumpf(list, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(list);
}
