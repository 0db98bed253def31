/* SPDX-License-Identifier: MIT
 *
 * phase_spans.c - see phase_spans.h.  Spans are the trace's, so those of any allocator will do.
 */
#include "phase_spans.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int load_changes(const hy_study *study, hy_curve *curve, hy_error *error) {
    int r = 0;
    for (size_t i = 0; i < study->count && curve->count == 0 && r == 0; i++)
        r = hy_load_curve(study, &study->entries[i], "phase", curve, error);
    return r;
}

/* number, name */
static int take_name(void *context, int columns, const char *const *text) {
    const hy_phase_spans *const spans = context;
    for (size_t i = 0; columns == 2 && i < spans->count; i++)
        if (spans->span[i].number == strtoul(text[0], NULL, 10))
            snprintf(spans->span[i].name, sizeof spans->span[i].name, "%s", text[1]);
    return 0;
}

static int load_names(const hy_study *study, hy_phase_spans *spans, hy_error *error) {
    const char *const arguments[] = {study->campaign_id, study->trace_id, NULL};
    if (spans->count == 0 || !hy_store_has_table(study->store, "phase"))
        return 0;
    return hy_store_query(study->store,
                          "SELECT DISTINCT p.number, p.name FROM phase p JOIN cell c ON c.id = p.cell WHERE "
                          "c.campaign = ?1 AND c.trace = ?2",
                          arguments, take_name, spans, error);
}

int hy_load_phase_spans(const hy_study *study, double last, hy_phase_spans *ret_spans, hy_error *error) {
    hy_curve changes = {.count = 0};
    hy_phase_spans spans = {.count = 0};
    int r = load_changes(study, &changes, error);
    spans.span = r == 0 ? calloc(changes.count + 1, sizeof *spans.span) : NULL;
    if (r == 0 && !spans.span)
        r = hy_fail(error, -ENOMEM, "no memory for %zu phases", changes.count);
    for (size_t i = 0; r == 0 && i < changes.count; i++) {
        const double end = i + 1 < changes.count ? changes.x[i + 1] : last;
        if (changes.y[i] > 0 && end > changes.x[i])
            spans.span[spans.count++] =
                (hy_phase_span){.start = changes.x[i], .end = end, .number = (unsigned)changes.y[i]};
    }
    hy_curve_free(&changes);
    r = r == 0 ? load_names(study, &spans, error) : r;
    if (r == 0)
        *ret_spans = spans;
    else
        hy_phase_spans_free(&spans);
    return r;
}

void hy_phase_spans_free(hy_phase_spans *spans) {
    free(spans->span);
    *spans = (hy_phase_spans){.count = 0};
}
