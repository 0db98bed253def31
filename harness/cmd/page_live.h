/* SPDX-License-Identifier: MIT
 *
 * page_live.h - `heapyard page live`: what is asked, what came out of each run, and how it is told.
 */
#ifndef HY_PAGE_LIVE_H
#define HY_PAGE_LIVE_H

#include "command.h"
#include "live_run.h"
#include "page.h"
#include "serve.h"
#include "sheet.h"

/* What the policy hears of references. */
typedef enum hy_hearing {
    HY_HEARING_ALL,    /* each one, from the log */
    HY_HEARING_FAULTS, /* misses and first writes */
    HY_HEARING_SAMPLE  /* and touches of pages that were unmapped for a test */
} hy_hearing;

extern const char *const hy_hearing_names[];

typedef struct live_options {
    const hy_paged_workload *workload; /* or */
    char **program;
    const char *allocator; /* of the program; NULL: the usual */
    hy_serving serving;
    char libraries[2 * HY_PATH_SIZE];
    hy_pager_choice *policy;
    size_t policies;
    uint64_t *frames;
    size_t frame_counts;
    uint64_t pages;
    hy_hearing hearing;
    bool chose_hearing, no_log, no_pin;
    uint64_t sample, rounds, seed;
    unsigned threads;
    hy_page_reference *string;
    size_t references;
    const char *folder, *page, *command;
    hy_format format;
} live_options;

/* One run of it. */
typedef struct live_row {
    const hy_pager_choice *policy;
    uint64_t frames;
    hy_hearing hearing;
    hy_live_outcome *outcome;    /* without its log */
    hy_histogram *seen;          /* HY_SERVED_KINDS; NULL: a program */
    bool right, simulated;       /* the result is right; there are counts to compare with */
    hy_paging_counts simulation; /* of the logged string */
    uint64_t references;
    char said[512];
} live_row;

/* Presets; live_close_options takes it back.  0, or an exit code. */
int live_open_options(live_options *options);
void live_close_options(live_options *options);
/* 0, or an exit code. */
int live_parse(int argc, char **argv, live_options *options);

/* Prints the answer.  HY_EXIT_OK or HY_EXIT_INPUT. */
int live_print(const live_options *options, const live_row *rows, size_t count);
/* The same as tables, to be freed. */
void live_fill_sheets(const live_options *options, const live_row *rows, size_t count, hy_sheet *ret_runs,
                      hy_sheet *ret_costs);
/* Writes the page. */
int live_write_page(const live_options *options, const live_row *rows, size_t count);

#endif
