/* SPDX-License-Identifier: MIT
 *
 * workloads.h - programs that run in a paged range and know what must come out.
 */
#ifndef HY_WORKLOADS_H
#define HY_WORKLOADS_H

#include "board.h"

typedef struct hy_workload_setup {
    uint64_t seed;
    unsigned threads;                   /* 1, unless the workload says that it can */
    uint64_t rounds;                    /* what a round is, the workload knows */
    const hy_page_reference *reference; /* of `string` */
    size_t references;
} hy_workload_setup;

typedef struct hy_paged_workload {
    const char *name, *summary;
    const char *rounds; /* what a round is; NULL: it has none */
    bool threads;
    uint64_t usual_rounds;
    /* Does its work in `paged` and says in board->said what came out.  True: what should. */
    bool (*run)(hy_paged *paged, const hy_workload_setup *setup);
} hy_paged_workload;

extern const hy_paged_workload *const hy_paged_workloads[]; /* ends with NULL */

const hy_paged_workload *hy_paged_workload_find(const char *name);

extern const hy_paged_workload hy_workload_sort, hy_workload_join, hy_workload_matrix, hy_workload_walk,
    hy_workload_cycle, hy_workload_storm, hy_workload_string;

/* Says what came out, printf style; returns `right`. */
__attribute__((format(printf, 3, 4))) bool hy_workload_say(hy_paged *paged, bool right, const char *format, ...);

#endif
