/* SPDX-License-Identifier: MIT
 *
 * room.c - see room.h.
 */
#include "room.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_BLOCK 32u /* grains */

int hy_room_create(uint32_t grains, hy_room *ret_room) {
    uint32_t blocks = 1;
    while ((uint64_t)blocks * ROOM_BLOCK < grains)
        blocks *= 2;
    hy_room room = {.grains = grains, .blocks = blocks};
    room.until = calloc((size_t)blocks * ROOM_BLOCK, sizeof *room.until);
    room.nodes = calloc(2 * (size_t)blocks, sizeof *room.nodes);
    if (!room.until || !room.nodes) {
        hy_room_destroy(&room);
        return -ENOMEM;
    }
    *ret_room = room;
    return 0;
}

void hy_room_destroy(hy_room *room) {
    free(room->until);
    free(room->nodes);
}

/* ---- what the nodes know ---- */

static void room_see_block(hy_room *room, uint32_t block) {
    const uint32_t *const until = room->until + (size_t)block * ROOM_BLOCK;
    hy_room_node node = {.first = ROOM_BLOCK, .least = UINT32_MAX};
    for (uint32_t i = 0; i < ROOM_BLOCK; i++) {
        node.least = until[i] < node.least ? until[i] : node.least;
        node.most = until[i] > node.most ? until[i] : node.most;
        node.first = until[i] == 0 && i < node.first ? i : node.first;
        node.last = until[i] == 0 ? 0 : node.last + 1;
        node.longest = node.last > node.longest ? node.last : node.longest;
    }
    room->nodes[room->blocks + block] = node;
}

/* False: it knew so before. */
static bool room_join(hy_room *room, uint32_t node, uint32_t half) {
    const hy_room_node *const left = &room->nodes[2 * (size_t)node], *const right = left + 1;
    const uint32_t across = left->last + right->first;
    const uint32_t longest = left->longest > right->longest ? left->longest : right->longest;
    const hy_room_node joined = {
        .first = left->first == half ? half + right->first : left->first,
        .last = right->last == half ? half + left->last : right->last,
        .longest = across > longest ? across : longest,
        .least = left->least < right->least ? left->least : right->least,
        .most = left->most > right->most ? left->most : right->most,
    };
    if (memcmp(&joined, &room->nodes[node], sizeof joined) == 0)
        return false;
    room->nodes[node] = joined;
    return true;
}

static void room_see(hy_room *room, uint32_t from, uint32_t to) {
    uint32_t low = from / ROOM_BLOCK, high = (to - 1) / ROOM_BLOCK, half = ROOM_BLOCK;
    for (uint32_t block = low; block <= high; block++)
        room_see_block(room, block);
    bool news = true;
    for (low += room->blocks, high += room->blocks; news && low > 1; half *= 2) {
        low /= 2;
        high /= 2;
        news = false;
        for (uint32_t node = low; node <= high; node++)
            news |= room_join(room, node, half);
    }
}

void hy_room_fill(hy_room *room, uint32_t from, uint32_t to, uint32_t until) {
    for (uint32_t i = from; i < to; i++)
        room->until[i] = until;
    room_see(room, from, to);
}

void hy_room_copy(hy_room *room, uint32_t from, uint32_t to, const uint32_t *until) {
    memcpy(room->until + from, until, (size_t)(to - from) * sizeof *until);
    room_see(room, from, to);
}

/* ---- search ---- */

typedef struct room_search {
    hy_room *room;
    uint32_t size, align, until;
    uint32_t start; /* of the run of suitable grains that ends where the search is */
} room_search;

typedef struct room_span {
    uint32_t node, from, size; /* from, size: grains */
} room_span;

static room_span room_left(room_span s) {
    return (room_span){2 * s.node, s.from, s.size / 2};
}

static room_span room_right(room_span s) {
    return (room_span){2 * s.node + 1, s.from + s.size / 2, s.size / 2};
}

static uint32_t room_aligned(const room_search *s) {
    return (s->start + s->align - 1) & ~(s->align - 1);
}

/* Whether the run up to `end` is enough. */
static bool room_enough(const room_search *s, uint32_t end) {
    return (uint64_t)room_aligned(s) + s->size <= end;
}

/* Moves the start to that of the suitable grains at the span's end, if not all of it are. */
static void room_break(room_search *s, room_span span) {
    const hy_room_node *const node = &s->room->nodes[span.node];
    if (node->least >= s->until)
        return;
    if (node->most < s->until) {
        s->start = span.from + span.size;
        return;
    }
    if (span.size > ROOM_BLOCK) {
        const room_span right = room_right(span);
        const bool whole = s->room->nodes[right.node].least >= s->until;
        room_break(s, whole ? room_left(span) : right);
        return;
    }
    s->start = span.from + span.size;
    while (s->room->until[s->start - 1] >= s->until)
        s->start--;
}

static bool room_walk_block(room_search *s, room_span span) {
    for (uint32_t i = span.from; i < span.from + span.size; i++) {
        if (s->room->until[i] < s->until)
            s->start = i + 1;
        else if (room_enough(s, i + 1))
            return true;
    }
    return false;
}

static bool room_walk(room_search *s, room_span span) {
    const hy_room_node *const node = &s->room->nodes[span.node];
    s->room->effort++;
    if (node->least >= s->until)
        return room_enough(s, span.from + span.size);
    const bool hopeless = node->longest < s->size && span.from - s->start + node->first < s->size;
    if (hopeless || node->most < s->until) {
        room_break(s, span);
        return false;
    }
    if (span.size == ROOM_BLOCK)
        return room_walk_block(s, span);
    return room_walk(s, room_left(span)) || room_walk(s, room_right(span));
}

uint32_t hy_room_find(hy_room *room, uint32_t size, uint32_t align, uint32_t until) {
    room_search s = {.room = room, .size = size, .align = align, .until = until};
    return room_walk(&s, (room_span){1, 0, room->blocks * ROOM_BLOCK}) ? room_aligned(&s) : HY_ROOM_NONE;
}
