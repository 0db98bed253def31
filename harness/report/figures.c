/* SPDX-License-Identifier: MIT
 *
 * figures.c - the data files of a study's five figures.
 *
 * What a figure cannot show is named in its note, with the reason: nothing is silently missing.
 */
#include "figures.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

typedef int figure_writer(const hy_study *, FILE *, hy_figure *, hy_error *);

static const struct {
    const char *plot, *title;
    figure_writer *write;
} figures[HY_FIGURES] = {
    {"throughput", "Time of an operation", figure_throughput},
    {"tradeoff", "Time against memory", figure_tradeoff},
    {"latency", "Latency by percentile", figure_latency},
    {"memory", "Memory over the allocation clock", figure_memory},
    {"fragmentation", "Fragmentation over the allocation clock", figure_fragmentation},
};

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

void figure_note_missing(hy_figure *figure, const hy_entry *entry, hy_pass pass) {
    figure_note(figure, "%s: %s", entry->spec, hy_entry_missing(entry, pass));
}

void figure_option(hy_figure *figure, const char *format, ...) {
    const size_t used = strlen(figure->options);
    va_list list;
    va_start(list, format);
    vsnprintf(figure->options + used, sizeof figure->options - used, format, list);
    va_end(list);
}

void figure_name(FILE *out, const hy_entry *entry) {
    static const char *const marks[] = {"●", "■", "▲", "▼", "◆", "○", "□", "△", "▽", "◇", "+", "×"};
    char text[256];
    snprintf(text, sizeof text, "%s %s", marks[(entry->style - 1) % 12], entry->spec);
    hy_dat(out, text);
}

size_t figure_longest(const hy_study *study) {
    size_t longest = 4;
    for (size_t i = 0; i < study->count; i++) {
        const size_t size = strlen(study->entries[i].spec);
        longest = size > longest ? size : longest;
    }
    return longest < 40 ? longest : 40;
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

int hy_write_figures(const hy_study *study, const char *folder, hy_figure ret_figures[HY_FIGURES], hy_error *error) {
    char slug[64];
    hy_slug(study->name, slug);
    for (int i = 0; i < HY_FIGURES; i++) {
        hy_figure *const figure = &ret_figures[i];
        *figure = (hy_figure){.plot = figures[i].plot, .title = figures[i].title};
        snprintf(figure->base, sizeof figure->base, "%u-%s-%s", study->number, slug, figures[i].plot);
        const int r = figures_write_one(study, folder, figure, figures[i].write, error);
        if (r < 0)
            return r;
    }
    return 0;
}
