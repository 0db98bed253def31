/* SPDX-License-Identifier: MIT
 *
 * map_time.c - a heap over time (see map_time.h).
 *
 *  1. At equal steps of the allocation clock the heap is walked, and its ranges are added up in bands of addresses.
 *  2. Bands are 4 KiB at first; when there are too many, all of them, also those of earlier moments, become twice as
 *     large.  So one replay is enough, however far the heap will reach.
 *  3. Addresses that never were the heap's are left out of the picture.
 *  4. A pixel is the mixture of the colours of what its band holds; what is not committed is white.  What a block's
 * range has in front of the block and behind it is metadata.
 *  5. Several heaps are drawn side by side, with the same axes.
 */
#include "map_time.h"

#include "heapmap.h"
#include "log_trace.h"
#include "picture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOMENTS 256u
#define MOST_BANDS 192u
#define FIRST_SHIFT 12u

typedef struct band {
    uint64_t index; /* address >> shift */
    uint64_t bytes[3];
} band;

typedef struct moment {
    band *bands; /* in address order */
    size_t count, room;
    unsigned steps; /* of the clock for which this is the picture */
} moment;

struct hy_film {
    hy_heap *heap;
    hy_heapmap map;
    moment moments[MOMENTS];
    unsigned count, steps; /* moments; steps that they stand for */
    uint64_t clock;        /* at the end of the trace */
    unsigned shift;
    uint64_t *rows; /* the indexes of all bands, each once, in order */
    size_t row_count;
};

/* ------------------------------------------------------------------------------------------------------- bands ---- */

static void moment_add(moment *self, uint64_t index, const uint64_t bytes[3]) {
    if (self->count == 0 || self->bands[self->count - 1].index != index) {
        if (self->count == self->room) {
            self->room = self->room ? 2 * self->room : 64;
            self->bands = realloc(self->bands, self->room * sizeof *self->bands);
            if (!self->bands)
                abort();
        }
        self->bands[self->count++] = (band){.index = index};
    }
    for (int kind = 0; kind < 3; kind++)
        self->bands[self->count - 1].bytes[kind] += bytes[kind];
}

/* Two bands become one, everywhere. */
static void film_coarsen(hy_film *self) {
    self->shift++;
    for (unsigned i = 0; i < self->count; i++) {
        moment *const at = &self->moments[i];
        const size_t count = at->count;
        at->count = 0;
        for (size_t k = 0; k < count; k++) {
            const band fine = at->bands[k];
            moment_add(at, fine.index / 2, fine.bytes);
        }
    }
}

static int compare_indexes(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The bands of all moments, each once. */
static void film_list_rows(hy_film *self) {
    size_t all = 0;
    for (unsigned i = 0; i < self->count; i++)
        all += self->moments[i].count;
    self->rows = realloc(self->rows, (all + 1) * sizeof *self->rows);
    if (!self->rows)
        abort();
    all = self->row_count = 0;
    for (unsigned i = 0; i < self->count; i++)
        for (size_t k = 0; k < self->moments[i].count; k++)
            self->rows[all++] = self->moments[i].bands[k].index;
    qsort(self->rows, all, sizeof *self->rows, compare_indexes);
    for (size_t i = 0; i < all; i++)
        if (i == 0 || self->rows[i] != self->rows[i - 1])
            self->rows[self->row_count++] = self->rows[i];
}

/* Cuts what is of one kind at the borders of bands. */
static void film_add(hy_film *self, moment *now, uintptr_t at, uintptr_t end, hy_kind kind) {
    while (at < end) {
        const uintptr_t border = ((at >> self->shift) + 1) << self->shift;
        const uintptr_t stop = border < end ? border : end;
        uint64_t bytes[3] = {0};
        bytes[kind] = stop - at;
        moment_add(now, at >> self->shift, bytes);
        at = stop;
        if (now->count > MOST_BANDS)
            film_coarsen(self);
    }
}

static void film_add_range(hy_film *self, moment *now, const hy_range *range) {
    const uintptr_t end = range->start + range->size;
    if (range->kind != HY_USED) {
        film_add(self, now, range->start, end, range->kind);
        return;
    }
    film_add(self, now, range->start, range->block, HY_META);
    film_add(self, now, range->block, range->block + range->usable, HY_USED);
    film_add(self, now, range->block + range->usable, end, HY_META);
}

static void film_take(hy_film *self, unsigned steps) {
    moment *const now = &self->moments[self->count++];
    now->steps = steps;
    self->steps += steps;
    hy_heapmap_take(&self->map, self->heap);
    for (size_t i = 0; i < self->map.count; i++)
        film_add_range(self, now, &self->map.ranges[i]);
}

/* A moment stands for all steps that the clock has made since the one before. */
static void film_watch(void *context, uint64_t clock) {
    hy_film *const self = context;
    const unsigned due = self->clock ? (unsigned)((double)clock / (double)self->clock * MOMENTS) : 0;
    if (due > self->steps && self->steps < MOMENTS)
        film_take(self, (due < MOMENTS ? due : MOMENTS) - self->steps);
}

/* -------------------------------------------------------------------------------------------------------- file ---- */

static const unsigned char colours[3][3] = {
    [HY_USED] = {0x00, 0x66, 0xa8}, [HY_FREE] = {0xf2, 0xb1, 0x56}, [HY_META] = {0x11, 0x11, 0x11}};

static void put_pixel(FILE *out, unsigned x, size_t y, const band *what, double size) {
    double rgb[3] = {255, 255, 255};
    for (int kind = 0; what && kind < 3; kind++)
        for (int i = 0; i < 3; i++)
            rgb[i] += (colours[kind][i] - 255.0) * (double)what->bytes[kind] / size;
    fprintf(out, "%u %zu %.0f %.0f %.0f\n", x, y, rgb[0], rgb[1], rgb[2]);
}

static void put_column(const hy_film *self, FILE *out, unsigned x, const moment *at) {
    size_t k = 0;
    for (size_t y = 0; y < self->row_count; y++) {
        const bool here = k < at->count && at->bands[k].index == self->rows[y];
        put_pixel(out, x, y, here ? &at->bands[k] : NULL, (double)((uint64_t)1 << self->shift));
        k += here;
    }
}

static void put_film(const hy_film *self, FILE *out) {
    for (unsigned i = 0, x = 0; i < self->count; i++)
        for (unsigned step = 0; step < self->moments[i].steps; step++)
            put_column(self, out, x++, &self->moments[i]);
    fputs("\n\n", out);
}

static void write_films(const hy_film_strip *strip, FILE *out) {
    fputs("# step of the allocation clock, band of addresses, red, green, blue\n", out);
    for (size_t i = 0; i < strip->count; i++)
        put_film(strip->films[i], out);
    fputs("# names\n", out);
    for (size_t i = 0; i < strip->count; i++) {
        hy_dat(out, strip->names[i]);
        fputc('\n', out);
    }
}

/* What gnuplot must know beside the data; bandN: MiB of a band of the N-th. */
static void set_options(const hy_film_strip *strip, hy_figure *figure) {
    const double mib = 1 << 20;
    double high = 0;
    char bands[HY_FILMS * 24] = "";
    for (size_t i = 0; i < strip->count; i++) {
        const hy_film *const film = strip->films[i];
        const double height = (double)((uint64_t)1 << film->shift) / mib;
        high = (double)film->row_count * height > high ? (double)film->row_count * height : high;
        const size_t used = strlen(bands);
        snprintf(bands + used, sizeof bands - used, ";band%zu=%.9g", i + 1, height);
    }
    snprintf(figure->options, sizeof figure->options, "panels=%zu;last=%.9g;high=%.9g;columns=%u%s", strip->count,
             (double)strip->films[0]->clock / mib, high, strip->films[0]->steps, bands);
}

int hy_film_draw(const hy_film_strip *strip, const char *path, hy_error *error) {
    hy_picture picture;
    const int r = hy_picture_open(path, "heapmap", &picture, error);
    if (r < 0)
        return r;
    set_options(strip, &picture.figure);
    write_films(strip, picture.data);
    return hy_picture_draw(&picture, error);
}

/* ---------------------------------------------------------------------------------------------------- shooting ---- */

void hy_film_free(hy_film *self) {
    if (!self)
        return;
    for (unsigned i = 0; i < self->count; i++)
        free(self->moments[i].bands);
    free(self->rows);
    hy_heapmap_free(&self->map);
    free(self);
}

/* Coarse enough for a picture. */
static void film_finish(hy_film *self) {
    film_list_rows(self);
    while (self->row_count > MOST_BANDS) {
        film_coarsen(self);
        film_list_rows(self);
    }
}

int hy_film_shoot(const char *trace, hy_heap *heap, hy_film **ret, uint64_t *ret_refused, hy_error *error) {
    hy_film *const self = calloc(1, sizeof *self);
    if (!self)
        return hy_fail(error, -ENOMEM, "no memory for a map");
    self->heap = heap;
    self->shift = FIRST_SHIFT;
    int r = hy_log_clock(trace, &self->clock, error);
    if (r == 0)
        r = hy_log_replay(trace, heap, UINT64_MAX, film_watch, self, ret_refused, error);
    if (r == 0)
        film_finish(self);
    if (r == 0 && (self->row_count == 0 || self->steps < 2))
        r = hy_fail(error, -EINVAL, "%s: nothing is allocated in it, so there is nothing to draw", trace);
    if (r < 0)
        hy_film_free(self);
    else
        *ret = self;
    return r;
}
