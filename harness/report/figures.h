/* SPDX-License-Identifier: MIT
 *
 * figures.h - what the files that write figures' data share.  Only figure*.c and labels.c include it.
 *
 * A .dat file holds blocks, each headed by a comment with its name and parted by two blank lines, as gnuplot's
 * `index` wants it.  Lines start with the style of the allocator, so that it looks the same in every figure.
 */
#ifndef HY_FIGURES_H
#define HY_FIGURES_H

#include "report.h"

#define FIGURE_WIDTH 860
#define FIGURE_LABELS 64 /* more allocators than this are drawn without a label */

/* A growing note of what is missing from a picture. */
__attribute__((format(printf, 2, 3))) void figure_note(hy_figure *figure, const char *format, ...);
/* A false for each entry. */
bool *figure_flags(const hy_study *study);
/* Names all entries flagged, by what kept them from this pass.  Frees the flags. */
void figure_note_absent(hy_figure *figure, const hy_study *study, bool *absent, hy_report_pass pass);
/* Says which of the limits of time (null, bump-wrap) and of memory (`heapyard bound`) are not known. */
void figure_note_speed(hy_figure *figure, const hy_study *study);
void figure_note_space(hy_figure *figure, const hy_study *study);
__attribute__((format(printf, 2, 3))) void figure_option(hy_figure *figure, const char *format, ...);
/* "● jemalloc", quoted: the mark that its line carries, then its spec; an arrow if the line ends above. */
void figure_name(FILE *out, const hy_entry *entry, bool above);
/* Characters that names at the right edge need, gnuplot's average ones. */
unsigned figure_room(const hy_study *study);

/* Each writes one .dat file. */
int figure_throughput(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error);
int figure_latency(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error);
int figure_memory(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error);
int figure_fragmentation(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error);
int figure_holes(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error);
int figure_requests(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error);
int figure_tradeoff(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error);

/* Adds the block "phases", up to so many bytes, and says so in the options. */
int figure_phases(const hy_study *study, double last, FILE *out, hy_figure *figure, hy_error *error);

/* labels.c.  Places are shares (0 to 1) of the picture. */
/* Moves values apart until neighbours are `gap` away from each other, if there is room for that. */
void label_spread(double *places, size_t count, double gap);

typedef struct label_box {
    double x, y; /* of the point */
    double width, height;
    bool below_left;     /* try that side first: nothing stands there beside a Pareto front */
    double left, middle; /* answer: where the text begins, and its height's middle */
    bool far;            /* answer: not beside its point, draw a leader */
} label_box;
typedef struct label_frame {
    double left, right, low, high;
} label_frame;
/* Puts each label beside its point so that texts, points and the lines in the picture (obstacles) do not cover each
 * other, as far as that works. */
void label_place(label_box *boxes, size_t count, const label_frame *obstacles, size_t obstacle_count);

#endif
