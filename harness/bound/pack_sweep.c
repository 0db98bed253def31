/* SPDX-License-Identifier: MIT
 *
 * pack_sweep.c - each buffer at the lowest offset that is free for its whole life, batch after batch.
 *
 *   1. Buffers are taken in a given order, in batches: one first, then each batch a multiple of all before, so that
 * they are few.
 *   2. A batch is placed by one sweep over time, first fit, around the buffers of the batches before.
 *   3. So that a search knows how long a place stays free, a sweep back in time notes for each placed buffer what its
 *      grains are used for next, and when.
 *
 * In a strict greedy each buffer would see all before it in the order, at O(n) or more for each; here those of its
 * batch that start later are not yet there.  In return a sweep is one search of room.h for each buffer of the batch,
 * and as batches grow geometrically, all sweeps together cost a small multiple of the last.  With all buffers in one
 * batch this is first fit.
 *
 * Where millions of sizes and lifetimes are random, searches take so long that a sweep gives up.  Buffers that are
 * small against the top pack best.  Where the address range is too wide for one entry a grain, the grain is made
 * coarser, and sizes are rounded up to it.
 */
#include "packers.h"
#include "room.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define SWEEP_MAX_BUFFERS ((size_t)1 << 30)
#define SWEEP_GRAINS 256u                    /* at least a buffer: what rounding costs is small then */
#define SWEEP_MIN_GRAINS ((uint64_t)1 << 20) /* of the address range, if it is too wide for one a multiple of sizes */
#define SWEEP_MAX_GRAINS ((uint64_t)1 << 26) /* 9 bytes each */
#define SWEEP_EFFORT 10u                     /* that a buffer of a batch, or before it, is worth in nodes of room.h */
#define SWEEP_MAX_WORK ((uint64_t)1 << 30)   /* grains of all buffers together */

typedef struct piece {
    uint32_t size, until; /* grains that are free until then */
} piece;

typedef struct sweep {
    hy_job *job;
    uint64_t grain; /* bytes: what room is counted in */
    hy_room room;
    uint32_t *next;              /* of each grain: when a placed buffer uses it next */
    uint32_t *first;             /* by moment, for counting sort */
    uint32_t *by_start, *by_end; /* buffers */
    bool *placed;                /* by buffer: in a batch before */
    uint32_t *pieces_of;         /* by buffer: the first piece after it; as many as it has grains */
    piece *pieces;
    size_t pieces_count, pieces_capacity;
    uint64_t most;   /* effort */
    size_t failures; /* buffers that found no room */
} sweep;

static uint32_t sweep_from(const sweep *s, uint32_t which) {
    return (uint32_t)(s->job->buffers[which].offset / s->grain);
}

static uint32_t sweep_to(const sweep *s, uint32_t which) {
    const hy_buffer *const b = &s->job->buffers[which];
    return (uint32_t)((b->offset + b->size + s->grain - 1) / s->grain);
}

/* Keeps the order of buffers that have the same moment. */
static void sweep_sort(sweep *s, const uint32_t *numbers, size_t count, bool by_end, uint32_t *ret) {
    const hy_buffer *const buffers = s->job->buffers;
    for (size_t t = 0; t <= (size_t)s->job->clock + 1; t++)
        s->first[t] = 0;
    for (size_t i = 0; i < count; i++)
        s->first[(by_end ? buffers[numbers[i]].end : buffers[numbers[i]].start) + (size_t)1]++;
    for (size_t t = 0; t <= s->job->clock; t++)
        s->first[t + 1] += s->first[t];
    for (size_t i = 0; i < count; i++)
        ret[s->first[by_end ? buffers[numbers[i]].end : buffers[numbers[i]].start]++] = numbers[i];
}

/* ---- back in time ---- */

static int sweep_note(sweep *s, uint32_t size, uint32_t until) {
    if (s->pieces_count == s->pieces_capacity) {
        const size_t capacity = s->pieces_capacity ? s->pieces_capacity + s->pieces_capacity / 2 : 4096;
        piece *const grown = realloc(s->pieces, capacity * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        s->pieces = grown;
        s->pieces_capacity = capacity;
    }
    s->pieces[s->pieces_count++] = (piece){size, until};
    return 0;
}

/* What the grains of a buffer are used for after it. */
static int sweep_note_all(sweep *s, uint32_t which) {
    const uint32_t to = sweep_to(s, which);
    s->pieces_of[which] = (uint32_t)s->pieces_count;
    for (uint32_t from = sweep_from(s, which), end; from < to; from = end) {
        for (end = from + 1; end < to && s->next[end] == s->next[from]; end++)
            ;
        if (sweep_note(s, end - from, s->next[from]) < 0)
            return -ENOMEM;
    }
    return 0;
}

static void sweep_use(sweep *s, uint32_t which) {
    const uint32_t to = sweep_to(s, which), start = s->job->buffers[which].start;
    for (uint32_t grain = sweep_from(s, which); grain < to; grain++)
        s->next[grain] = start;
}

static int sweep_back(sweep *s, size_t count) {
    const hy_buffer *const buffers = s->job->buffers;
    s->pieces_count = 0;
    for (uint32_t grain = 0; grain < s->room.grains; grain++)
        s->next[grain] = HY_ROOM_FOREVER;
    for (size_t start = count, end = count; start > 0;) {
        const uint32_t starts = s->by_start[start - 1], ends = end ? s->by_end[end - 1] : 0;
        const bool ending = end && buffers[ends].end > buffers[starts].start;
        const uint32_t which = ending ? ends : starts;
        start -= !ending;
        end -= ending;
        if (!s->placed[which])
            continue;
        if (!ending)
            sweep_use(s, which);
        else if (sweep_note_all(s, which) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* ---- forward ---- */

static void sweep_end(sweep *s, uint32_t which) {
    if (s->job->buffers[which].offset == HY_PACK_NOWHERE)
        return;
    const uint32_t from = sweep_from(s, which), to = sweep_to(s, which);
    if (s->placed[which]) {
        const piece *p = &s->pieces[s->pieces_of[which]];
        for (uint32_t grain = from; grain < to; p++)
            for (uint32_t i = 0; i < p->size; i++)
                s->next[grain++] = p->until;
    }
    hy_room_copy(&s->room, from, to, s->next + from);
}

static uint32_t sweep_find(sweep *s, const hy_buffer *b) {
    const uint64_t size = (b->size + s->grain - 1) / s->grain, align = ((uint64_t)1 << b->align) / s->grain;
    const bool possible = size <= s->room.grains && align <= s->room.grains && s->room.effort < s->most;
    return possible ? hy_room_find(&s->room, (uint32_t)size, align ? (uint32_t)align : 1, b->end) : HY_ROOM_NONE;
}

static void sweep_start(sweep *s, uint32_t which) {
    hy_buffer *const b = &s->job->buffers[which];
    if (!s->placed[which]) {
        const uint32_t found = sweep_find(s, b);
        b->offset = found == HY_ROOM_NONE ? HY_PACK_NOWHERE : found * s->grain;
        s->failures += found == HY_ROOM_NONE;
    }
    if (b->offset != HY_PACK_NOWHERE)
        hy_room_fill(&s->room, sweep_from(s, which), sweep_to(s, which), 0);
}

static void sweep_forward(sweep *s, size_t count) {
    const hy_buffer *const buffers = s->job->buffers;
    hy_room_copy(&s->room, 0, s->room.grains, s->next);
    for (size_t start = 0, end = 0; start < count; start++) {
        const uint32_t which = s->by_start[start];
        for (; buffers[s->by_end[end]].end <= buffers[which].start; end++)
            sweep_end(s, s->by_end[end]);
        sweep_start(s, which);
    }
}

/* ---- batches ---- */

static int sweep_batch(sweep *s, const uint32_t *numbers, size_t done, size_t count) {
    sweep_sort(s, numbers, count, false, s->by_start);
    sweep_sort(s, numbers, count, true, s->by_end);
    if (sweep_back(s, count) < 0)
        return -ENOMEM;
    s->room.effort += SWEEP_EFFORT * count;
    sweep_forward(s, count);
    for (size_t i = done; i < count; i++)
        s->placed[numbers[i]] = true;
    return s->failures == 0;
}

static int sweep_batches(sweep *s, const uint32_t *numbers, uint32_t growth) {
    const size_t all = s->job->count;
    int r = 1;
    for (size_t done = 0, count; r > 0 && done < all; done = count) {
        const size_t next = done + done / 100 * (growth - 100) + done % 100 * (growth - 100) / 100 + 1;
        count = next < all ? next : all;
        r = sweep_batch(s, numbers, done, count);
    }
    return r;
}

static int sweep_create(hy_job *job, uint64_t grain, uint32_t grains, sweep *ret) {
    const size_t count = job->count + 1;
    *ret = (sweep){.job = job, .grain = grain};
    ret->next = malloc(grains * sizeof *ret->next);
    ret->first = malloc(((size_t)job->clock + 2) * sizeof *ret->first);
    ret->by_start = malloc(count * sizeof *ret->by_start);
    ret->by_end = malloc(count * sizeof *ret->by_end);
    ret->placed = calloc(count, sizeof *ret->placed);
    ret->pieces_of = malloc(count * sizeof *ret->pieces_of);
    if (!ret->next || !ret->first || !ret->by_start || !ret->by_end || !ret->placed || !ret->pieces_of)
        return -ENOMEM;
    return hy_room_create(grains, &ret->room);
}

static void sweep_destroy(sweep *s) {
    hy_room_destroy(&s->room);
    free(s->next);
    free(s->first);
    free(s->by_start);
    free(s->by_end);
    free(s->placed);
    free(s->pieces_of);
    free(s->pieces);
}

/* All sizes are multiples of it, and it is as large as that allows; larger still, if there would be too many. */
static uint64_t sweep_grain(const hy_job *job, uint64_t limit) {
    const uint64_t wanted = SWEEP_GRAINS * job->count;
    const uint64_t least = wanted > SWEEP_MIN_GRAINS ? wanted : SWEEP_MIN_GRAINS;
    const uint64_t most = least < SWEEP_MAX_GRAINS ? least : SWEEP_MAX_GRAINS;
    uint64_t bits = 0;
    for (size_t i = 0; i < job->count; i++)
        bits |= job->buffers[i].size;
    uint64_t grain = bits & (~bits + 1);
    while (limit / grain > most || job->budget / grain > SWEEP_MAX_WORK)
        grain *= 2;
    return grain;
}

int hy_pack_sweep(hy_job *job, const uint32_t *numbers, uint32_t growth, uint64_t limit, uint64_t *effort) {
    if (job->count == 0 || job->count > SWEEP_MAX_BUFFERS)
        return job->count == 0;
    for (size_t i = 0; i < job->count; i++)
        job->buffers[i].offset = 0;
    const uint64_t grain = sweep_grain(job, limit), grains = limit / grain;
    if (grains == 0)
        return 0;
    sweep s;
    int r = sweep_create(job, grain, (uint32_t)grains, &s);
    s.most = *effort;
    if (r == 0)
        r = sweep_batches(&s, numbers, growth);
    *effort -= s.room.effort < *effort ? s.room.effort : *effort;
    sweep_destroy(&s);
    return r;
}
