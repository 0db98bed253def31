/* SPDX-License-Identifier: MIT
 *
 * system.c - the malloc of the C library of this process.
 *
 * Doug Lea's design with arenas by Wolfram Gloger and a cache for each thread.  It is asked for by name in libc.so.6,
 * so that a malloc which replaces it in this process (a sanitizer's, a preloaded one) is not measured instead.
 */
#include "foreign.h"

#define GLIBC(key) "GLIBC_TUNABLES=glibc.malloc." key "="

typedef struct system_params {
    hy_foreign_params library;
    uint64_t tcache, tcache_max, mxfast, arena_max, mmap_max, hugetlb, perturb;
    size_t mmap_threshold, trim_threshold, top_pad;
} system_params;

static const hy_param system_table[] = {
    HY_FOREIGN_FILE("libc.so.6"),
    {.name = "tcache",
     .help = "blocks that a thread caches in each class; 0: no thread cache",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(system_params, tcache),
     .max = 65535,
     .environment = GLIBC("tcache_count")},
    {.name = "tcache_max",
     .help = "the largest block in bytes that a thread caches",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(system_params, tcache_max),
     .max = 1032,
     .environment = GLIBC("tcache_max")},
    {.name = "mxfast",
     .help = "the largest block in bytes in the fast bins; 0: none",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(system_params, mxfast),
     .max = 160,
     .environment = GLIBC("mxfast")},
    {.name = "arena_max",
     .help = "at most so many arenas",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(system_params, arena_max),
     .min = 1,
     .max = 65536,
     .environment = GLIBC("arena_max")},
    {.name = "mmap_max",
     .help = "at most so many blocks that are mapped one by one",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(system_params, mmap_max),
     .max = 2147483647,
     .environment = GLIBC("mmap_max")},
    {.name = "mmap_threshold",
     .help = "blocks from this size on are mapped one by one",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(system_params, mmap_threshold),
     .environment = GLIBC("mmap_threshold")},
    {.name = "trim_threshold",
     .help = "the free end of the heap is given back from this size on",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(system_params, trim_threshold),
     .environment = GLIBC("trim_threshold")},
    {.name = "top_pad",
     .help = "so much more is taken whenever the heap grows",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(system_params, top_pad),
     .environment = GLIBC("top_pad")},
    {.name = "hugetlb",
     .help = "1: ask for transparent huge pages; 2: use reserved huge pages",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(system_params, hugetlb),
     .max = 2,
     .environment = GLIBC("hugetlb")},
    {.name = "perturb",
     .help = "fill blocks with a byte made of this number",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(system_params, perturb),
     .max = 255,
     .environment = GLIBC("perturb")},
    {.name = NULL},
};

const hy_heap_ops hy_system_ops = {
    .name = "system",
    .summary = "the C library's malloc",
    .source = "GNU C library; D. Lea, A memory allocator, 1996",
    HY_FOREIGN_MEMBERS,
    .params = system_table,
    .params_size = sizeof(system_params),
};
