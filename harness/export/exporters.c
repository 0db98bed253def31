/* SPDX-License-Identifier: MIT
 *
 * exporters.c - THE list of exporters, and what is the same for all of them (see exporters.h).
 */
#include "exporters.h"

#include "format.h"
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

extern const hy_exporter hy_export_android, hy_export_csv, hy_export_minimalloc, hy_export_rep;

const hy_exporter *const hy_exporters[] = {&hy_export_rep, &hy_export_android, &hy_export_csv, &hy_export_minimalloc,
                                           NULL};

int hy_exporter_find(const char *name, const hy_exporter **ret_exporter, hy_error *error) {
    const char *names[sizeof hy_exporters / sizeof *hy_exporters] = {NULL};
    for (size_t i = 0; hy_exporters[i]; i++) {
        names[i] = hy_exporters[i]->name;
        if (strcmp(name, names[i]) == 0) {
            *ret_exporter = hy_exporters[i];
            return 0;
        }
    }
    const hy_hint hint = hy_did_you_mean(name, strlen(name), names, "`heapyard export --help` lists them");
    return hy_fail(error, -EINVAL, "unknown format \"%s\"%s", hy_word_show(name).text, hint.text);
}

static int export_block(const hy_trace_reader *reader, const hy_event *events, size_t count,
                        const hy_exporter *exporter, hy_export *export, hy_error *error) {
    const uint32_t *const sites = hy_trace_event_sites(reader);
    size_t marks, next = 0;
    const hy_mark *const mark = hy_trace_marks(reader, &marks);
    int r = 0;
    for (size_t i = 0; i < count && r == 0; i++, export->event++) {
        for (; next < marks && mark[next].event == export->event && r == 0; next++)
            r = hy_phases_set(&export->phases, &mark[next], error);
        export->site = sites ? sites[i] : 0;
        if (r == 0)
            r = exporter->event(export, &events[i], error);
    }
    return r;
}

static int export_events(hy_trace_reader *reader, const hy_exporter *exporter, hy_export *export, hy_error *error) {
    const hy_event *events;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, error)) > 0) {
        r = export_block(reader, events, count, exporter, export, error);
        if (r < 0 || ferror(export->to))
            return r < 0 ? r : 0;
    }
    return r;
}

/* To the end of a trace that is open. */
static int export_all(hy_trace_reader *reader, const hy_exporter *exporter, hy_export *export, hy_error *error) {
    export->noted = hy_trace_has_notes(reader);
    exporter->begin(export);
    const int r = export_events(reader, exporter, export, error);
    if (r == 0 && exporter->end)
        exporter->end(export);
    hy_objects_clear(&export->objects);
    hy_phases_clear(&export->phases);
    return r;
}

/* Standard output is not ours to close. */
static int export_close(FILE *to, const char *path, hy_error *error) {
    char name[256];
    if (to == stdout)
        return 0;
    const bool good = !ferror(to);
    if (fclose(to) == 0 && good)
        return 0;
    const int why = errno ? errno : EIO;
    hy_text_clean(name, sizeof name, path);
    return hy_fail(error, -why, "%s: cannot write all of it: %s", name, strerror(why));
}

static int export_to(hy_trace_reader *reader, const hy_exporter *exporter, hy_export *export, const char *to,
                     hy_error *error) {
    char name[256];
    export->to = strcmp(to, "-") == 0 ? stdout : fopen(to, "wbe");
    if (!export->to) {
        hy_text_clean(name, sizeof name, to);
        return hy_fail(error, -errno, "%s: %s", name, strerror(errno));
    }
    const int r = export_all(reader, exporter, export, error);
    const int closed = export_close(export->to, to, r < 0 ? NULL : error);
    return r < 0 ? r : closed;
}

int hy_export_trace(const char *path, const hy_exporter *exporter, const char *to, hy_error *ret_warning,
                    hy_error *error) {
    hy_export export = {.to = NULL};
    hy_trace_reader *reader;
    if (exporter->counted && strcmp(path, "-") == 0)
        return hy_fail(error, -ESPIPE, "%s needs the trace twice; give a file, not standard input", exporter->name);
    int r = exporter->counted ? hy_trace_summarise(path, &export.sum, error) : 0;
    if (r == 0)
        r = hy_trace_open(path, &reader, error);
    if (r < 0)
        return r;
    r = export_to(reader, exporter, &export, to, error);
    hy_fail(ret_warning, 0, "%s", hy_trace_warning(reader) ? hy_trace_warning(reader) : "");
    hy_trace_close(reader);
    return r;
}
