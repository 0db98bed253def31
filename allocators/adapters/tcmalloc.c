/* SPDX-License-Identifier: MIT
 *
 * tcmalloc.c - tcmalloc of gperftools, without its profiler: caches for each thread over central lists over spans.
 */
#include "foreign.h"

typedef struct tcmalloc_params {
    hy_foreign_params library;
    uint64_t release_rate, heap_limit_mb, transfer_num_obj;
    size_t max_total_thread_cache_bytes;
    bool aggressive_decommit, disable_memory_release, skip_sbrk, skip_mmap;
} tcmalloc_params;

static const hy_param tcmalloc_table[] = {
    HY_FOREIGN_FILE("libtcmalloc_minimal.so.4"),
    {.name = "max_total_thread_cache_bytes",
     .help = "all thread caches together",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(tcmalloc_params, max_total_thread_cache_bytes),
     .environment = "TCMALLOC_MAX_TOTAL_THREAD_CACHE_BYTES="},
    {.name = "release_rate",
     .help = "how eagerly pages are given back, 0 (never) to 10",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(tcmalloc_params, release_rate),
     .max = 10,
     .environment = "TCMALLOC_RELEASE_RATE="},
    {.name = "aggressive_decommit",
     .help = "give back each span at once",
     .type = HY_PARAM_BOOL,
     .offset = offsetof(tcmalloc_params, aggressive_decommit),
     .environment = "TCMALLOC_AGGRESSIVE_DECOMMIT="},
    {.name = "disable_memory_release",
     .help = "give back nothing",
     .type = HY_PARAM_BOOL,
     .offset = offsetof(tcmalloc_params, disable_memory_release),
     .environment = "TCMALLOC_DISABLE_MEMORY_RELEASE="},
    {.name = "heap_limit_mb",
     .help = "at most so many MiB",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(tcmalloc_params, heap_limit_mb),
     .max = 1 << 24,
     .environment = "TCMALLOC_HEAP_LIMIT_MB="},
    {.name = "transfer_num_obj",
     .help = "blocks moved at once between a thread and the centre",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(tcmalloc_params, transfer_num_obj),
     .min = 1,
     .max = 65536,
     .environment = "TCMALLOC_TRANSFER_NUM_OBJ="},
    {.name = "skip_sbrk",
     .help = "do not use sbrk",
     .type = HY_PARAM_BOOL,
     .offset = offsetof(tcmalloc_params, skip_sbrk),
     .environment = "TCMALLOC_SKIP_SBRK="},
    {.name = "skip_mmap",
     .help = "do not use mmap",
     .type = HY_PARAM_BOOL,
     .offset = offsetof(tcmalloc_params, skip_mmap),
     .environment = "TCMALLOC_SKIP_MMAP="},
    {.name = NULL},
};

const hy_heap_ops hy_tcmalloc_ops = {
    .name = "tcmalloc",
    .summary = "thread caches over central lists over spans of pages",
    .source = "S. Ghemawat, P. Menage, TCMalloc: thread-caching malloc, 2005",
    HY_FOREIGN_MEMBERS,
    .params = tcmalloc_table,
    .params_size = sizeof(tcmalloc_params),
};
