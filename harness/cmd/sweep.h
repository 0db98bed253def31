/* SPDX-License-Identifier: MIT
 *
 * sweep.h - what `heapyard sweep` was asked for, the ready-made sweeps, and what is told of them.
 */
#ifndef HY_SWEEP_H
#define HY_SWEEP_H

#include "points.h"
#include "replay_options.h"
#include "replay_rows.h"

#define HY_SWEEP_VARY 8 /* variations at most */

typedef struct hy_sweep hy_sweep;

/* What a ready-made sweep measures, spelled as on the command line; what a user says of the same stands instead. */
typedef struct hy_sweep_shape {
    const char *specs;                   /* -a */
    const char *beside;                  /* measured as they are, for comparison; or NULL */
    const char *vary[HY_SWEEP_VARY + 1]; /* --vary; ends with NULL */
    const char *traces[16];              /* names of shipped traces, "jq"; ends with NULL; none: all in traces/ */
    unsigned repetitions;                /* 0: the usual ones */
    unsigned most_latency;               /* repetitions of the latency pass at most; 0: no limit */
    uint64_t timeout;                    /* ns; 0: the usual one */
    double yard;                         /* the yard pass too, in so many times the most live bytes; 0: without */
} hy_sweep_shape;

/* A sweep with a name: `heapyard sweep merge`. */
typedef struct hy_sweep_named {
    const char *name, *summary;
    hy_sweep_shape full, quick;
    /* After the campaign, instead of the usual table: an exit code. */
    int (*tell)(const hy_sweep *sweep, hy_store *store, const hy_campaign_end *end);
} hy_sweep_named;

extern const hy_sweep_named hy_sweeps[]; /* ends with a NULL name */

struct hy_sweep {
    hy_replay_options replay; /* its specs are the points, null first */
    const hy_sweep_named *named;
    bool quick, dry_run;
    const char *vary_text[HY_SWEEP_VARY];
    size_t vary_count;
    hy_vary vary[HY_SWEEP_VARY];
    size_t base_count; /* specs that were varied */
    size_t again;      /* combinations left out because another spelling had named them */
    hy_probed *probed; /* of each point */
};

/* Fills in everything, the points and what becomes of opening them too.  0, or an exit code after saying what was
 * wrong. */
int sweep_read(int argc, char **argv, hy_sweep *ret_sweep);
void sweep_free(hy_sweep *sweep);

/* The plan on standard output (--dry-run).  An exit code. */
int sweep_print_plan(const hy_sweep *sweep);
/* One line of it on standard error, before the campaign.  0, or an exit code after saying what was wrong. */
int sweep_announce(const hy_sweep *sweep);

/* A table for each trace and a sentence.  An exit code. */
int sweep_tell(const hy_sweep *sweep, hy_store *store, const hy_campaign_end *end);

/* One sentence to be quoted, with a newline; nothing if there is nothing to compare. */
void sweep_print_sentence(const hy_rows *rows);

#endif
