/* SPDX-License-Identifier: MIT
 *
 * map_picture.c - from the record of all lives to rows and sums (see map_picture.h, map_pass.h).
 *
 *   1. The lives of largest area are chosen by a threshold: the least area that no more than HY_MAP_LIVES reach.  It
 *      depends on the trace alone, so one list of lives serves all allocators; each adds its own places.
 *   2. The least size of bands is chosen that keeps to HY_MAP_BANDS; regions become rows in the order of their first
 * use.
 *   3. Every other life adds its bytes to the bands that it lies in, at each frame that it sees.
 *
 * Runs when the replay is over: it may use malloc.
 */
#include "map_picture.h"

#include <math.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------------ choosing ----
 */

static uint64_t life_end(const hy_map *map, const hy_life *life) {
    return life->died == UINT64_MAX ? map->facts->total_bytes : life->died;
}

static double life_area(const hy_map *map, const hy_life *life) {
    return (double)(life_end(map, life) - life->born) * (double)life->size;
}

static size_t count_above(const hy_map *map, double area) {
    size_t count = 0;
    for (size_t i = 0; i < map->count; i++)
        count += life_area(map, &map->lives[i]) > area;
    return count;
}

/* Halves the range of areas until the threshold is known as well as a double can say it. */
static void choose_told(hy_map_picture *p) {
    hy_map *const map = p->map;
    double most = 0, low = 0;
    for (size_t i = 0; i < map->count; i++)
        most = fmax(most, life_area(map, &map->lives[i]));
    if (count_above(map, 0) > HY_MAP_LIVES)
        for (double high = most; high > low * (1 + 1e-12) && high > most * 1e-18;) {
            const double middle = (low + high) / 2;
            if (count_above(map, middle) > HY_MAP_LIVES)
                low = middle;
            else
                high = middle;
        }
    const double threshold = count_above(map, low) > HY_MAP_LIVES ? low * (1 + 1e-12) : low;
    for (size_t i = 0; i < map->count; i++)
        map->lives[i].told = life_area(map, &map->lives[i]) > threshold;
}

/* -------------------------------------------------------------------------------------------------------- bands ----
 */

static int compare_bands(const void *left, const void *right) {
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* The bands of all chunks, once each, in order, if a band is at least a chunk. */
static size_t list_bands(hy_map_picture *p, unsigned shift) {
    const hy_map_chunks *const chunks = &p->map->chunks;
    for (size_t i = 0; i < chunks->count; i++)
        p->bands[i] = chunks->chunk[i].number >> (shift - HY_MAP_CHUNK_SHIFT);
    qsort(p->bands, chunks->count, sizeof *p->bands, compare_bands);
    size_t count = 0;
    for (size_t i = 0; i < chunks->count; i++)
        if (count == 0 || p->bands[count - 1] != p->bands[i])
            p->bands[count++] = p->bands[i];
    return count;
}

static bool choose_bands(hy_map_picture *p) {
    const size_t chunks = p->map->chunks.count;
    p->bands = calloc(chunks + HY_MAP_BANDS, sizeof *p->bands);
    if (!p->bands)
        return false;
    p->shift = HY_MAP_CHUNK_SHIFT;
    for (p->band_count = list_bands(p, p->shift); p->band_count > HY_MAP_BANDS;)
        p->band_count = list_bands(p, ++p->shift);
    while (p->shift > HY_MAP_PAGE_SHIFT && 2 * p->band_count <= HY_MAP_BANDS) { /* each becomes two */
        for (size_t i = p->band_count; i-- > 0;) {
            p->bands[2 * i + 1] = 2 * p->bands[i] + 1;
            p->bands[2 * i] = 2 * p->bands[i];
        }
        p->band_count *= 2;
        p->shift--;
    }
    return true;
}

size_t hy_map_row(const hy_map_picture *p, uint64_t number) {
    const uint64_t *const found = bsearch(&number, p->bands, p->band_count, sizeof number, compare_bands);
    return p->rows[found - p->bands];
}

/* When a band was first used, as a number that grows. */
static size_t first_use(const hy_map_picture *p, uint64_t number) {
    const hy_map_chunks *const chunks = &p->map->chunks;
    const unsigned up = p->shift > HY_MAP_CHUNK_SHIFT ? p->shift - HY_MAP_CHUNK_SHIFT : 0;
    const unsigned down = p->shift < HY_MAP_CHUNK_SHIFT ? HY_MAP_CHUNK_SHIFT - p->shift : 0;
    size_t first = SIZE_MAX;
    for (uint64_t i = 0; i < (uint64_t)1 << up; i++) {
        const hy_map_chunk *const chunk = hy_map_chunks_find(chunks, (number << up >> down) + i);
        if (chunk && (size_t)(chunk - chunks->chunk) < first)
            first = (size_t)(chunk - chunks->chunk);
    }
    return first;
}

static int compare_regions(const void *left, const void *right) {
    const hy_map_region *const a = left, *const b = right;
    return (a->first_use > b->first_use) - (a->first_use < b->first_use);
}

/* Whether a region begins with this band: there is a gap below it; or no block ever lay across the border, and what
 * lies below it was first used later (the kernel puts one mapping below the other). */
static bool begins_region(const hy_map_picture *p, size_t band) {
    if (band == 0 || p->bands[band] != p->bands[band - 1] + 1)
        return true;
    const unsigned up = p->shift > HY_MAP_CHUNK_SHIFT ? p->shift - HY_MAP_CHUNK_SHIFT : 0;
    const unsigned down = p->shift < HY_MAP_CHUNK_SHIFT ? HY_MAP_CHUNK_SHIFT - p->shift : 0;
    const hy_map_chunk *const below = hy_map_chunks_find(&p->map->chunks, (p->bands[band] << up >> down) - 1);
    return !(below && below->joined) && first_use(p, p->bands[band]) < first_use(p, p->bands[band - 1]);
}

/* Regions stand one on the other in the order in which they were first used. */
static bool stack_regions(hy_map_picture *p) {
    p->regions = calloc(p->band_count, sizeof *p->regions);
    p->rows = calloc(p->band_count, sizeof *p->rows);
    if (!p->regions || !p->rows)
        return false;
    for (size_t i = 0; i < p->band_count; i++) {
        if (begins_region(p, i))
            p->regions[p->region_count++] = (hy_map_region){.start = i, .first_use = SIZE_MAX};
        hy_map_region *const e = &p->regions[p->region_count - 1];
        const size_t use = first_use(p, p->bands[i]);
        e->first_use = use < e->first_use ? use : e->first_use;
        e->length++;
    }
    qsort(p->regions, p->region_count, sizeof *p->regions, compare_regions);
    for (size_t i = 0, row = 0; i < p->region_count; i++)
        for (size_t k = 0; k < p->regions[i].length; k++)
            p->rows[p->regions[i].start + k] = row++;
    return true;
}

/* -------------------------------------------------------------------------------------------------------- sums ---- */

/* The first frame whose moment is at the clock or later. */
static unsigned frame_from(const hy_map_picture *p, uint64_t clock) {
    unsigned frame = 0;
    if (p->map->facts->total_bytes > 0)
        frame = (unsigned)((double)clock / (double)p->map->facts->total_bytes * HY_MAP_FRAMES);
    frame = frame > 1 ? frame - 1 : 0;
    while (frame < HY_MAP_FRAMES && hy_map_moment(p->map->facts, frame) < clock)
        frame++;
    return frame;
}

static void add_part(hy_map_picture *p, const hy_life *life, size_t row, uint64_t bytes, unsigned first, unsigned end) {
    for (unsigned frame = first; frame < end; frame++) {
        hy_map_patch *const at = &p->patches[row * HY_MAP_FRAMES + frame];
        at->bytes += bytes;
        at->sizes += (double)life->size;
        at->born += (double)life->born;
        at->count++;
    }
}

static void add_life(hy_map_picture *p, const hy_life *life) {
    const unsigned first = frame_from(p, life->born);
    const unsigned end = life->died == UINT64_MAX ? HY_MAP_FRAMES : frame_from(p, life->died);
    for (unsigned frame = first; frame < end; frame++)
        p->live[frame] += life->size;
    if (life->told || first >= end)
        return;
    const uint64_t stop = life->address + life->size;
    size_t row = hy_map_row(p, life->address >> p->shift);
    for (uint64_t at = life->address; at < stop; row++) {
        const uint64_t border = ((at >> p->shift) + 1) << p->shift, next = border < stop ? border : stop;
        add_part(p, life, row, next - at, first, end);
        at = next;
    }
}

bool hy_map_picture_make(hy_map *map, hy_map_picture *ret_picture) {
    hy_map_picture *const p = ret_picture;
    *p = (hy_map_picture){.map = map};
    choose_told(p);
    for (size_t i = 0; i < map->count; i++)
        p->told += map->lives[i].told;
    if (!choose_bands(p) || !stack_regions(p))
        return false;
    p->patches = calloc(p->band_count * HY_MAP_FRAMES + 1, sizeof *p->patches);
    for (size_t i = 0; p->patches && i < map->count; i++)
        add_life(p, &map->lives[i]);
    return p->patches != NULL;
}

void hy_map_picture_free(hy_map_picture *picture) {
    free(picture->patches);
    free(picture->regions);
    free(picture->rows);
    free(picture->bands);
}
