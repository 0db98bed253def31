/* SPDX-License-Identifier: MIT
 *
 * figures.c - the data files of a study's figures.
 *
 * What a figure cannot show is named in its note, with the reason: nothing is silently missing.
 */
#include "figures.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef int figure_writer(const hy_study *, FILE *, hy_figure *, hy_error *);

static const struct {
    const char *plot, *title, *about;
    figure_writer *write;
} figures[HY_FIGURES] = {
    {"tradeoff", "Time against memory",
     "Left is faster, lower is leaner. The staircase is the Pareto front: nothing is both faster and leaner than what "
     "stands on it. Bars are 95 % intervals of the time. Nothing can be in the grey: faster than doing nothing (null), "
     "or "
     "smaller than what is live, rounded up to what malloc must align to. The dashed lines are what can be reached: "
     "bump-wrap, which searches for nothing, and the best packing that was found knowing all lifetimes.",
     figure_tradeoff},
    {"throughput", "Time of an operation",
     "A bar begins at the least time, which is null's, the harness measuring itself: on this logarithmic axis its "
     "length is how many times null's time it takes. Whiskers are 95 % intervals of the median.",
     figure_throughput},
    {"latency", "Latency by percentile",
     "The further right, the rarer the operation: between 99 % and 99.9 % stands one operation in a hundred to one in "
     "a "
     "thousand. Time stamps are included; each curve ends at the slowest operation. The grey curves are the limits: "
     "null "
     "does nothing, bump-wrap searches for nothing; what they have at the right is the machine's doing.",
     figure_latency},
    {"memory", "Memory over the allocation clock",
     "Resident memory against the program's own live bytes, the grey ground. The same yardstick for all: pages in RAM "
     "beyond what the process had with the heap still empty. Whoever aligns each block to 16 has a peak above the full "
     "line; a packing that knows all lifetimes fits below the dashed one. Dotted lines part the phases that the "
     "program says it is in, if it does.",
     figure_memory},
    {"fragmentation", "Fragmentation over the allocation clock",
     "External: 1 − largest hole / free bytes. Internal: (usable − asked for) / usable. The limit of both is 0. Both "
     "from "
     "a walk over the heap, so of heapyard's own allocators only; without bump, which reuses nothing.",
     figure_fragmentation},
    {"holes", "How large the holes are",
     "At the moment of most live bytes: the share of all free bytes that lies in holes smaller than k, and so is of no "
     "use "
     "to a block of k bytes. Further to the right is better. From a walk over the heap, so of heapyard's own "
     "allocators "
     "only; memory at the end of a run of pages is a hole like others.",
     figure_holes},
    {"requests", "What the trace asks for",
     "Requests by size, and the objects that die by what was allocated between their birth and their death. A bar is "
     "an "
     "octave (from one power of two to the next); the stairs add them up.",
     figure_requests},
};

__attribute__((format(printf, 2, 3))) static void figure_more(hy_figure *figure, const char *format, ...) {
    const size_t used = strlen(figure->note);
    va_list list;
    va_start(list, format);
    vsnprintf(figure->note + used, sizeof figure->note - used, format, list);
    va_end(list);
}

void figure_note(hy_figure *figure, const char *format, ...) {
    const size_t used = strlen(figure->note);
    va_list list;
    va_start(list, format);
    if (used > 0 && used + 2 < sizeof figure->note)
        strcat(figure->note, "; ");
    const size_t now = strlen(figure->note);
    vsnprintf(figure->note + now, sizeof figure->note - now, format, list);
    va_end(list);
}

bool *figure_flags(const hy_study *study) {
    bool *const flags = calloc(study->count + 1, sizeof *flags);
    if (!flags)
        abort();
    return flags;
}

/* A fake has no memory, and what cannot be timed is not in a picture of time and memory. */
static const char *figure_reason(const hy_entry *entry, hy_report_pass pass) {
    const char *const reason = hy_entry_missing(entry, pass);
    return strcmp(reason, "n/a") == 0 ? hy_entry_missing(entry, HY_REPORT_THROUGHPUT) : reason;
}

void figure_note_absent(hy_figure *figure, const hy_study *study, bool *absent, hy_report_pass pass) {
    for (size_t i = 0; i < study->count; i++) {
        if (!absent[i])
            continue;
        const char *const reason = figure_reason(&study->entries[i], pass);
        figure_note(figure, "%s: %s", reason, study->entries[i].spec);
        for (size_t k = i + 1; k < study->count; k++) {
            if (!absent[k] || strcmp(figure_reason(&study->entries[k], pass), reason) != 0)
                continue;
            figure_more(figure, ", %s", study->entries[k].spec);
            absent[k] = false;
        }
    }
    free(absent);
}

void figure_note_speed(hy_figure *figure, const hy_study *study) {
    const bool null = study->null && isfinite(study->null->time.middle);
    const bool wrap = study->bump && study->bump->fake && isfinite(study->bump->time.middle);
    if (!null || !wrap)
        figure_note(figure, "limit of speed not measured here: %s",
                    null   ? "bump-wrap"
                    : wrap ? "null"
                           : "null, bump-wrap");
}

void figure_note_space(hy_figure *figure, const hy_study *study) {
    if (isnan(study->packed))
        figure_note(figure, "the best packing, which `heapyard bound TRACE -o DATABASE` finds: not looked for");
}

void figure_option(hy_figure *figure, const char *format, ...) {
    const size_t used = strlen(figure->options);
    va_list list;
    va_start(list, format);
    vsnprintf(figure->options + used, sizeof figure->options - used, format, list);
    va_end(list);
}

void figure_name(FILE *out, const hy_entry *entry, bool above) {
    static const char *const marks[] = {"●", "■", "▲", "▼", "◆", "○", "□", "△", "▽", "◇", "+",
                                        "×", "□", "○", "◇", "△", "▽", "■", "●", "▼", "▲"};
    char text[256];
    snprintf(text, sizeof text, "%s %s%s", marks[(entry->style - 1) % 21], entry->spec, above ? " ↑" : "");
    hy_dat(out, text);
}

unsigned figure_room(const hy_study *study) {
    size_t longest = 4;
    for (size_t i = 0; i < study->count; i++) {
        const size_t size = strlen(study->entries[i].spec);
        if (study->entries[i].sample_count > 0 && size > longest)
            longest = size;
    }
    return (unsigned)((double)(longest < 40 ? longest : 40) * 0.82 + 5.5);
}

static int figures_write_one(const hy_study *study, const char *folder, hy_figure *figure, figure_writer *write,
                             hy_error *error) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.dat", folder, figure->base);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
    const int r = write(study, out, figure, error);
    const bool lost = ferror(out) != 0;
    if ((fclose(out) != 0 || lost) && r == 0)
        return hy_fail(error, -EIO, "%s: cannot be written: %s", path, strerror(errno));
    return r;
}

void hy_figure_id(const hy_study *study, const char *what, char ret[128]) {
    char slug[64], number[16] = "";
    hy_slug(study->name, slug);
    if (study->namesake)
        snprintf(number, sizeof number, "%u-", study->number);
    snprintf(ret, 128, "%s%s-%.40s", number, slug, what);
}

int hy_write_figures(const hy_study *study, const char *folder, hy_figure ret_figures[HY_FIGURES], hy_error *error) {
    char slug[64];
    hy_slug(study->name, slug);
    for (int i = 0; i < HY_FIGURES; i++) {
        hy_figure *const figure = &ret_figures[i];
        *figure = (hy_figure){.plot = figures[i].plot, .title = figures[i].title, .about = figures[i].about};
        snprintf(figure->base, sizeof figure->base, "%u-%s-%s", study->number, slug, figures[i].plot);
        hy_figure_id(study, figures[i].plot, figure->id);
        const int r = figures_write_one(study, folder, figure, figures[i].write, error);
        if (r < 0)
            return r;
    }
    return 0;
}
