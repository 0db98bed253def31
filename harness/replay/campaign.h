/* SPDX-License-Identifier: MIT
 *
 * campaign.h - all cells of a comparison, in a random interleaved order, each stored as soon as it ends.
 */
#ifndef HY_CAMPAIGN_H
#define HY_CAMPAIGN_H

#include "child.h"
#include "probe.h"

typedef struct hy_progress {
    size_t done, total; /* cells */
    uint64_t elapsed;   /* ns since the campaign went on */
    uint64_t left;      /* ns, from the mean of the cells so far; 0: not known yet */
    const char *trace, *spec, *pass;
} hy_progress;

/* Memory of fixed size for the yard pass: so many bytes, or so many times the trace's most live bytes. */
typedef struct hy_yard {
    uint64_t bytes;
    double ratio; /* where bytes is 0 */
} hy_yard;

typedef struct hy_campaign_plan {
    char *const *traces; /* paths */
    size_t trace_count;
    char *const *specs;
    size_t spec_count;
    const hy_probed
        *probed; /* of each spec; one that cannot be opened gets its outcome once a pass.  NULL: not known */
    bool pass[HY_PASSES];
    const bool *threaded;  /* of each trace: the pass threads is for it; NULL: for all */
    size_t control;        /* the spec that the pass control runs: the one that others are compared with */
    unsigned repetitions;  /* of throughput, latency, threads and control; what repeats almost exactly runs once */
    double precision;      /* 0.02: rounds until an interval's half width is 2 %; 0: not given */
    uint64_t budget;       /* ns, for the whole campaign; 0: none.  With either, rounds.h says how many repetitions */
    unsigned pilot;        /* rounds that this is judged by; 0: 7 */
    unsigned most_latency; /* repetitions of latency at most; 0: no limit */
    hy_touch touch;
    hy_layout_kind layout;
    hy_form threads;     /* what the trace's threads become, if it has several */
    uint64_t window;     /* of hy_prepare_order */
    double open_loop;    /* the latency pass keeps recorded times, this many times as fast; 0: it does not */
    uint64_t timeout;    /* ns, of one cell */
    uint64_t most_bytes; /* of one cell */
    hy_yard yard;        /* of the yard pass */
    uint64_t seed;       /* of a new campaign; a resumed one has its own */
    const char *command; /* as typed, --resume left out */
    bool resume;         /* go on with the last campaign of the same command */
    const volatile sig_atomic_t *stop;
    void (*show_progress)(void *context, const hy_progress *progress); /* before each cell and at the end; or NULL */
    void (*warn)(void *context, const char *sentence);                 /* or NULL */
    void *context;
} hy_campaign_plan;

typedef struct hy_campaign_end {
    int64_t campaign;
    int64_t *traces; /* database ids, in the plan's order; to be freed */
    size_t cells;    /* of the whole plan */
    size_t missing;  /* not run, because we were stopped */
    size_t measured; /* by this call */
    bool open;       /* stopped before it was known how many rounds there will be: the cells are those of the pilot */
} hy_campaign_end;

/* How often a pass is run on each trace and spec, if it is run. */
unsigned hy_campaign_times(const hy_campaign_plan *plan, hy_pass pass);

/* The spec that the others are compared with: `system` if it is there, else the first that serves any program, else the
 * first that is no limit of the possible (null, bump); 0 if all are. */
size_t hy_campaign_baseline(const hy_campaign_plan *plan);

/* 0, also when stopped (then some are missing); -errno with the sentence. */
int hy_campaign_run(const hy_campaign_plan *plan, hy_store *store, hy_campaign_end *ret_end, hy_error *error);

#endif
