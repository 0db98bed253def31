/* SPDX-License-Identifier: MIT
 *
 * map_chunks.c - see map_chunks.h.
 */
#include "map_chunks.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLACES (4 * HY_MAP_CHUNKS)
#define PAGE ((uintptr_t)1 << HY_MAP_PAGE_SHIFT)
#define PRESENT ((uint64_t)1 << 63)

bool hy_map_chunks_start(hy_map_chunks *chunks) {
    const size_t size = HY_MAP_CHUNKS * sizeof *chunks->chunk + PLACES * sizeof *chunks->place;
    void *const memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    *chunks = (hy_map_chunks){.chunk = memory,
                              .place = (uint32_t *)((hy_map_chunk *)memory + HY_MAP_CHUNKS),
                              .size = size,
                              .pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)};
    return true;
}

void hy_map_chunks_end(hy_map_chunks *chunks) {
    if (chunks->pagemap >= 0)
        close(chunks->pagemap);
    munmap(chunks->chunk, chunks->size);
}

/* ------------------------------------------------------------------------------------------------------ finding ----
 */

/* Where the number is, or the free place where it would be. */
static uint32_t *chunks_place(const hy_map_chunks *chunks, uint64_t number) {
    size_t at = (size_t)(number * 0x9e3779b97f4a7c15u >> 32) % PLACES;
    while (chunks->place[at] != 0 && chunks->chunk[chunks->place[at] - 1].number != number)
        at = (at + 1) % PLACES;
    return &chunks->place[at];
}

hy_map_chunk *hy_map_chunks_find(const hy_map_chunks *chunks, uint64_t number) {
    const uint32_t index = *chunks_place(chunks, number);
    return index ? &chunks->chunk[index - 1] : NULL;
}

/* The chunk of that number, known from now on; NULL: there are too many. */
static hy_map_chunk *chunks_know(hy_map_chunks *chunks, uint64_t number) {
    uint32_t *const place = chunks_place(chunks, number);
    if (*place != 0)
        return &chunks->chunk[*place - 1];
    if (chunks->count == HY_MAP_CHUNKS) {
        chunks->full = true;
        return NULL;
    }
    hy_map_chunk *const chunk = &chunks->chunk[chunks->count++];
    chunk->number = number;
    *place = (uint32_t)chunks->count;
    return chunk;
}

void hy_map_chunks_note(hy_map_chunks *chunks, uintptr_t start, size_t size) {
    const uint64_t last = (start + size - 1) >> HY_MAP_CHUNK_SHIFT;
    for (uint64_t number = start >> HY_MAP_CHUNK_SHIFT; number <= last; number++) {
        hy_map_chunk *const chunk = chunks_know(chunks, number);
        if (!chunk)
            return;
        chunk->joined = chunk->joined || number < last;
    }
}

/* ------------------------------------------------------------------------------------------------------ looking ----
 */

static uint16_t chunks_resident(const hy_map_chunks *chunks, uint64_t number) {
    uint64_t entry[HY_MAP_CHUNK_PAGES] = {0};
    uint16_t resident = 0;
    const off_t at = (off_t)(number * HY_MAP_CHUNK_PAGES * sizeof *entry);
    if (pread(chunks->pagemap, entry, sizeof entry, at) < 0)
        return 0;
    for (unsigned i = 0; i < HY_MAP_CHUNK_PAGES; i++)
        resident |= entry[i] & PRESENT ? (uint16_t)(1u << i) : 0;
    return resident;
}

typedef struct look {
    hy_map_chunks *chunks;
    unsigned frame;
    hy_map_chunk *last; /* where the walk was before */
} look;

/* [at, end) is metadata. */
static void look_add(look *l, uintptr_t at, uintptr_t end) {
    while (at < end) {
        const uintptr_t border = (at | (PAGE - 1)) + 1, stop = border < end ? border : end;
        const uint64_t number = at >> HY_MAP_CHUNK_SHIFT;
        if (!l->last || l->last->number != number)
            l->last = hy_map_chunks_find(l->chunks, number);
        if (l->last) {
            uint16_t *const bytes = &l->last->metadata[l->frame][at >> HY_MAP_PAGE_SHIFT & (HY_MAP_CHUNK_PAGES - 1)];
            *bytes = (uint16_t)(*bytes + (stop - at));
        }
        at = stop;
    }
}

static int look_at_range(void *context, const hy_range *range) {
    look *const l = context;
    const uintptr_t end = range->start + range->size;
    if (range->kind == HY_META)
        look_add(l, range->start, end);
    if (range->kind == HY_USED) {
        look_add(l, range->start, range->block);
        look_add(l, range->block + range->usable, end);
    }
    return 0;
}

void hy_map_chunks_look(hy_map_chunks *chunks, hy_heap *heap, unsigned frame) {
    look l = {.chunks = chunks, .frame = frame};
    for (size_t i = 0; chunks->pagemap >= 0 && i < chunks->count; i++)
        chunks->chunk[i].resident[frame] = chunks_resident(chunks, chunks->chunk[i].number);
    if (heap->ops->walk)
        heap->ops->walk(heap, look_at_range, &l);
}
