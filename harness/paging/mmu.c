/* SPDX-License-Identifier: MIT
 *
 * mmu.c - a trace through TLBs and page tables (see mmu.h).
 *
 * A cache here is an array of sets; a set is an array of keys, the most recently used first.  A key is the number of
 * the page (or of what an upper entry spans) and the space.
 */
#include "mmu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOTHING UINT64_MAX

typedef struct cache_sets {
    uint64_t *key;
    uint32_t sets, ways;
} cache_sets;

typedef struct mmu {
    const hy_page_trace *trace;
    const hy_mmu_options *options;
    hy_page_table table;
    unsigned leaf;
    cache_sets tlb[HY_TLBS_MOST], upper[HY_LEVELS_MOST + 1]; /* upper: by level */
    hy_mmu_counts counts;
} mmu;

/* ----------------------------------------------------------------------------------------------------- caches ---- */

static void cache_forget(cache_sets *cache) {
    for (size_t i = 0; i < (size_t)cache->sets * cache->ways; i++)
        cache->key[i] = NOTHING;
}

static bool cache_make(cache_sets *cache, uint32_t entries, uint32_t ways) {
    cache->sets = entries / ways;
    cache->ways = ways;
    cache->key = malloc((size_t)entries * sizeof *cache->key);
    if (cache->key)
        cache_forget(cache);
    return cache->key != NULL;
}

/* Whether it was there; it is there afterwards, as the most recently used of its set. */
static bool cache_use(cache_sets *cache, uint64_t number, uint32_t space) {
    const uint64_t key = number << 12 | space;
    uint64_t *const set = cache->key + (number % cache->sets) * cache->ways;
    uint32_t way = 0;
    if (set[0] == key)
        return true;
    while (way < cache->ways - 1 && set[way] != key)
        way++;
    const bool hit = set[way] == key;
    memmove(set + 1, set, way * sizeof *set);
    set[0] = key;
    return hit;
}

/* ------------------------------------------------------------------------------------------------------- walks ---- */

/* The level from which on the walk must read: below the deepest upper entry that is known. */
static unsigned walk_begin(mmu *self, uint64_t address, uint32_t space) {
    unsigned begin = self->options->levels;
    if (self->options->walk_cache == 0)
        return begin;
    for (unsigned level = self->options->levels; level > self->leaf; level--)
        if (cache_use(&self->upper[level], address >> hy_level_shift(level), space))
            begin = level - 1;
    return begin;
}

static void walk(mmu *self, uint64_t address, uint32_t space) {
    hy_walk path;
    hy_page_table_walk(&self->table, space, address, &path);
    const unsigned skipped = self->options->levels - walk_begin(self, address, space);
    self->counts.walks++;
    self->counts.steps += path.steps - skipped;
}

/* -------------------------------------------------------------------------------------------------- references ---- */

static bool serves(const hy_tlb_shape *shape, bool fetch) {
    return shape->side == HY_TLB_BOTH || (shape->side == HY_TLB_CODE) == fetch;
}

static void translate(mmu *self, uint64_t address, uint32_t space, bool fetch) {
    const hy_mmu_options *const o = self->options;
    self->counts.references++;
    for (size_t i = 0; i < o->tlbs; i++) {
        if (serves(&o->tlb[i], fetch) && cache_use(&self->tlb[i], address >> o->shift, space)) {
            self->counts.hits[i]++;
            return;
        }
    }
    walk(self, address, space);
}

static void forget_all(mmu *self) {
    for (size_t i = 0; i < self->options->tlbs; i++)
        cache_forget(&self->tlb[i]);
    for (unsigned level = 0; level <= HY_LEVELS_MOST; level++)
        cache_forget(&self->upper[level]);
}

static void run(mmu *self) {
    const hy_page_trace *const trace = self->trace;
    uint32_t space = trace->granules ? trace->granule[0].space : 0;
    for (uint64_t i = 0; i < trace->count; i++) {
        const uint32_t reference = trace->reference[i], kind = reference & 3;
        const hy_granule granule = trace->granule[reference >> 2];
        if (self->options->which != HY_PAGE_ALL && (kind == HY_PAGE_FETCH) != (self->options->which == HY_PAGE_CODE))
            continue;
        if (granule.space != space) {
            space = granule.space;
            self->counts.switches++;
            if (!self->options->asids)
                forget_all(self);
        }
        translate(self, granule.number << trace->shift, space, kind == HY_PAGE_FETCH);
    }
}

/* ------------------------------------------------------------------------------------------------------- setup ---- */

static int map_all(mmu *self, hy_error *error) {
    const hy_page_trace *const trace = self->trace;
    hy_walk before;
    for (uint32_t i = 0; i < trace->granules; i++) {
        const uint64_t address = trace->granule[i].number << trace->shift;
        if (!hy_address_is_canonical(address, self->options->levels))
            return hy_fail(error, -EINVAL, "address 0x%llx needs more than the %u bits of %u levels",
                           (unsigned long long)address, 12 + 9 * self->options->levels, self->options->levels);
        hy_page_table_walk(&self->table, trace->granule[i].space, address, &before);
        if (before.present)
            continue;
        if (hy_page_table_map(&self->table, trace->granule[i].space, address, self->counts.pages++) < 0)
            return hy_fail(error, -ENOMEM, "no memory for the page tables");
    }
    self->counts.nodes = self->table.nodes;
    return 0;
}

static int make_caches(mmu *self, hy_error *error) {
    const hy_mmu_options *const o = self->options;
    bool made = true;
    for (size_t i = 0; i < o->tlbs; i++)
        made = made && cache_make(&self->tlb[i], o->tlb[i].entries, o->tlb[i].ways);
    for (unsigned level = self->leaf + 1; level <= o->levels && o->walk_cache; level++)
        made = made && cache_make(&self->upper[level], o->walk_cache, o->walk_cache);
    return made ? 0 : hy_fail(error, -ENOMEM, "no memory for the TLBs");
}

int hy_mmu_run(const hy_page_trace *trace, const hy_mmu_options *options, hy_mmu_counts *ret, hy_error *error) {
    mmu self = {.trace = trace, .options = options, .leaf = hy_leaf_of(options->shift)};
    if (self.leaf == 0 || options->shift < trace->shift)
        return hy_fail(error, -EINVAL, "page tables map pages of 4K, 2M and 1G, none smaller than the trace's %lluK",
                       (1ull << trace->shift) / 1024);
    hy_page_table_start(&self.table, options->levels, self.leaf);
    int r = map_all(&self, error);
    if (r == 0)
        r = make_caches(&self, error);
    if (r == 0) {
        run(&self);
        *ret = self.counts;
    }
    for (size_t i = 0; i < HY_TLBS_MOST; i++)
        free(self.tlb[i].key);
    for (unsigned level = 0; level <= HY_LEVELS_MOST; level++)
        free(self.upper[level].key);
    hy_page_table_clear(&self.table);
    return r;
}

/* ------------------------------------------------------------------------------------------------------- words ---- */

/* "i64x8": 0 or -EINVAL. */
static int parse_shape(const char *word, size_t size, hy_tlb_shape *ret) {
    char text[40], *end;
    if (size == 0 || size >= sizeof text)
        return -EINVAL;
    memcpy(text, word, size);
    text[size] = '\0';
    ret->side = text[0] == 'i' ? HY_TLB_CODE : text[0] == 'd' ? HY_TLB_DATA : HY_TLB_BOTH;
    const char *const digits = text + (ret->side != HY_TLB_BOTH);
    const unsigned long entries = strtoul(digits, &end, 10);
    const char *const second = *end == 'x' ? end + 1 : "";
    const unsigned long ways = strtoul(second, &end, 10);
    if (*digits < '1' || *digits > '9' || *second < '1' || *second > '9' || *end != '\0')
        return -EINVAL;
    if (entries > HY_TLB_ENTRIES_MOST || ways > entries || entries % ways != 0)
        return -EINVAL;
    ret->entries = (uint32_t)entries;
    ret->ways = (uint32_t)ways;
    return 0;
}

int hy_tlb_parse(const char *text, hy_mmu_options *options, hy_error *error) {
    unsigned level = 0;
    bool letters = false;
    options->tlbs = 0;
    for (const char *word = text;; word++) {
        const size_t size = strcspn(word, ",");
        hy_tlb_shape shape = {.entries = 0};
        if (options->tlbs == HY_TLBS_MOST)
            return hy_fail(error, -EINVAL, "--tlb \"%s\": at most %u TLBs", text, HY_TLBS_MOST);
        if (parse_shape(word, size, &shape) < 0)
            return hy_fail(error, -EINVAL,
                           "--tlb \"%.*s\": expected ENTRIESxWAYS such as 64x4, d64x4 or i64x8: ways divide the "
                           "entries, at most %u",
                           (int)size, word, HY_TLB_ENTRIES_MOST);
        level += !(letters && shape.side != HY_TLB_BOTH);
        letters = shape.side != HY_TLB_BOTH;
        shape.level = level;
        options->tlb[options->tlbs++] = shape;
        word += size;
        if (*word == '\0')
            return 0;
    }
}
