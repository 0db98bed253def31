/* SPDX-License-Identifier: MIT
 *
 * figure_phases.c - the block "phases" of figures over the allocation clock: where each phase begins and ends, and its
 * name as far as there is room for it.
 */
#include "figures.h"
#include "phase_spans.h"

#define MIB 1048576.0
#define LETTERS 100.0     /* in a row of the picture */
#define LEAST_SHARE 0.004 /* of the picture's width: narrower ones would be a grey area */

/* Letters of the name that there is room for. */
static size_t room_for(const hy_phase_span *span, double last) {
    return (size_t)((span->end - span->start) / last * LETTERS);
}

static void write_span(const hy_phase_span *span, double last, size_t room, FILE *out) {
    fprintf(out, "%.6g %.6g %.6g ", span->start / MIB, span->end / MIB, (span->start + span->end) / 2 / MIB);
    hy_dat_most(out, room > 2 && last > 0 ? span->name : "", room > 2 ? room - 2 : 1);
    fputc('\n', out);
}

int figure_phases(const hy_study *study, double last, FILE *out, hy_figure *figure, hy_error *error) {
    hy_phase_spans spans = {.count = 0};
    size_t narrow = 0, nameless = 0;
    const int r = hy_load_phase_spans(study, last, &spans, error);
    fputs("# phases\n# MiB where it begins, where it ends, its middle, name\n", out);
    for (size_t i = 0; r == 0 && i < spans.count; i++) {
        const size_t room = room_for(&spans.span[i], last);
        if (spans.span[i].end - spans.span[i].start < LEAST_SHARE * last) {
            narrow++;
            continue;
        }
        nameless += room <= 2;
        write_span(&spans.span[i], last, room, out);
    }
    fputs("\n\n", out);
    if (narrow > 0)
        figure_note(figure, "phases that are too short to be seen: %zu of %zu", narrow, spans.count);
    if (nameless > 0)
        figure_note(figure, "phases too short for their names: %zu of %zu", nameless, spans.count);
    figure_option(figure, "phases=%d;", spans.count > narrow);
    hy_phase_spans_free(&spans);
    return r;
}
