/* SPDX-License-Identifier: MIT
 *
 * partitions.c - memory in blocks of one size, of which each program gets as many side by side as it needs.
 *
 *  1. Memory is an array of blocks.  A request is rounded up to whole blocks, and gets a run of free ones.
 *  2. The policy says which run: the first that is long enough (first), the first behind the last placement (next), the
 *     shortest that is long enough (best), or the longest (worst).  It is cut from the run's front.
 *  3. Two bitmaps, out of band: which blocks are taken, and at which a program begins.  Nothing lies beside a program.
 *  4. free clears bits; runs beside each other are one at once, as nothing parts them.
 *  5. Where the page source has no end, memory is committed when nothing else will do, at its end.
 *  6. compact slides all programs down to the front, in their order, so that all that is free is one run.
 *
 * A scan goes from block to block (search_steps counts blocks), though it looks at 64 of them at a time.  Behind `top`,
 * the end of the last program, all is free, and nobody looks: so a memory of 1 TiB costs no more than what is used of
 * it. Next fit goes on in the run that its last placement ends at, and takes that run as a whole.
 *
 * What a program gets and did not ask for is lost within it: half a block each on average, if sizes are arbitrary.
 *
 * Source: the fixed partitions of early batch systems; A. S. Tanenbaum, Modern Operating Systems, memory with bitmaps.
 * Bad at: requests smaller than a block, and many of them: a scan costs time in proportion to memory in use.
 */
#include "partitions_map.h"

#include <errno.h>
#include <string.h>

typedef struct partitions_params {
    size_t block;
    uint32_t policy;
    uint32_t grain;
    size_t reserve;
} partitions_params;

enum { PARTITIONS_FIRST, PARTITIONS_NEXT, PARTITIONS_BEST, PARTITIONS_WORST };

#define PARTITIONS_FIELD(key, kind) .name = #key, .type = kind, .offset = offsetof(partitions_params, key)

static const hy_param partitions_table[] = {
    {PARTITIONS_FIELD(block, HY_PARAM_SIZE), .help = "bytes of a block", .def = "4K", .min = 1,
     .max = (uint64_t)1 << 40},
    {PARTITIONS_FIELD(policy, HY_PARAM_CHOICE), .help = "which run of free blocks serves a request", .def = "first",
     .choices = (const char *const[]){"first", "next", "best", "worst", NULL}},
    {PARTITIONS_FIELD(grain, HY_PARAM_CHOICE),
     .help = "16: a block's size is rounded up to this, and blocks are aligned as it allows; 1: neither", .def = "16",
     .choices = (const char *const[]){"1", "16", NULL}},
    {PARTITIONS_FIELD(reserve, HY_PARAM_SIZE), .help = "address space to reserve, where the page source has no end",
     .def = "64G", .min = 4096, .max = (uint64_t)1 << 46},
    {.name = NULL},
};

#define PARTITIONS_CHUNK ((size_t)65536) /* data pages are committed by this */
#define PARTITIONS_ALIGN ((size_t)4096)  /* no alignment beyond this */

typedef struct partitions_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    char *pages; /* the reservation */
    char *base;  /* block 0 */
    size_t reserved, committed;
    size_t block;                 /* bytes */
    size_t limit;                 /* blocks that there can ever be */
    size_t count;                 /* blocks that are committed */
    size_t top;                   /* all blocks from here on are free */
    size_t rover;                 /* next fit: where the last placement ended */
    partitions_map taken, starts; /* a bit a block; as far as top */
    uint32_t policy;
    size_t live, live_blocks; /* programs, blocks taken */
    uint64_t misuse, searches, steps, failed, splits, grows;
} partitions_heap;

typedef struct partitions_run {
    size_t start, end;
} partitions_run;

/* -------------------------------------------------------------------------------------------------------- runs ---- */

/* The first run of free blocks at or behind `from`.  False: there is none. */
static bool next_run(const partitions_heap *self, size_t from, partitions_run *ret) {
    const size_t start = from < self->top ? map_next_clear(&self->taken, self->top, from) : from;
    const size_t end = start < self->top ? hy_bit_next(self->taken.words, self->top, start) : self->top;
    *ret = (partitions_run){start, end >= self->top ? self->count : end};
    return start < self->count;
}

/* The program that starts at `start`. */
static partitions_run program_at(const partitions_heap *self, size_t start) {
    const size_t next = hy_bit_next(self->starts.words, self->top, start + 1);
    return (partitions_run){start, map_next_clear(&self->taken, next, start)};
}

static bool is_start(const partitions_heap *self, size_t block) {
    return block < self->top && hy_bit_get(self->starts.words, block);
}

/* -------------------------------------------------------------------------------------------------- placement ---- */

/* The first run of `need` blocks that begins in [from, to).  False: none. */
static bool place_first(partitions_heap *self, size_t from, size_t to, size_t need, partitions_run *ret) {
    partitions_run run;
    for (size_t at = from; next_run(self, at, &run) && run.start < to; at = run.end) {
        const bool fits = run.end - run.start >= need;
        self->steps += (fits ? run.start + need : run.end) - at;
        if (fits) {
            *ret = run;
            return true;
        }
    }
    return false;
}

/* Where the run begins that the last placement ended at, or that place itself if it is taken. */
static size_t rover_start(const partitions_heap *self) {
    return map_clear_below(&self->taken, hy_min(self->rover, self->top));
}

static bool place_next(partitions_heap *self, size_t need, partitions_run *ret) {
    const size_t rover = rover_start(self);
    return place_first(self, rover, self->count, need, ret) || place_first(self, 0, rover, need, ret);
}

/* The shortest run that is long enough, or the longest; the first of several. */
static bool place_extreme(partitions_heap *self, size_t need, bool longest, partitions_run *ret) {
    partitions_run run;
    size_t best = 0;
    for (size_t at = 0; next_run(self, at, &run); at = run.end) {
        const size_t length = run.end - run.start;
        self->steps += (run.end == self->count ? hy_max(self->top, run.start + 1) : run.end) - at;
        if (length < need || (best != 0 && (longest ? length <= best : length >= best)))
            continue;
        best = length;
        *ret = run;
    }
    return best != 0;
}

static bool place(partitions_heap *self, size_t need, partitions_run *ret) {
    self->searches++;
    const bool found = self->policy == PARTITIONS_FIRST ? place_first(self, 0, self->count, need, ret)
                       : self->policy == PARTITIONS_NEXT
                           ? place_next(self, need, ret)
                           : place_extreme(self, need, self->policy == PARTITIONS_WORST, ret);
    self->failed += !found;
    return found;
}

/* Bits for the blocks below `end`.  False: no memory. */
static bool grow_maps(partitions_heap *self, size_t end) {
    return map_grow(&self->taken, self->meta, end) && map_grow(&self->starts, self->meta, end);
}

/* Commits blocks up to `end`, or more.  False: no memory. */
static bool grow(partitions_heap *self, size_t end) {
    if (end > self->limit)
        return false;
    const size_t skipped = (size_t)(self->base - self->pages);
    const size_t least = hy_pages_round(self->data, skipped + end * self->block) - self->committed;
    const size_t step = hy_pages_step(self->data, PARTITIONS_CHUNK, least, self->reserved - self->committed);
    if (self->data->ops->commit(self->data, self->pages + self->committed, step) < 0)
        return false;
    self->committed += step;
    self->count = hy_min(self->limit, (self->committed - skipped) / self->block);
    self->grows++;
    return true;
}

/* A run for `need` blocks; where all are taken, memory grows at its end.  False: no room. */
static bool find(partitions_heap *self, size_t need, partitions_run *ret) {
    if (!place(self, need, ret)) {
        if (need > self->limit - self->top || !grow(self, self->top + need))
            return false;
        *ret = (partitions_run){self->top, self->count};
    }
    return grow_maps(self, ret->start + need);
}

/* -------------------------------------------------------------------------------------------------------- heap ---- */

static void unmap(partitions_heap *self) {
    map_release(&self->starts, self->meta);
    map_release(&self->taken, self->meta);
    if (self->pages)
        self->data->ops->release(self->data, self->pages, self->reserved, self->committed);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

/* Maps before data: they may come out of the same limited source. */
static bool map(partitions_heap *self, const partitions_params *params, size_t align) {
    const size_t wanted = hy_pages_round(self->data, params->reserve);
    const size_t most = self->data->available == HY_ANY ? wanted : self->data->available;
    const size_t bits = most / self->block + 1;
    if (!map_reserve(&self->taken, self->meta, bits) || !map_reserve(&self->starts, self->meta, bits))
        return false;
    self->pages = hy_pages_reserve_run(self->data, wanted, self->block, &self->reserved);
    if (!self->pages)
        return false;
    self->base = (char *)hy_align_up((size_t)self->pages, align);
    const size_t skipped = (size_t)(self->base - self->pages);
    self->limit = self->reserved > skipped ? (self->reserved - skipped) / self->block : 0;
    self->heap.max_size = self->limit * self->block;
    return self->limit > 0 && (self->data->available == HY_ANY || grow(self, 1));
}

static int partitions_create(const hy_setup *setup, hy_heap **ret) {
    const partitions_params *const params = setup->params;
    partitions_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    const size_t grain = params->grain == 0 ? 1 : HY_MALLOC_ALIGN;
    self->data = setup->data;
    self->meta = setup->meta;
    self->policy = params->policy;
    self->block = hy_align_up(params->block, grain);
    const size_t align = grain == 1 ? 1 : hy_min(self->block & -self->block, PARTITIONS_ALIGN);
    if (!map(self, params, align)) {
        unmap(self);
        return -ENOMEM;
    }
    self->heap.max_align = align;
    *ret = &self->heap;
    return 0;
}

static void partitions_destroy(hy_heap *heap) {
    unmap((partitions_heap *)heap);
}

static void *partitions_alloc(hy_heap *heap, size_t size, size_t align) {
    partitions_heap *const self = (partitions_heap *)heap;
    (void)align; /* at most max_align */
    const size_t need = (size - 1) / self->block + 1;
    partitions_run run;
    if (!find(self, need, &run))
        return NULL;
    const size_t end = run.start + need;
    map_flip(&self->taken, run.start, end);
    hy_bit_set(self->starts.words, run.start);
    self->top = hy_max(self->top, end);
    self->rover = end;
    self->live++;
    self->live_blocks += need;
    self->splits += end < run.end;
    return self->base + run.start * self->block;
}

/* The number of the block that starts at `address`; limit: none does. */
static size_t block_at(const partitions_heap *self, const void *address) {
    const size_t offset = (size_t)((const char *)address - self->base), index = offset / self->block;
    return index < self->limit && index * self->block == offset ? index : self->limit;
}

static bool partitions_owns(hy_heap *heap, const void *address) {
    const partitions_heap *const self = (const partitions_heap *)heap;
    return is_start(self, block_at(self, address));
}

static void partitions_free(hy_heap *heap, void *block, size_t size) {
    partitions_heap *const self = (partitions_heap *)heap;
    (void)size;
    if (!partitions_owns(heap, block)) {
        self->misuse++;
        return;
    }
    const partitions_run program = program_at(self, block_at(self, block));
    map_flip(&self->taken, program.start, program.end);
    hy_bit_clear(self->starts.words, program.start);
    self->live--;
    self->live_blocks -= program.end - program.start;
    if (program.end == self->top)
        self->top = map_clear_below(&self->taken, program.start);
}

static size_t partitions_usable_size(hy_heap *heap, const void *block) {
    const partitions_heap *const self = (const partitions_heap *)heap;
    const partitions_run program = program_at(self, block_at(self, block));
    return (program.end - program.start) * self->block;
}

static void partitions_reset(hy_heap *heap) {
    partitions_heap *const self = (partitions_heap *)heap;
    memset(self->taken.words, 0, hy_bitmap_words(self->top) * sizeof(uint64_t));
    memset(self->starts.words, 0, hy_bitmap_words(self->top) * sizeof(uint64_t));
    self->top = self->rover = self->live = self->live_blocks = 0;
    self->misuse = 0;
}

/* Moves a program down to block `to`. */
static void slide(partitions_heap *self, partitions_run program, size_t to) {
    const size_t length = program.end - program.start;
    memmove(self->base + to * self->block, self->base + program.start * self->block, length * self->block);
    map_flip(&self->taken, program.start, program.end);
    map_flip(&self->taken, to, to + length);
    hy_bit_clear(self->starts.words, program.start);
    hy_bit_set(self->starts.words, to);
}

static size_t partitions_compact(hy_heap *heap, hy_moved *moved, void *context) {
    partitions_heap *const self = (partitions_heap *)heap;
    size_t moves = 0, to = 0;
    for (size_t at = hy_bit_next(self->starts.words, self->top, 0); at < self->top;) {
        const partitions_run program = program_at(self, at);
        if (program.start != to) {
            slide(self, program, to);
            moved(context, self->base + program.start * self->block, self->base + to * self->block);
            moves++;
        }
        to += program.end - program.start;
        at = hy_bit_next(self->starts.words, self->top, program.end);
    }
    self->top = self->rover = to;
    return moves;
}

/* -------------------------------------------------------------------------------------------------- inspection ---- */

/* One range of blocks. */
static int show(const partitions_heap *self, partitions_run run, hy_kind kind, hy_visit *visit, void *context) {
    const uintptr_t start = (uintptr_t)self->base + run.start * self->block;
    const size_t size = (run.end - run.start) * self->block;
    const hy_range range = {start, size, start, size, kind};
    return size ? visit(context, &range) : 0;
}

/* Committed bytes that are no whole block, at either end. */
static int show_rest(const char *start, const char *end, hy_visit *visit, void *context) {
    const hy_range range = {.start = (uintptr_t)start, .size = (size_t)(end - start), .kind = HY_META};
    return end > start ? visit(context, &range) : 0;
}

static int partitions_walk(hy_heap *heap, hy_visit *visit, void *context) {
    const partitions_heap *const self = (const partitions_heap *)heap;
    int r = self->committed ? show_rest(self->pages, self->base, visit, context) : 0;
    partitions_run run = {0, 0};
    for (size_t at = 0; at < self->count && r == 0; at = run.end) {
        const bool used = is_start(self, at);
        if (used)
            run = program_at(self, at);
        else
            next_run(self, at, &run);
        r = show(self, run, used ? HY_USED : HY_FREE, visit, context);
    }
    return r ? r : show_rest(self->base + self->count * self->block, self->pages + self->committed, visit, context);
}

static const char *partitions_check(hy_heap *heap) {
    const partitions_heap *const self = (const partitions_heap *)heap;
    size_t live = 0, blocks = 0;
    if (self->top > self->limit || (self->top > 0 && !hy_bit_get(self->taken.words, self->top - 1)))
        return "the last program does not end where it is said to";
    for (size_t at = 0; at < self->top; at++) {
        const bool taken = hy_bit_get(self->taken.words, at), start = hy_bit_get(self->starts.words, at);
        if (start && !taken)
            return "a program starts at a free block";
        if (taken && !start && (at == 0 || !hy_bit_get(self->taken.words, at - 1)))
            return "a block is taken and belongs to no program";
        live += start;
        blocks += taken;
    }
    if (live != self->live || blocks != self->live_blocks)
        return "there are more programs or fewer than were counted";
    return self->misuse ? "a program was freed that was not there" : NULL;
}

static void partitions_stats(hy_heap *heap, hy_stats *ret) {
    const partitions_heap *const self = (const partitions_heap *)heap;
    partitions_run run;
    ret->searches = self->searches;
    ret->search_steps = self->steps;
    ret->failed_searches = self->failed;
    ret->splits = self->splits;
    ret->grows = self->grows;
    ret->live_blocks = self->live;
    ret->live_bytes = self->live_blocks * self->block;
    ret->holes = 0;
    for (size_t at = 0; next_run(self, at, &run) && run.start < self->count; at = run.end)
        ret->holes++;
}

const hy_heap_ops hy_partitions_ops = {
    .name = "partitions",
    .summary = "blocks of one size, runs of them for each request, metadata out of band",
    .source = "A. S. Tanenbaum, Modern Operating Systems, Memory management with bitmaps",
    .threads = HY_THREADS_NONE,
    .max_align = HY_MALLOC_ALIGN,
    .max_size = HY_ANY,
    .params = partitions_table,
    .params_size = sizeof(partitions_params),
    .create = partitions_create,
    .destroy = partitions_destroy,
    .alloc = partitions_alloc,
    .free = partitions_free,
    .usable_size = partitions_usable_size,
    .owns = partitions_owns,
    .reset = partitions_reset,
    .compact = partitions_compact,
    .walk = partitions_walk,
    .check = partitions_check,
    .stats = partitions_stats,
};
