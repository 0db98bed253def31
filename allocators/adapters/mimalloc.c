/* SPDX-License-Identifier: MIT
 *
 * mimalloc.c - mimalloc: free lists in each page, segments of each thread, frees of others collected in batches.
 *
 * The names of the settings are those of the 2.0 versions (Debian 12 has 2.0.9); later ones speak of purging.
 */
#include "foreign.h"

typedef struct mimalloc_params {
    hy_foreign_params library;
    uint64_t reset_delay, segment_decommit_delay, decommit_extend_delay, eager_commit_delay, max_segment_reclaim;
    uint64_t reserve_huge_os_pages, use_numa_nodes;
    size_t reserve_os_memory;
    bool allow_decommit, eager_commit, large_os_pages, abandoned_page_decommit;
} mimalloc_params;

#define COUNT(id, text, variable)                                                                                      \
    {                                                                                                                  \
        .name = #id, .help = text, .type = HY_PARAM_COUNT, .offset = offsetof(mimalloc_params, id), .max = 1000000000, \
        .environment = "MIMALLOC_" variable "="                                                                        \
    }
#define FLAG(id, text, variable)                                                                                       \
    {                                                                                                                  \
        .name = #id, .help = text, .type = HY_PARAM_BOOL, .offset = offsetof(mimalloc_params, id),                     \
        .environment = "MIMALLOC_" variable "="                                                                        \
    }

static const hy_param mimalloc_table[] = {
    HY_FOREIGN_FILE("libmimalloc.so.2"),
    COUNT(reset_delay, "milliseconds until unused pages are given back", "RESET_DELAY"),
    COUNT(segment_decommit_delay, "milliseconds until unused parts of a segment are given back",
          "SEGMENT_DECOMMIT_DELAY"),
    COUNT(decommit_extend_delay, "milliseconds added when more of a segment becomes free", "DECOMMIT_EXTEND_DELAY"),
    COUNT(eager_commit_delay, "so many first segments of a thread are committed only on demand", "EAGER_COMMIT_DELAY"),
    COUNT(max_segment_reclaim, "segments of ended threads taken over at one time", "MAX_SEGMENT_RECLAIM"),
    COUNT(reserve_huge_os_pages, "so many huge pages of 1 GiB at the start", "RESERVE_HUGE_OS_PAGES"),
    COUNT(use_numa_nodes, "so many NUMA nodes at most; 0: all", "USE_NUMA_NODES"),
    {.name = "reserve_os_memory",
     .help = "memory taken at the start",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(mimalloc_params, reserve_os_memory),
     .environment = "MIMALLOC_RESERVE_OS_MEMORY="},
    FLAG(allow_decommit, "unused memory is given back at all", "ALLOW_DECOMMIT"),
    FLAG(eager_commit, "segments are committed as a whole", "EAGER_COMMIT"),
    FLAG(large_os_pages, "use large pages of 2 or 4 MiB", "LARGE_OS_PAGES"),
    FLAG(abandoned_page_decommit, "give back pages of ended threads", "ABANDONED_PAGE_DECOMMIT"),
    {.name = NULL},
};

const hy_heap_ops hy_mimalloc_ops = {
    .name = "mimalloc",
    .summary = "free lists in each page, sharded over threads",
    .source = "D. Leijen, B. Zorn, L. de Moura, Mimalloc: free list sharding in action, APLAS 2019",
    HY_FOREIGN_MEMBERS,
    .params = mimalloc_table,
    .params_size = sizeof(mimalloc_params),
};
