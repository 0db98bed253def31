/* SPDX-License-Identifier: MIT
 *
 * replay_rows.h - the figures of one campaign on one trace, a row for each allocator, from the results database.
 */
#ifndef HY_REPLAY_ROWS_H
#define HY_REPLAY_ROWS_H

#include "campaign.h"
#include "trials.h"

/* Figures that a row holds all repetitions of; replay_figure_names says which metric each is. */
typedef enum hy_replay_figure {
    HY_FIGURE_NS,
    HY_FIGURE_P50,
    HY_FIGURE_P99,
    HY_FIGURE_P999,
    HY_FIGURE_MAX,
    HY_FIGURE_COMMITTED,
    HY_FIGURE_RESIDENT,
    HY_FIGURE_LIVE,
    HY_FIGURE_VERIFIED,
    HY_FIGURE_PLACEMENT,
    HY_FIGURE_SEARCH,
    HY_FIGURE_SPLITS,
    HY_FIGURE_MERGES,
    HY_FIGURE_WASTED,
    HY_FIGURE_REGRET,
    HY_FIGURE_PASSES,
    HY_FIGURE_STEPS,
    HY_FIGURE_LONGEST,
    HY_FIGURE_GROWS,
    HY_FIGURE_YARD,
    HY_FIGURE_FAILURES,
    HY_FIGURE_FIRST,
    HY_FIGURE_WALKED,
    HY_FIGURE_EXTERNAL,
    HY_FIGURE_MERGE_MAX,
    HY_FIGURE_GROW_MAX,
    HY_FIGURE_PLAIN_MAX,
    HY_FIGURE_SLOWEST,
    HY_FIGURE_WINDOWS,
    HY_FIGURE_SPEED,
    HY_FIGURE_LATE,
    HY_FIGURE_LATEST,
    HY_FIGURE_THREADS,
    HY_REPLAY_FIGURES
} hy_replay_figure;

extern const char *const replay_figure_names[HY_REPLAY_FIGURES];

typedef struct hy_values {
    double *value;
    size_t count;
} hy_values;

typedef struct hy_row_of_spec {
    const char *spec; /* the plan's */
    char version[64];
    hy_values figure[HY_REPLAY_FIGURES];
    char outcome[16];  /* of the throughput pass, or of the first pass that was not ok; "": nothing was run */
    char problem[640]; /* "", «refused: sentence», or, of another pass, «verify: failed: sentence» */
    bool timed;        /* there was a throughput pass */
    bool failed;       /* some pass failed, crashed or took too long */
} hy_row_of_spec;

typedef struct hy_rows {
    char trace[256];
    hy_row_of_spec *row;
    size_t count;
    const hy_trial *trial; /* judged; NULL: nobody judged */
    hy_trial_words rounds; /* why there are so many; "": they were given */
    hy_trial_words few;    /* that they are too few for any verdict; "": they are not */
} hy_rows;

/* 0 or -errno with the sentence. */
int replay_rows_read(hy_store *store, int64_t campaign, int64_t trace, char *const *specs, size_t spec_count,
                     hy_rows *ret_rows, hy_error *error);
void replay_rows_free(hy_rows *rows);

/* The same for all traces of a campaign, in its order; to be freed. */
int replay_rows_read_all(hy_store *store, const hy_campaign_end *end, const hy_campaign_plan *plan, hy_rows **ret_rows,
                         hy_error *error);
void replay_rows_free_all(hy_rows *rows, size_t count);

/* The median over the repetitions (max: the most of all), NAN where there is none. */
double replay_row_figure(const hy_row_of_spec *row, hy_replay_figure figure);
/* Median ns/op over null's, and peak resident over peak live bytes; NAN where there is none. */
double replay_row_times_null(const hy_rows *rows, const hy_row_of_spec *row);
double replay_row_over_live(const hy_row_of_spec *row);
/* Between repetitions: median absolute deviation × 1.48 / median, 0.02 is 2 %.  NAN for fewer than 3. */
double replay_row_spread(const hy_row_of_spec *row);
/* The 95 % interval of the median ns/op.  False: too few repetitions. */
bool replay_row_interval(const hy_row_of_spec *row, double *ret_low, double *ret_high);

#endif
