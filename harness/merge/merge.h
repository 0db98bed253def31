/* SPDX-License-Identifier: MIT
 *
 * merge.h - the answer of the merge-frequency laboratory: how often holes should be merged with their neighbours.
 *
 *   hy_merge_point  one allocator with one merge rule on one trace
 *   hy_merge_curve  the same allocator with all its merge rules on that trace
 *   hy_merge_study  all curves of a campaign
 *
 * The axis of a curve is how often merging is done: immediate, every:N with growing N, onfail, never.  Rules that mean
 * something else by their number (bytes, count, large, quick, slice, ratio) belong to the curve, but not to its axis.
 */
#ifndef HY_MERGE_H
#define HY_MERGE_H

#include "report.h"
#include "spec.h"

#define HY_MERGE_LEVEL 0.95
#define HY_MERGE_STEP 3.0   /* from the least or greatest N to what stands beside it on the axis, in doublings */
#define HY_MERGE_SLACK 0.05 /* «frugal»: the fastest within so much of the least memory */

typedef struct hy_merge_point {
    const hy_entry *entry;
    char rule[48]; /* "every:64" */
    bool on_axis;
    double number; /* of the rule; NAN without */
    double place;  /* on the axis: log2 of N; immediate, onfail and never stand outside of all N of the study */
    hy_interval time_ratio; /* to immediate of the same curve */
    const char *time_word;  /* faster, slower, equivalent, inconclusive; "" without an interval */
    double size_ratio;
    const char *size_word; /* smaller, larger, equivalent; "" without both figures */
    double share;          /* of the draws in which it is the best of the axis; NAN: too few repetitions */
    bool on_front, likely; /* on the Pareto front of the axis; among those that may be best */
} hy_merge_point;

typedef struct hy_merge_curve {
    const hy_study *study;
    char *fit;              /* the spec without its merge rule */
    unsigned style;         /* of its line, the same on every trace */
    hy_merge_point *points; /* the axis in its order, then the others */
    size_t count, axis;
    /* NULL if there is none */
    const hy_merge_point *immediate, *onfail, *never;
    const hy_merge_point *best;    /* of the axis: least time × footprint */
    const hy_merge_point *overall; /* the same of all points */
    const hy_merge_point *frugal;  /* of all points: the fastest within HY_MERGE_SLACK of the least footprint */
    const hy_merge_point *leanest; /* of all points */
    const hy_merge_point *fastest; /* of all points */
    const hy_merge_point *knee;    /* of the axis */
    size_t failed;                 /* points without a time or a footprint */
} hy_merge_curve;

typedef struct hy_merge_study {
    hy_report report;
    hy_merge_curve *curves; /* by trace, then by fit */
    size_t count;
    const char **fits; /* each once; the index gives the style */
    size_t fit_count;
    double first, last; /* places of the least and the greatest N of all axes */
} hy_merge_study;

/* merge_load.c.  The campaign's id, or NULL: the newest of each trace.  0 or -errno; -ENODATA: nothing in it was
 * measured with more than one merge rule. */
int hy_merge_load(const char *database, const char *campaign, hy_merge_study *ret_study, hy_error *error);
void hy_merge_free(hy_merge_study *study);
/* Splits a spec into what it is without its merge rule, and the rule ("immediate" if it has none).
 * False: no spec, or too long. */
bool hy_merge_split(const char *spec, char ret_fit[HY_SPEC_SIZE], char ret_rule[48]);

/* merge_judge.c: fills in what follows from the figures. */
void hy_merge_judge(hy_merge_curve *curve);
bool hy_merge_complete(const hy_merge_point *point);
/* The median over the repetitions; NAN for NULL and for what was not measured. */
double hy_merge_metric(const hy_merge_point *point, const char *name);
/* The least over the repetitions.  For maxima of latency: every run has the same operations, so what is slow in the
 * quietest run too is the allocator's doing, and not the machine's. */
double hy_merge_least(const hy_merge_point *point, const char *name);

/* merge_table.c: tables, however they are printed. */
typedef struct hy_grid {
    char **cells; /* rows + 1 rows of columns, the first row is the heads */
    size_t rows, columns;
    bool *number; /* of a column: figures, to the right in text and bare in JSON */
} hy_grid;
/* One row a curve: the best rule with its interval, knee, frugal.  For people, or raw for programs. */
hy_grid hy_merge_best_grid(const hy_merge_study *study, bool raw);
/* One row a point: everything that was measured, raw. */
hy_grid hy_merge_points_grid(const hy_merge_study *study);
void hy_grid_free(hy_grid *grid);

/* merge_print.c */
void hy_grid_text(const hy_grid *grid, FILE *out);
void hy_grid_markdown(const hy_grid *grid, FILE *out);
void hy_grid_csv(const hy_grid *grid, FILE *out);
int hy_grid_json(const hy_grid *grid, FILE *out, hy_error *error);

/* merge_advice.c: one rule of one allocator over all traces on which it and immediate have both figures. */
typedef struct hy_merge_advice {
    const char *fit, *rule; /* rule: NULL if there is nothing to say about this allocator */
    size_t traces;          /* that the means are over */
    double time, size;      /* geometric means of the ratios to immediate */
    double worst_time;      /* the greatest ratio, and where */
    const char *worst_trace;
    size_t judged, faster, slower, smaller, larger; /* on so many traces, in the words of the verdicts */
} hy_merge_advice;
/* The rule with the least mean time × mean size; immediate if that gains less than the margin of the verdicts, or if
 * the verdicts do not speak for it. */
hy_merge_advice hy_merge_advise(const hy_merge_study *study, const char *fit);
/* One given rule. */
hy_merge_advice hy_merge_average(const hy_merge_study *study, const char *fit, const char *rule);

/* merge_words.c: what was found and what a person should choose, one sentence a line. */
void hy_merge_tell(const hy_merge_study *study, FILE *out);

/* merge_figures.c: data files, pictures, tables and words into a folder that is there.  Without gnuplot everything but
 * the pictures, and *ret_no_gnuplot with the sentence. */
int hy_merge_write(const hy_merge_study *study, const char *folder, bool *ret_no_gnuplot, hy_error *error);

#endif
