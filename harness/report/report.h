/* SPDX-License-Identifier: MIT
 *
 * report.h - from the results database to what a person reads.
 *
 *   hy_report   everything read from the databases given
 *   hy_study    one trace in one campaign: the only thing inside which times may be compared
 *   hy_entry    one allocator in a study, with all that was measured and all that went wrong
 *
 * A figure that does not exist is NAN here and n/a (or what prevented it: crash, refused, …) wherever it is shown.
 */
#ifndef HY_REPORT_H
#define HY_REPORT_H

#include "error.h"
#include "judge.h"
#include "store.h"
#include "trials.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum hy_report_pass {
    HY_REPORT_THROUGHPUT,
    HY_REPORT_LATENCY,
    HY_REPORT_FOOTPRINT,
    HY_REPORT_VERIFY,
    HY_REPORT_PASSES
} hy_report_pass;
extern const char *const hy_report_passes[HY_REPORT_PASSES];

/* What became of the cells of one pass. */
typedef struct hy_pass_result {
    unsigned cells, good;
    char outcome[16]; /* of the first that was not ok, else "ok"; "" without cells */
    char detail[512];
} hy_pass_result;

/* A metric over the repetitions that ended well. */
typedef struct hy_sample {
    char name[40];
    double *values;
    size_t count;
} hy_sample;

typedef struct hy_interval {
    double middle, low, high; /* low and high are NAN with too few repetitions */
} hy_interval;

typedef enum hy_role {
    HY_ROLE_LIMIT,   /* null, bump-wrap, bump: what nothing can beat in speed */
    HY_ROLE_GENERAL, /* serves any program */
    HY_ROLE_SPECIAL  /* serves some (stack, region, pool …) */
} hy_role;

typedef struct hy_entry {
    char *spec;
    char version[64];
    hy_role role;
    bool fake;      /* hands out memory that no program could use: its footprint is not shown */
    unsigned style; /* of its line in every figure, from 1; 10 to 12 are the limits' */
    hy_pass_result pass[HY_REPORT_PASSES];
    hy_sample *samples;
    size_t sample_count;
    /* derived */
    hy_interval time; /* ns an operation */
    double footprint; /* bytes that stand for it in comparisons: peak_resident, the same yardstick for all */
    double blowup;    /* footprint / most live bytes */
    bool on_front;    /* nothing else is both faster and smaller */
    /* Words are "" of the baseline itself, whose ratio is 1, and where nothing was judged. */
    hy_judgement speed;  /* time / the baseline's time */
    hy_judgement size;   /* footprint / the baseline's footprint */
    hy_judgement behind; /* time / that of the fastest general-purpose allocator */
} hy_entry;

typedef struct hy_study {
    hy_store *store;                                            /* borrowed from the report */
    char *database, *trace_id, *name, *path, *hash, *summary;   /* summary: JSON */
    char *campaign_id, *started, *command, *seed, *environment; /* environment: JSON */
    hy_entry *entries;                                          /* limits first, then by time, then those without one */
    size_t count;
    const hy_entry *baseline, *null, *bump; /* NULL if not in it; bump is bump-wrap if that is there */
    double peak_live;                       /* bytes, as asked for; NAN if unknown */
    double floor;    /* bytes that no malloc can go below: the lower line of `heapyard bound`, else peak_live */
    double packed;   /* bytes of the best packing that was found, knowing the future; NAN without `heapyard bound` */
    hy_judgement aa; /* the control against its own allocator; word "" without one */
    hy_trial_words control, warm_up, rounds; /* what is to be said of them; may be empty */
    size_t family_size;                      /* comparisons of time that were judged together with this study's */
    unsigned number;                         /* from 1 */
    bool namesake;                           /* another study's file names would be the same without the number */
} hy_study;

typedef struct hy_report {
    hy_store **stores;
    size_t store_count;
    hy_study *studies;
    size_t count;
    char **specs; /* of all studies, each once; the index gives the style */
    size_t spec_count;
    const char *campaign; /* borrowed: if one was asked for, else NULL */
} hy_report;

typedef struct hy_report_options {
    const char *const *databases;
    size_t count;
    const char *campaign; /* its id, or NULL: the newest one of each trace */
    const char *baseline; /* spec that times are compared with; NULL: system, else the first general one */
} hy_report_options;

/* query.c: reads and derives.  0 or -errno with the sentence; -ENODATA: no results. */
int hy_report_load(const hy_report_options *options, hy_report *ret_report, hy_error *error);
void hy_report_free(hy_report *report);

/* Curves and histograms are read when they are drawn.  x, y pairs: */
typedef struct hy_curve {
    double *x, *y;
    size_t count;
} hy_curve;
/* Of the first good footprint cell.  count 0 if there is none. */
int hy_load_curve(const hy_study *study, const hy_entry *entry, const char *series, hy_curve *ret_curve,
                  hy_error *error);
/* All operations of all good repetitions together, as x = 1 / (1 - fraction), y = ns at or below which they lie. */
int hy_load_percentiles(const hy_study *study, const hy_entry *entry, hy_curve *ret_curve, hy_error *error);
void hy_curve_free(hy_curve *curve);

/* derive.c */
void hy_study_derive(hy_study *study, const char *baseline);
/* The sample of that name, or NULL. */
const hy_sample *hy_entry_sample(const hy_entry *entry, const char *name);
void hy_entry_describe(hy_entry *entry); /* its role and whether it is a fake, from its spec */
/* The median over repetitions, NAN if it was not measured. */
double hy_entry_metric(const hy_entry *entry, const char *name);
/* Of the first entry that has it: for what belongs to the machine or the trace, and not to an allocator. */
double hy_study_metric(const hy_study *study, const char *name);
/* Whether it can stand in a comparison of time and memory. */
bool hy_entry_complete(const hy_entry *entry);
bool hy_entry_failed(const hy_entry *entry);
/* Nothing of it ended well: the sentence that says why, else NULL. */
const char *hy_entry_nothing(const hy_entry *entry);
/* "ok", "refused", "crash (latency)", "timeout 1 of 5 (throughput)" */
typedef struct hy_words {
    char text[640];
} hy_words;
hy_words hy_entry_outcome(const hy_entry *entry);
/* What to print where a figure of this pass is missing: "n/a", or the outcome that prevented it. */
const char *hy_entry_missing(const hy_entry *entry, hy_report_pass pass);

/* contests.c: fills in all judgements, campaign by campaign; after hy_study_derive of every study. */
int hy_report_judge(hy_report *report, hy_error *error);
/* Its verdicts about time do not stand: the control was told apart from itself. */
bool hy_study_withheld(const hy_study *study);

/* findings.c: sentences that can be quoted. */
hy_words hy_finding_fastest(const hy_study *study);
hy_words hy_finding_leanest(const hy_study *study);
hy_words hy_finding_limits(const hy_study *study);
/* "2 of 9 allocators did not get through: …"; empty if all did. */
hy_words hy_finding_failures(const hy_study *study);
/* Adds to the words, and keeps control characters out of them. */
__attribute__((format(printf, 2, 3))) void hy_say(hy_words *words, const char *format, ...);
/* "1.31× as fast as system (95 % CI 1.28–1.34: faster)": `one` with the baseline, or the fastest with any other. */
void hy_say_speed(const hy_study *study, const hy_entry *one, const hy_entry *other, hy_words *words);
void hy_print_findings(const hy_study *study, FILE *out);
/* The fastest, leanest general-purpose allocator, or NULL. */
const hy_entry *hy_fastest(const hy_study *study);
const hy_entry *hy_leanest(const hy_study *study);

/* choice.c: which allocator for this trace.
 *   1. Whoever is general-purpose, has a time and a footprint, and got through every pass can be chosen.
 *   2. Of these, those that are not shown to be slower than the fastest, and are shown to be faster than the baseline
 * if that is slower; of these, the one with the least memory.
 *   3. The baseline stays if it is among those and nothing as fast saves more than the margin of memory. */
typedef struct hy_choice {
    const hy_entry *take;     /* NULL: nobody can be chosen */
    size_t rivals;            /* others that are not shown to be slower than the fastest */
    const hy_entry *saver[3]; /* not slower to no purpose: on the front, with less memory; the fastest of them first */
    size_t savers;
} hy_choice;
hy_choice hy_choose(const hy_study *study);
/* Whether it may be as fast as the fastest. */
bool hy_choice_as_fast(const hy_entry *entry);
/* Sentences, without their full stop. */
hy_words hy_choice_time(const hy_study *study, const hy_choice *choice);
hy_words hy_choice_memory(const hy_study *study, const hy_choice *choice);
hy_words hy_choice_sure(const hy_study *study, const hy_choice *choice);
hy_words hy_choice_instead(const hy_study *study, const hy_choice *choice); /* empty: nothing is worth it */
/* Nothing may be concluded: withheld, or too few rounds. */
bool hy_choice_open(const hy_study *study, const hy_choice *choice);
/* "Take", "Stay with", or that there is no verdict; a name follows. */
const char *hy_choice_verb(const hy_study *study, const hy_choice *choice);
/* Why verdicts are withheld; empty if they are not. */
hy_words hy_choice_withheld(const hy_study *study);

/* columns.c: the columns of the tables, for every format. */
typedef enum hy_column_kind {
    HY_COLUMN_SPEC,
    HY_COLUMN_VERSION,
    HY_COLUMN_OUTCOME,
    HY_COLUMN_OUTLIER,
    HY_COLUMN_VERDICT,
    HY_COLUMN_NS,
    HY_COLUMN_RATIO,
    HY_COLUMN_P,
    HY_COLUMN_PERCENT,
    HY_COLUMN_BYTES,
    HY_COLUMN_COUNT
} hy_column_kind;

typedef struct hy_column {
    const char *key;   /* CSV header and JSON key; for a plain metric its name */
    const char *title; /* for people */
    hy_column_kind kind;
    hy_report_pass pass;                                 /* that it comes from */
    double (*value)(const hy_study *, const hy_entry *); /* or NULL */
    size_t member; /* else a double of hy_entry, by its offset; 0: the metric called key */
} hy_column;

/* Each ends with key == NULL. */
extern const hy_column hy_columns_main[], hy_columns_verdicts[], hy_columns_latency[], hy_columns_kinds[],
    hy_columns_slowest[], hy_columns_memory[], hy_columns_all[];
/* Of a verdict's column: the word, "" if there is none. */
const char *hy_column_word(const hy_column *column, const hy_entry *entry);
double hy_column_value(const hy_column *column, const hy_study *study, const hy_entry *entry);
/* The cell as people read it; never empty. */
hy_words hy_column_show(const hy_column *column, const hy_study *study, const hy_entry *entry);
bool hy_column_is_text(const hy_column *column);

/* outliers.c: what its slowest operation was, as far as is known; never empty. */
hy_words hy_outlier_words(const hy_study *study, const hy_entry *entry);

/* overview.c: one ratio a trace and allocator, and their geometric means. */
typedef enum hy_overview { HY_OVERVIEW_TIME, HY_OVERVIEW_MEMORY } hy_overview;
double hy_overview_ratio(const hy_report *report, size_t study, size_t spec, hy_overview what);
const hy_entry *hy_overview_entry(const hy_study *study, const char *spec);
/* The geometric mean over the traces that have it; NAN for none. */
double hy_overview_mean(const hy_report *report, size_t spec, hy_overview what, size_t *ret_traces);

/* table.c, markdown.c, json.c, gbench_json.c, hgrm.c: what goes to stdout. */
void hy_print_text(const hy_report *report, FILE *out);
void hy_print_markdown(const hy_report *report, FILE *out);
void hy_print_csv(const hy_report *report, FILE *out);
int hy_print_json(const hy_report *report, FILE *out, hy_error *error);
int hy_print_gbench(const hy_report *report, FILE *out, hy_error *error);
/* A histogram for each trace, allocator and kind of operation, each a file in the folder; to stdout if that is NULL. */
int hy_write_hgrm(const hy_report *report, const char *folder, size_t *ret_written, hy_error *error);

/* figures.c: the .dat files, then gnuplot (gnuplot.c). */
typedef struct hy_figure {
    const char *plot;  /* "throughput": plots/throughput.gp */
    const char *title; /* for people */
    const char *about; /* how to read it */
    char base[128];    /* file name without folder and ending */
    char id[128];      /* by which `heapyard reproduce` knows it; may be empty */
    char note[1024];   /* what is not in the picture and why; may be empty */
    char options[512]; /* gnuplot assignments: numbers only */
    size_t rows;       /* of data; 0: nothing to draw */
    bool drawn;
} hy_figure;

enum { HY_FIGURES = 7 };
/* Writes the .dat files of one study into `folder` and fills in the figures. */
int hy_write_figures(const hy_study *study, const char *folder, hy_figure ret_figures[HY_FIGURES], hy_error *error);
/* Draws .svg and .png; sets drawn.  -ENOENT: no gnuplot here, or no plots. */
int hy_draw_figure(const char *folder, hy_figure *figure, hy_error *error);
/* The same for one ending, "svg" or "png"; leaves `drawn` alone. */
int hy_draw_picture(const char *folder, const hy_figure *figure, const char *ending, hy_error *error);
/* A file name part out of any text: letters, digits, "-", at most 40. */
void hy_slug(const char *text, char ret[64]);
/* "cc1-tradeoff", or with the study's number in front if another one has that name: what `heapyard reproduce` calls a
 * figure or table of this study. */
void hy_figure_id(const hy_study *study, const char *what, char ret[128]);

/* figure_scatter.c: writes BASE.dat into `folder` and fills in the figure's rows and options; what is not finite is
 * left out.  Less of x and y is better. */
typedef struct hy_scatter_point {
    const char *name;
    double x, y;
    unsigned style; /* line type, from 1 */
} hy_scatter_point;
int hy_write_scatter(const hy_scatter_point *points, size_t count, const char *title, const char *subtitle,
                     const char *folder, hy_figure *figure, hy_error *error);

/* svg.c: a drawn figure as part of a page: colours become CSS variables, ids get a prefix. 0 or -errno. */
int hy_inline_svg(const char *path, const char *id, const char *title, FILE *out, hy_error *error);

/* html.c */
#define HY_SOURCES "sources" /* beside the page: a line for each database, with a tab and the campaign asked for */
int hy_write_page(const hy_report *report, const char *folder, bool *ret_no_gnuplot, hy_error *error);
/* Makes it, and the folders that it lies in. */
int hy_make_folder(const char *folder, hy_error *error);
/* escape.c: text from data, safe between tags and inside double quotes. */
void hy_html(FILE *out, const char *text);
/* A field of a CSV table (RFC 4180): quoted if it has to be, quotes doubled. */
void hy_csv(FILE *out, const char *text);
/* A quoted field of a gnuplot data file, cut after 40 characters, or after `most`. */
void hy_dat(FILE *out, const char *text);
void hy_dat_most(FILE *out, const char *text, size_t most);

#endif
