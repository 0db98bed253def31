/* SPDX-License-Identifier: MIT
 *
 * export_csv.c - events as a table, for spreadsheets, databases and scripts (see import_csv.c).
 *
 * Of a trace with notes there are two columns more: the number of the call's site, and the phase that its thread is in,
 * in which commas and quotes become blanks.
 */
#include "exporters.h"

#include <inttypes.h>

static void begin(const hy_export *export) {
    fprintf(export->to, "time,thread,kind,object,size,alignment%s\n", export->noted ? ",site,phase" : "");
}

static void say_notes(const hy_export *export, uint32_t thread) {
    fputc(',', export->to);
    if (export->site)
        fprintf(export->to, "%" PRIu32, export->site);
    fputc(',', export->to);
    for (const char *c = hy_phases_get(&export->phases, thread); *c; c++)
        fputc(*c == ',' || *c == '"' ? ' ' : *c, export->to);
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
    if (export->noted)
        say_notes(export, event->thread);
    fputc('\n', export->to);
    return 0;
}

const hy_exporter hy_export_csv = {
    .name = "csv",
    .what = "spreadsheets, databases, scripts: time,thread,kind,object,size,alignment",
    .lost = "what is known of the program, names of sites",
    .begin = begin,
    .event = say,
};
