/* SPDX-License-Identifier: MIT
 *
 * map_say.c - a map as two strings of bytes (the format is in results/README.md).
 *
 * Numbers are little-endian base 128, a list of them column by column: alike stands beside alike, which deflate likes.
 */
#include "map_picture.h"

#include <math.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------------- bytes ---- */

typedef struct blob {
    uint8_t *bytes;
    size_t size, room;
    bool lost;
} blob;

static void put_byte(blob *b, unsigned byte) {
    if (b->size == b->room) {
        b->room = b->room ? 2 * b->room : 1 << 16;
        uint8_t *const grown = realloc(b->bytes, b->room);
        b->lost = b->lost || !grown;
        b->bytes = grown ? grown : b->bytes;
        b->room = grown ? b->room : b->size;
    }
    if (b->size < b->room)
        b->bytes[b->size++] = (uint8_t)byte;
}

static void put_number(blob *b, uint64_t number) {
    for (; number > 127; number >>= 7)
        put_byte(b, (unsigned)(number & 127) | 128);
    put_byte(b, (unsigned)number);
}

/* Small ones of both signs stay small. */
static void put_step(blob *b, uint64_t from, uint64_t to) {
    put_number(b, to >= from ? 2 * (to - from) : 2 * (from - to) - 1);
}

static bool put_end(blob *b, const char *name, FILE *out) {
    enum { LINE = 256 };
    for (size_t i = 0; i < b->size && !b->lost; i++)
        fprintf(out, i % LINE == 0 ? "%sblob %s %02x" : "%s%s%02x", i == 0 || i % LINE ? "" : "\n",
                i % LINE ? "" : name, b->bytes[i]);
    fputc('\n', out);
    free(b->bytes);
    return !b->lost;
}

/* Percent; what is there at all is at least 1. */
static unsigned percent(uint64_t part, uint64_t whole) {
    return part == 0 ? 0 : part * 100 < whole ? 1 : (unsigned)((part * 100 + whole / 2) / whole);
}

/* Pages, or bytes of metadata, of one band at one frame. */
static uint64_t sum_pages(const hy_map_picture *p, size_t band, unsigned frame, bool resident) {
    const unsigned up = p->shift - HY_MAP_PAGE_SHIFT;
    const uint64_t first = p->bands[band] << up, end = first + ((uint64_t)1 << up);
    uint64_t sum = 0;
    const hy_map_chunk *chunk = NULL;
    for (uint64_t page = first; page < end; page++) {
        if (!chunk || page % HY_MAP_CHUNK_PAGES == 0)
            chunk = hy_map_chunks_find(&p->map->chunks, page / HY_MAP_CHUNK_PAGES);
        if (chunk)
            sum += resident ? chunk->resident[frame] >> page % HY_MAP_CHUNK_PAGES & 1u
                            : chunk->metadata[frame][page % HY_MAP_CHUNK_PAGES];
    }
    return sum;
}

/* ------------------------------------------------------------------------------------------------------ writing ----
 */

static bool say_lives(const hy_map_picture *p, FILE *out) {
    const hy_map *const map = p->map;
    blob b = {.size = 0};
    uint64_t last = 0;
    put_number(&b, 1);
    put_number(&b, p->told);
    put_number(&b, HY_MAP_FRAMES);
    put_number(&b, map->facts->total_bytes);
    put_number(&b, map->facts->peak_bytes);
    for (unsigned frame = 0; frame < HY_MAP_FRAMES; frame++)
        put_number(&b, p->live[frame]);
    for (size_t i = 0; i < map->count; i++)
        if (map->lives[i].told) {
            put_number(&b, map->lives[i].born - last);
            last = map->lives[i].born;
        }
    for (size_t i = 0; i < map->count; i++)
        if (map->lives[i].told)
            put_number(&b, map->lives[i].died == UINT64_MAX ? 0 : map->lives[i].died - map->lives[i].born);
    for (size_t i = 0; i < map->count; i++)
        if (map->lives[i].told)
            put_number(&b, map->lives[i].size);
    for (size_t i = 0; i < map->count; i++)
        if (map->lives[i].told)
            put_number(&b, map->lives[i].kind);
    return put_end(&b, "lives", out);
}

static void put_regions(const hy_map_picture *p, blob *b) {
    uint64_t last = 0;
    put_number(b, p->region_count);
    for (const hy_map_region *e = p->regions; e < p->regions + p->region_count; e++) {
        put_step(b, last, p->bands[e->start]);
        put_number(b, e->length);
        last = p->bands[e->start] + e->length;
    }
}

static void put_places(const hy_map_picture *p, blob *b) {
    const hy_map *const map = p->map;
    const uint64_t mask = ((uint64_t)1 << p->shift) - 1;
    uint64_t all = 16, last = 0;
    for (size_t i = 0; i < map->count; i++)
        all |= map->lives[i].told ? map->lives[i].address : 0;
    const unsigned zeros = (unsigned)__builtin_ctzll(all);
    put_number(b, zeros);
    for (size_t i = 0; i < map->count; i++)
        if (map->lives[i].told) {
            const uint64_t address = map->lives[i].address;
            const uint64_t at = ((uint64_t)hy_map_row(p, address >> p->shift) << p->shift) + (address & mask);
            put_step(b, last >> zeros, at >> zeros);
            last = at;
        }
}

/* One byte a band and frame. */
typedef unsigned plane(const hy_map_picture *p, size_t band, unsigned frame);

static unsigned plane_small(const hy_map_picture *p, size_t band, unsigned frame) {
    return percent(p->patches[p->rows[band] * HY_MAP_FRAMES + frame].bytes, (uint64_t)1 << p->shift);
}

static unsigned plane_size(const hy_map_picture *p, size_t band, unsigned frame) {
    const hy_map_patch *const at = &p->patches[p->rows[band] * HY_MAP_FRAMES + frame];
    return at->count > 0 ? (unsigned)lround(4 * log2(at->sizes / at->count)) : 0;
}

static unsigned plane_born(const hy_map_picture *p, size_t band, unsigned frame) {
    const hy_map_patch *const at = &p->patches[p->rows[band] * HY_MAP_FRAMES + frame];
    const double share = at->count > 0 ? at->born / at->count / (double)p->map->facts->total_bytes : 0;
    return (unsigned)(share * 255);
}

static unsigned plane_resident(const hy_map_picture *p, size_t band, unsigned frame) {
    return percent(sum_pages(p, band, frame, true) << HY_MAP_PAGE_SHIFT, (uint64_t)1 << p->shift);
}

static unsigned plane_metadata(const hy_map_picture *p, size_t band, unsigned frame) {
    return percent(sum_pages(p, band, frame, false), (uint64_t)1 << p->shift);
}

static void put_plane(const hy_map_picture *p, blob *b, plane *value) {
    for (const hy_map_region *e = p->regions; e < p->regions + p->region_count; e++)
        for (size_t band = e->start; band < e->start + e->length; band++)
            for (unsigned frame = 0; frame < HY_MAP_FRAMES; frame++)
                put_byte(b, value(p, band, frame));
}

static bool say_places(const hy_map_picture *p, FILE *out) {
    const bool resident = p->map->chunks.pagemap >= 0, walks = p->map->walks;
    blob b = {.size = 0};
    put_number(&b, 1);
    put_number(&b, (resident ? 1u : 0u) | (walks ? 2u : 0u));
    put_number(&b, p->shift);
    put_regions(p, &b);
    put_places(p, &b);
    put_plane(p, &b, plane_small);
    put_plane(p, &b, plane_size);
    put_plane(p, &b, plane_born);
    if (resident)
        put_plane(p, &b, plane_resident);
    if (walks)
        put_plane(p, &b, plane_metadata);
    return put_end(&b, "places", out);
}

static void say_metrics(const hy_map_picture *p, FILE *out) {
    fprintf(out, "metric map_lives %zu count\nmetric map_told %zu count\nmetric map_band %llu B\n", p->map->count,
            p->told, 1ull << p->shift);
}

bool hy_map_say(hy_map *map, FILE *out) {
    hy_map_picture p;
    const bool good = hy_map_picture_make(map, &p) && say_lives(&p, out) && say_places(&p, out);
    if (good)
        say_metrics(&p, out);
    hy_map_picture_free(&p);
    return good;
}
