/* SPDX-License-Identifier: MIT
 *
 * export_rep.c - for CS:APP's malloc lab (see import_rep.c).  The head is of the newer form: weight 1, blocks,
 * requests, the most live bytes; the older one has a heap size and a weight in the places that no driver needs.
 */
#include "exporters.h"

#include <inttypes.h>

static void begin(const hy_export *export) {
    uint64_t requests = 0;
    for (int kind = 0; kind <= HY_EVENT_FREE; kind++)
        requests += export->sum.by_kind[kind];
    fprintf(export->to, "1\n%" PRIu64 "\n%" PRIu64 "\n%" PRIu64 "\n", export->sum.objects, requests,
            export->sum.peak_bytes);
}

static int say(hy_export *export, const hy_event *event, hy_error *error) {
    if (event->kind == HY_EVENT_FREE)
        fprintf(export->to, "f %" PRIu64 "\n", event->id);
    else if (event->kind < HY_EVENT_FREE)
        fprintf(export->to, "%c %" PRIu64 " %" PRIu64 "\n", event->kind == HY_EVENT_REALLOC ? 'r' : 'a', event->id,
                event->size);
    return 0;
}

const hy_exporter hy_export_rep = {
    .name = "rep",
    .what = "CS:APP's malloc lab",
    .lost = "threads, times, alignments, calloc",
    .counted = true,
    .begin = begin,
    .event = say,
};
