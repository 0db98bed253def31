/* SPDX-License-Identifier: MIT
 *
 * map_say.c - from the record of all lives to a picture of a few ten kilobytes (see map_pass.h).
 *
 *   1. The lives of largest area are chosen by a threshold: the least area that no more than HY_MAP_LIVES reach.  It
 *      depends on the trace alone, so one list of lives serves all allocators; each adds its own places.
 *   2. The least size of bands is chosen that keeps to HY_MAP_BANDS.
 *   3. Every other life adds its bytes to the bands that it lies in, at each frame that it sees.
 *   4. Numbers are little-endian base 128, a list of them column by column: alike stands beside alike, which deflate
 *      likes.
 *
 * Runs when the replay is over: it may use malloc.
 */
#include "map_pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A region: bands without a gap. */
typedef struct extent {
    size_t start, length; /* the first, as an index; how many */
    size_t first_use;
} extent;

/* What the lives that are not told one by one sum up to, in one band at one frame. */
typedef struct patch {
    uint64_t bytes;
    double sizes, born, count; /* sums: of whole sizes, of the clock at birth; lives */
} patch;

typedef struct picture {
    hy_map *map;
    FILE *out;
    unsigned shift;
    uint64_t *bands; /* address >> shift, in order */
    size_t *rows;    /* where each of them is in the picture */
    size_t band_count;
    extent *extents; /* from the lowest row on */
    size_t extent_count;
    patch *patches; /* [row * HY_MAP_FRAMES + frame] */
    uint64_t live[HY_MAP_FRAMES];
    size_t told;
} picture;

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
static void choose_told(picture *p) {
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
static size_t list_bands(picture *p, unsigned shift) {
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

static bool choose_bands(picture *p) {
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

/* The picture's row of a band. */
static size_t find_row(const picture *p, uint64_t number) {
    const uint64_t *const found = bsearch(&number, p->bands, p->band_count, sizeof number, compare_bands);
    return p->rows[found - p->bands];
}

/* When a band was first used, as a number that grows. */
static size_t first_use(const picture *p, uint64_t number) {
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

static int compare_extents(const void *left, const void *right) {
    const extent *const a = left, *const b = right;
    return (a->first_use > b->first_use) - (a->first_use < b->first_use);
}

/* Whether a region begins with this band: there is a gap below it; or no block ever lay across the border, and what
 * lies below it was first used later (the kernel puts one mapping below the other). */
static bool begins_region(const picture *p, size_t band) {
    if (band == 0 || p->bands[band] != p->bands[band - 1] + 1)
        return true;
    const unsigned up = p->shift > HY_MAP_CHUNK_SHIFT ? p->shift - HY_MAP_CHUNK_SHIFT : 0;
    const unsigned down = p->shift < HY_MAP_CHUNK_SHIFT ? HY_MAP_CHUNK_SHIFT - p->shift : 0;
    const hy_map_chunk *const below = hy_map_chunks_find(&p->map->chunks, (p->bands[band] << up >> down) - 1);
    return !(below && below->joined) && first_use(p, p->bands[band]) < first_use(p, p->bands[band - 1]);
}

/* Regions stand one on the other in the order in which they were first used. */
static bool stack_extents(picture *p) {
    p->extents = calloc(p->band_count, sizeof *p->extents);
    p->rows = calloc(p->band_count, sizeof *p->rows);
    if (!p->extents || !p->rows)
        return false;
    for (size_t i = 0; i < p->band_count; i++) {
        if (begins_region(p, i))
            p->extents[p->extent_count++] = (extent){.start = i, .first_use = SIZE_MAX};
        extent *const e = &p->extents[p->extent_count - 1];
        const size_t use = first_use(p, p->bands[i]);
        e->first_use = use < e->first_use ? use : e->first_use;
        e->length++;
    }
    qsort(p->extents, p->extent_count, sizeof *p->extents, compare_extents);
    for (size_t i = 0, row = 0; i < p->extent_count; i++)
        for (size_t k = 0; k < p->extents[i].length; k++)
            p->rows[p->extents[i].start + k] = row++;
    return true;
}

/* -------------------------------------------------------------------------------------------------------- sums ---- */

/* The first frame whose moment is at the clock or later. */
static unsigned frame_from(const picture *p, uint64_t clock) {
    unsigned frame = 0;
    if (p->map->facts->total_bytes > 0)
        frame = (unsigned)((double)clock / (double)p->map->facts->total_bytes * HY_MAP_FRAMES);
    frame = frame > 1 ? frame - 1 : 0;
    while (frame < HY_MAP_FRAMES && hy_map_moment(p->map->facts, frame) < clock)
        frame++;
    return frame;
}

static void add_part(picture *p, const hy_life *life, size_t row, uint64_t bytes, unsigned first, unsigned end) {
    for (unsigned frame = first; frame < end; frame++) {
        patch *const at = &p->patches[row * HY_MAP_FRAMES + frame];
        at->bytes += bytes;
        at->sizes += (double)life->size;
        at->born += (double)life->born;
        at->count++;
    }
}

static void add_life(picture *p, const hy_life *life) {
    const unsigned first = frame_from(p, life->born);
    const unsigned end = life->died == UINT64_MAX ? HY_MAP_FRAMES : frame_from(p, life->died);
    for (unsigned frame = first; frame < end; frame++)
        p->live[frame] += life->size;
    if (life->told || first >= end)
        return;
    const uint64_t stop = life->address + life->size;
    size_t row = find_row(p, life->address >> p->shift);
    for (uint64_t at = life->address; at < stop; row++) {
        const uint64_t border = ((at >> p->shift) + 1) << p->shift, next = border < stop ? border : stop;
        add_part(p, life, row, next - at, first, end);
        at = next;
    }
}

/* Percent; what is there at all is at least 1. */
static unsigned percent(uint64_t part, uint64_t whole) {
    return part == 0 ? 0 : part * 100 < whole ? 1 : (unsigned)((part * 100 + whole / 2) / whole);
}

/* Pages, or bytes of metadata, of one band at one frame. */
static uint64_t sum_pages(const picture *p, size_t band, unsigned frame, bool resident) {
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

static bool say_lives(const picture *p) {
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
    return put_end(&b, "lives", p->out);
}

static void put_extents(const picture *p, blob *b) {
    uint64_t last = 0;
    put_number(b, p->extent_count);
    for (const extent *e = p->extents; e < p->extents + p->extent_count; e++) {
        put_step(b, last, p->bands[e->start]);
        put_number(b, e->length);
        last = p->bands[e->start] + e->length;
    }
}

static void put_places(const picture *p, blob *b) {
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
            const uint64_t at = ((uint64_t)find_row(p, address >> p->shift) << p->shift) + (address & mask);
            put_step(b, last >> zeros, at >> zeros);
            last = at;
        }
}

/* One byte a band and frame. */
typedef unsigned plane(const picture *p, size_t band, unsigned frame);

static unsigned plane_small(const picture *p, size_t band, unsigned frame) {
    return percent(p->patches[p->rows[band] * HY_MAP_FRAMES + frame].bytes, (uint64_t)1 << p->shift);
}

static unsigned plane_size(const picture *p, size_t band, unsigned frame) {
    const patch *const at = &p->patches[p->rows[band] * HY_MAP_FRAMES + frame];
    return at->count > 0 ? (unsigned)lround(4 * log2(at->sizes / at->count)) : 0;
}

static unsigned plane_born(const picture *p, size_t band, unsigned frame) {
    const patch *const at = &p->patches[p->rows[band] * HY_MAP_FRAMES + frame];
    const double share = at->count > 0 ? at->born / at->count / (double)p->map->facts->total_bytes : 0;
    return (unsigned)(share * 255);
}

static unsigned plane_resident(const picture *p, size_t band, unsigned frame) {
    return percent(sum_pages(p, band, frame, true) << HY_MAP_PAGE_SHIFT, (uint64_t)1 << p->shift);
}

static unsigned plane_metadata(const picture *p, size_t band, unsigned frame) {
    return percent(sum_pages(p, band, frame, false), (uint64_t)1 << p->shift);
}

static void put_plane(const picture *p, blob *b, plane *value) {
    for (const extent *e = p->extents; e < p->extents + p->extent_count; e++)
        for (size_t band = e->start; band < e->start + e->length; band++)
            for (unsigned frame = 0; frame < HY_MAP_FRAMES; frame++)
                put_byte(b, value(p, band, frame));
}

static bool say_places(const picture *p) {
    const bool resident = p->map->chunks.pagemap >= 0, walks = p->map->walks;
    blob b = {.size = 0};
    put_number(&b, 1);
    put_number(&b, (resident ? 1u : 0u) | (walks ? 2u : 0u));
    put_number(&b, p->shift);
    put_extents(p, &b);
    put_places(p, &b);
    put_plane(p, &b, plane_small);
    put_plane(p, &b, plane_size);
    put_plane(p, &b, plane_born);
    if (resident)
        put_plane(p, &b, plane_resident);
    if (walks)
        put_plane(p, &b, plane_metadata);
    return put_end(&b, "places", p->out);
}

static void say_metrics(const picture *p) {
    fprintf(p->out, "metric map_lives %zu count\nmetric map_told %zu count\nmetric map_band %llu B\n", p->map->count,
            p->told, 1ull << p->shift);
}

bool hy_map_say(hy_map *map, FILE *out) {
    picture p = {.map = map, .out = out};
    choose_told(&p);
    for (size_t i = 0; i < map->count; i++)
        p.told += map->lives[i].told;
    bool good = choose_bands(&p) && stack_extents(&p);
    p.patches = good ? calloc(p.band_count * HY_MAP_FRAMES + 1, sizeof *p.patches) : NULL;
    good = p.patches != NULL;
    for (size_t i = 0; good && i < map->count; i++)
        add_life(&p, &map->lives[i]);
    good = good && say_lives(&p) && say_places(&p);
    if (good)
        say_metrics(&p);
    free(p.patches);
    free(p.extents);
    free(p.rows);
    free(p.bands);
    return good;
}
