/* SPDX-License-Identifier: MIT
 *
 * page.h - what the parts of `heapyard page` share: their options, and the references that they look at.
 */
#ifndef HY_PAGE_H
#define HY_PAGE_H

#include "command.h"
#include "mmu.h"
#include "page_trace.h"
#include "pagers.h"

#define PAGE_LIST_MOST 64u

/* The parts: "sim", "curve" ...; argv[0] is that word.  Each returns an exit code. */
int page_sim(int argc, char **argv);
int page_curve(int argc, char **argv);
int page_sizes(int argc, char **argv);
int page_live(int argc, char **argv);
int page_walk(int argc, char **argv);
int page_record(int argc, char **argv);

typedef struct page_numbers {
    uint64_t at[PAGE_LIST_MOST];
    size_t count;
} page_numbers;

typedef struct page_options {
    char **paths;
    size_t count;
    const char *string;     /* references by hand, instead of paths */
    const char *allocators; /* for allocation traces */
    const char *page;       /* the folder for the page of the report, or NULL */
    hy_pager_choice *pager;
    size_t pagers;
    page_numbers frames, memory, page_sizes;
    hy_page_read_options read;
    hy_page_which which;
    uint64_t slice; /* 0: one trace after the other */
    hy_mmu_options mmu;
    bool translates; /* --tlb, --levels or --walk-cache was given */
    bool time;
    uint64_t fault_time, reference_time; /* ns */
    hy_format format;
    const char *command; /* as typed */
} page_options;

/* Keys of options without a letter. */
enum {
    PAGE_STRING = 256,
    PAGE_FRAMES,
    PAGE_MEMORY,
    PAGE_SIZE,
    PAGE_LEVELS,
    PAGE_TLB,
    PAGE_WALK_CACHE,
    PAGE_ASIDS,
    PAGE_REFS,
    PAGE_REFERENCES,
    PAGE_GRANULE,
    PAGE_SLICE,
    PAGE_FORMAT,
    PAGE_TIME,
    PAGE_FAULT_TIME,
    PAGE_REFERENCE_TIME,
    PAGE_PAGE
};

/* For the tables of options. */
#define PAGE_OPTIONS_INPUT                                                                                             \
    {"allocators", 'a', "SPEC,…", 0, "for allocation traces (.hyt): whose placement is looked at", 0},                 \
        {"string", PAGE_STRING, "PAGES", 0, "references by hand instead of a trace: \"1 2 3w\", w for a write", 0},    \
        {"refs", PAGE_REFS, "WHICH", 0, "all, data or code (instruction fetches); all", 0},                            \
        {"references", PAGE_REFERENCES, "N", 0, "the first N only", 0},                                                \
        {"granule", PAGE_GRANULE, "SIZE", 0, "how finely addresses of text are kept; 4K", 0},                          \
        {"slice", PAGE_SLICE, "N", 0, "traces take turns of N references, each an address space", 0}, {                \
        "format", PAGE_FORMAT, "FORMAT", 0, "text, csv or json", 0                                                     \
    }
#define PAGE_OPTION_PAGERS                                                                                             \
    { "pager", 'p', "SPEC,…", 0, "replacement policies, such as lru,2q:in=25%", 0 }

void page_options_start(page_options *options, int argc, char **argv);
void page_options_free(page_options *options);
/* An argp parser of all these options. */
error_t page_parse_option(int key, char *argument, struct argp_state *state);
/* "4K,2M": 0, or -EINVAL after saying so. */
int page_parse_sizes(const char *option, const char *text, page_numbers *ret);
/* Appends.  0, or -EINVAL after saying so. */
int page_add_pagers(page_options *options, const char *list);
/* log2 of a page's bytes. */
unsigned page_shift(uint64_t bytes);

/* What there is to look at. */
typedef struct page_input {
    char name[256];
    hy_page_trace trace;
} page_input;

typedef struct page_inputs {
    page_input *at;
    size_t count;
} page_inputs;

/* 0, or an exit code after saying why. */
int page_inputs_read(const page_options *options, page_inputs *ret);
void page_inputs_free(page_inputs *inputs);

/* A part that looks at references. */
typedef struct page_look {
    const struct argp *argp;
    int (*complete)(page_options *options); /* what was not asked for, and what does not fit: an exit code */
    int (*look)(const page_options *options, const page_inputs *inputs);
} page_look;
int page_look_at(const page_look *look, int argc, char **argv);

#endif
