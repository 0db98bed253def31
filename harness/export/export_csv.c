/* SPDX-License-Identifier: MIT
 *
 * export_csv.c - events as a table, for spreadsheets, databases and scripts (see import_csv.c).
 */
#include "exporters.h"

#include <inttypes.h>

static void begin(const hy_export *export) {
    fputs("time,thread,kind,object,size,alignment\n", export->to);
}

static int say(hy_export *export, const hy_event *event, hy_error *error) {
    fprintf(export->to, "%" PRIu64 ",%" PRIu32 ",%s,", event->time, event->thread, hy_event_name(event->kind));
    if (event->kind <= HY_EVENT_FREE)
        fprintf(export->to, "%" PRIu64, event->id);
    fputc(',', export->to);
    if (event->kind <= HY_EVENT_REALLOC)
        fprintf(export->to, "%" PRIu64, event->size);
    fputc(',', export->to);
    if (event->kind == HY_EVENT_ALIGNED)
        fprintf(export->to, "%" PRIu64, UINT64_C(1) << event->align);
    fputc('\n', export->to);
    return 0;
}

const hy_exporter hy_export_csv = {
    .name = "csv",
    .what = "spreadsheets, databases, scripts: time,thread,kind,object,size,alignment",
    .lost = "what is known of the program",
    .begin = begin,
    .event = say,
};
