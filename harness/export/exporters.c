/* SPDX-License-Identifier: MIT
 *
 * exporters.c - THE list of exporters, and what is the same for all of them (see exporters.h).
 */
#include "exporters.h"

#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

extern const hy_exporter hy_export_android, hy_export_csv, hy_export_minimalloc, hy_export_rep;

const hy_exporter *const hy_exporters[] = {&hy_export_rep, &hy_export_android, &hy_export_csv, &hy_export_minimalloc,
                                           NULL};

int hy_exporter_find(const char *name, const hy_exporter **ret_exporter, hy_error *error) {
    for (size_t i = 0; hy_exporters[i]; i++) {
        if (strcmp(name, hy_exporters[i]->name) == 0) {
            *ret_exporter = hy_exporters[i];
            return 0;
        }
    }
    return hy_fail(error, -EINVAL, "unknown format \"%s\"; expected rep, android, csv or minimalloc",
                   hy_word_show(name).text);
}

static int export_events(hy_trace_reader *reader, const hy_exporter *exporter, hy_export *export, hy_error *error) {
    const hy_event *events;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, error)) > 0) {
        for (size_t i = 0; i < count && r >= 0; i++, export->event++)
            r = exporter->event(export, &events[i], error);
        if (r < 0 || ferror(export->to))
            return r < 0 ? r : 0;
    }
    return r;
}

int hy_export_trace(const char *path, const hy_exporter *exporter, FILE *to, hy_error *error) {
    hy_export export = {.to = to};
    hy_trace_reader *reader;
    if (exporter->counted && strcmp(path, "-") == 0)
        return hy_fail(error, -ESPIPE, "%s needs the trace twice; give a file, not standard input", exporter->name);
    int r = exporter->counted ? hy_trace_summarise(path, &export.sum, error) : 0;
    if (r == 0)
        r = hy_trace_open(path, &reader, error);
    if (r < 0)
        return r;
    exporter->begin(&export);
    r = export_events(reader, exporter, &export, error);
    if (r == 0 && exporter->end)
        exporter->end(&export);
    hy_objects_clear(&export.objects);
    hy_trace_close(reader);
    return r;
}
