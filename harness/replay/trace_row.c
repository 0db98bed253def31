/* SPDX-License-Identifier: MIT
 *
 * trace_row.c - see trace_row.h.
 */
#include "trace_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hy_trace_name(const char *path, char ret_name[HY_TRACE_NAME]) {
    const char *const slash = strrchr(path, '/');
    snprintf(ret_name, HY_TRACE_NAME, "%s", slash ? slash + 1 : path);
    char *const dot = strrchr(ret_name, '.');
    if (dot && dot != ret_name)
        *dot = '\0';
}

json_t *hy_octaves_json(const uint64_t *octaves) {
    json_t *const list = json_array();
    for (unsigned i = 0; i < HY_OCTAVES; i++) {
        if (octaves[i] > 0)
            json_array_append_new(list, json_pack("{s:I, s:I}", "from", (json_int_t)(i ? (uint64_t)1 << (i - 1) : 0),
                                                  "count", (json_int_t)octaves[i]));
    }
    return list;
}

static char *summary_json(const hy_trace_summary *s) {
    json_t *const json =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "events", (json_int_t)s->events, "objects",
                  (json_int_t)s->objects, "threads", (json_int_t)s->threads, "handovers", (json_int_t)s->handovers,
                  "total_bytes", (json_int_t)s->total_bytes, "peak_bytes", (json_int_t)s->peak_bytes, "max_size",
                  (json_int_t)s->max_size, "lifo", (int)s->lifo);
    if (json) {
        json_object_set_new(json, "sizes", hy_octaves_json(s->sizes));
        json_object_set_new(json, "lifetimes", hy_octaves_json(s->lifetimes));
    }
    if (json && s->meta.command[0])
        json_object_set_new(json, "command", json_string(s->meta.command));
    char *const text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return text;
}

int hy_trace_row(hy_store *store, const char *path, const hy_trace_summary *summary, int64_t *ret_trace,
                 hy_error *error) {
    char name[HY_TRACE_NAME];
    hy_trace_name(path, name);
    char *const json = summary_json(summary), *const absolute = realpath(path, NULL);
    const int r =
        hy_store_trace(store, name, absolute ? absolute : path, summary->hash, json ? json : "{}", ret_trace, error);
    free(absolute);
    free(json);
    return r;
}
