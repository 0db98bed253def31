/* SPDX-License-Identifier: MIT
 *
 * jemalloc.c - jemalloc: arenas of slabs and extents, caches for each thread, pages given back as they decay.
 *
 * Its thread-local data is static, and larger than what the loader keeps in reserve: the process must have been started
 * with GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384.
 */
#include "foreign.h"

#define CONF(key) "MALLOC_CONF=" key ":"

typedef struct jemalloc_params {
    hy_foreign_params library;
    uint64_t dirty_decay_ms, muzzy_decay_ms, narenas, lg_tcache_max;
    uint32_t tcache, background_thread, retain, thp, metadata_thp, dss;
    size_t oversize_threshold;
} jemalloc_params;

static const char *const jemalloc_bool[] = {"false", "true", NULL};
static const char *const jemalloc_thp[] = {"default", "always", "never", NULL};
static const char *const jemalloc_metadata_thp[] = {"disabled", "auto", "always", NULL};
static const char *const jemalloc_dss[] = {"disabled", "primary", "secondary", NULL};

static const hy_param jemalloc_table[] = {
    HY_FOREIGN_FILE("libjemalloc.so.2"),
    {.name = "dirty_decay_ms",
     .help = "unused dirty pages are purged over so many milliseconds; 0: at once",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(jemalloc_params, dirty_decay_ms),
     .environment = CONF("dirty_decay_ms")},
    {.name = "muzzy_decay_ms",
     .help = "the same for pages that were given back lazily",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(jemalloc_params, muzzy_decay_ms),
     .environment = CONF("muzzy_decay_ms")},
    {.name = "narenas",
     .help = "so many arenas",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(jemalloc_params, narenas),
     .min = 1,
     .max = 4096,
     .environment = CONF("narenas")},
    {.name = "tcache",
     .help = "caches for each thread",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(jemalloc_params, tcache),
     .choices = jemalloc_bool,
     .environment = CONF("tcache")},
    {.name = "lg_tcache_max",
     .help = "log2 of the largest block that a thread caches",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(jemalloc_params, lg_tcache_max),
     .min = 3,
     .max = 23,
     .environment = CONF("lg_tcache_max")},
    {.name = "background_thread",
     .help = "purge in a thread of its own",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(jemalloc_params, background_thread),
     .choices = jemalloc_bool,
     .environment = CONF("background_thread")},
    {.name = "retain",
     .help = "keep address space instead of unmapping it",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(jemalloc_params, retain),
     .choices = jemalloc_bool,
     .environment = CONF("retain")},
    {.name = "thp",
     .help = "transparent huge pages",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(jemalloc_params, thp),
     .choices = jemalloc_thp,
     .environment = CONF("thp")},
    {.name = "metadata_thp",
     .help = "transparent huge pages for its own data",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(jemalloc_params, metadata_thp),
     .choices = jemalloc_metadata_thp,
     .environment = CONF("metadata_thp")},
    {.name = "dss",
     .help = "use of sbrk",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(jemalloc_params, dss),
     .choices = jemalloc_dss,
     .environment = CONF("dss")},
    {.name = "oversize_threshold",
     .help = "blocks from this size on have an arena of their own",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(jemalloc_params, oversize_threshold),
     .environment = CONF("oversize_threshold")},
    {.name = NULL},
};

const hy_heap_ops hy_jemalloc_ops = {
    .name = "jemalloc",
    .summary = "slabs and extents in arenas, thread caches, decaying pages",
    .source = "J. Evans, A scalable concurrent malloc(3) implementation for FreeBSD, BSDCan 2006",
    HY_FOREIGN_MEMBERS,
    .params = jemalloc_table,
    .params_size = sizeof(jemalloc_params),
};
