/* SPDX-License-Identifier: MIT
 *
 * search_state.c - see search_state.h.
 */
#include "search_state.h"

#include "random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------------ making ---- */

/* By first section; those that are alike stand together. */
static int compare_items(const void *a, const void *b) {
    const search_item *const x = a, *const y = b;
    if (x->left != y->left)
        return x->left < y->left ? -1 : 1;
    if (x->right != y->right)
        return x->right < y->right ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    if (x->mask != y->mask)
        return x->mask < y->mask ? -1 : 1;
    return x->buffer < y->buffer ? -1 : x->buffer > y->buffer;
}

static bool alike(const search_item *a, const search_item *b) {
    return a->left == b->left && a->right == b->right && a->size == b->size && a->mask == b->mask;
}

static void link_twins(search_state *state) {
    for (uint32_t i = 0; i < state->count; i++) {
        search_item *const item = &state->item[i];
        const bool twin = i > 0 && alike(item, item - 1);
        item->twin = twin ? i - 1 : SEARCH_NONE;
        item->key = twin ? item[-1].key : hy_random(0, i);
    }
}

static int compare_ticks(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t rank_of(const uint32_t *ticks, uint32_t count, uint32_t tick) {
    return (uint32_t)((const uint32_t *)bsearch(&tick, ticks, count, sizeof tick, compare_ticks) - ticks);
}

/* The ticks at which something is born or dies, rising; returns how many. */
static uint32_t cut_time(const hy_job *job, uint32_t *ticks) {
    uint32_t count = 0, kept = 0;
    for (size_t i = 0; i < job->count; i++) {
        ticks[count++] = job->buffers[i].start;
        ticks[count++] = job->buffers[i].end;
    }
    qsort(ticks, count, sizeof *ticks, compare_ticks);
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || ticks[i] != ticks[kept - 1])
            ticks[kept++] = ticks[i];
    return kept;
}

static void make_items(const hy_job *job, const uint32_t *ticks, uint32_t moments, search_state *state) {
    for (uint32_t i = 0; i < state->count; i++) {
        const hy_buffer *const b = &job->buffers[i];
        state->item[i] = (search_item){.size = b->size,
                                       .mask = ((uint64_t)1 << b->align) - 1,
                                       .left = rank_of(ticks, moments, b->start),
                                       .right = rank_of(ticks, moments, b->end),
                                       .buffer = i};
    }
    qsort(state->item, state->count, sizeof *state->item, compare_items);
    link_twins(state);
}

static void fill_sections(search_state *state) {
    for (uint32_t i = 0; i < state->count; i++) {
        const search_item *const item = &state->item[i];
        for (uint32_t s = item->left; s < item->right; s++) {
            state->section[s].rest += item->size;
            state->section[s].left++;
            state->section[s].cross += s > item->left;
        }
    }
    for (uint32_t s = 0, i = 0; s <= state->sections; s++) {
        while (i < state->count && state->item[i].left < s)
            i++;
        state->first[s] = i;
    }
    for (uint32_t s = 0; s < state->sections; s++)
        state->section[s].floor = state->section[s].left ? 0 : UINT64_MAX;
}

static int list_members(search_state *state) {
    uint32_t total = 0;
    for (uint32_t s = 0; s < state->sections; s++) {
        state->member_end[s] = total;
        total += (uint32_t)state->section[s].left;
    }
    state->member = malloc((total + 1) * sizeof *state->member);
    for (uint32_t i = 0; state->member && i < state->count; i++)
        for (uint32_t s = state->item[i].left; s < state->item[i].right; s++)
            state->member[state->member_end[s]++] = i;
    return state->member ? 0 : -ENOMEM;
}

static bool meet(const search_item *a, const search_item *b) {
    return a != b && a->left < b->right && b->left < a->right;
}

static int list_others(search_state *state) {
    size_t total = 0;
    for (uint32_t pass = 0; pass < 2; pass++) { /* count, then list */
        if (pass == 1 && !(state->other = malloc((total + 1) * sizeof *state->other)))
            return -ENOMEM;
        total = 0;
        for (uint32_t i = 0; i < state->count; i++) {
            for (uint32_t k = 0; k < state->count; k++) {
                if (!meet(&state->item[i], &state->item[k]))
                    continue;
                if (pass == 1)
                    state->other[total] = k;
                total++;
            }
            state->other_end[i] = (uint32_t)total;
        }
    }
    return 0;
}

static int state_fill(const hy_job *job, uint32_t *ticks, search_state *state) {
    const uint32_t moments = cut_time(job, ticks);
    state->sections = moments ? moments - 1 : 0;
    state->section = calloc(state->sections + 1u, sizeof *state->section);
    state->first = calloc(state->sections + 1u, sizeof *state->first);
    state->member_end = calloc(state->sections + 1u, sizeof *state->member_end);
    if (!state->section || !state->first || !state->member_end)
        return -ENOMEM;
    make_items(job, ticks, moments, state);
    fill_sections(state);
    const int r = list_members(state);
    return r < 0 ? r : list_others(state);
}

int search_state_make(const hy_job *job, search_state *ret_state) {
    search_state *const state = ret_state;
    *state = (search_state){.count = (uint32_t)job->count};
    uint32_t *const ticks = malloc((2 * job->count + 1) * sizeof *ticks);
    state->item = calloc(job->count + 1, sizeof *state->item);
    state->offset = calloc(job->count + 1, sizeof *state->offset);
    state->placed = calloc(job->count + 1, sizeof *state->placed);
    state->least = calloc(job->count + 1, sizeof *state->least);
    state->other_end = calloc(job->count + 1, sizeof *state->other_end);
    const bool there = ticks && state->item && state->offset && state->placed && state->least && state->other_end;
    const int r = there ? state_fill(job, ticks, state) : -ENOMEM;
    free(ticks);
    if (r < 0)
        search_state_free(state);
    return r;
}

void search_state_free(search_state *state) {
    free(state->item);
    free(state->offset);
    free(state->placed);
    free(state->least);
    free(state->section);
    free(state->first);
    free(state->member);
    free(state->member_end);
    free(state->other);
    free(state->other_end);
    free(state->trail);
    *state = (search_state){0};
}

/* ------------------------------------------------------------------------------------------------------- steps ---- */

static void state_set(search_state *state, uint64_t *word, uint64_t value) {
    if (state->changes == state->trail_capacity) {
        const size_t capacity = state->trail_capacity ? state->trail_capacity * 2 : 4096;
        search_change *const grown = realloc(state->trail, capacity * sizeof *grown);
        state->no_memory = state->no_memory || !grown;
        if (!grown)
            return;
        state->trail = grown;
        state->trail_capacity = capacity;
    }
    state->trail[state->changes++] = (search_change){word, *word};
    *word = value;
}

void search_undo(search_state *state, size_t changes) {
    while (state->changes > changes) {
        const search_change *const change = &state->trail[--state->changes];
        *change->word = change->before;
    }
}

bool search_fits(const search_state *state, uint32_t item) {
    const search_item *const i = &state->item[item];
    const uint64_t offset = state->offset[item];
    for (uint32_t s = i->left; s < i->right; s++)
        if (offset > state->capacity || state->section[s].rest > state->capacity - offset)
            return false;
    return true;
}

/* The innermost loop: without a branch in it, as nothing in it can be foreseen. */
static void find_floor(search_state *state, uint32_t s) {
    const uint32_t start = s ? state->member_end[s - 1] : 0, end = state->member_end[s];
    uint64_t floor = UINT64_MAX;
    for (uint32_t m = start; m < end; m++) {
        const uint64_t least = state->least[state->member[m]];
        floor = least < floor ? least : floor;
    }
    if (floor != state->section[s].floor)
        state_set(state, &state->section[s].floor, floor);
}

/* The floors that rested on an item at `before` have to be found again. */
static void loosen_floors(search_state *state, const search_item *item, uint64_t before) {
    for (uint32_t s = item->left; s < item->right; s++)
        state->section[s].loose = state->section[s].loose || state->section[s].floor == before;
}

/* Sections. */
typedef struct span {
    uint32_t left, right;
} span;

/* What is left over an item is now at `top` or above.  Returns all sections of what was raised. */
static span raise_items(search_state *state, uint32_t below, uint64_t top) {
    span touched = {state->item[below].left, state->item[below].right};
    for (uint32_t o = below ? state->other_end[below - 1] : 0; o < state->other_end[below]; o++) {
        const uint32_t i = state->other[o];
        const search_item *const item = &state->item[i];
        if (state->least[i] >= top)
            continue;
        loosen_floors(state, item, state->least[i]);
        state_set(state, &state->offset[i], (top + item->mask) & ~item->mask);
        state_set(state, &state->least[i], state->offset[i]);
        touched.left = item->left < touched.left ? item->left : touched.left;
        touched.right = item->right > touched.right ? item->right : touched.right;
    }
    return touched;
}

static void fasten_floors(search_state *state, span touched) {
    for (uint32_t s = touched.left; s < touched.right; s++) {
        if (state->section[s].loose)
            find_floor(state, s);
        state->section[s].loose = false;
    }
}

void search_place(search_state *state, uint32_t item) {
    const search_item *const i = &state->item[item];
    const uint64_t top = state->offset[item] + i->size;
    state_set(state, &state->placed[item], 1);
    state_set(state, &state->least[item], UINT64_MAX);
    for (uint32_t s = i->left; s < i->right; s++) {
        search_section *const section = &state->section[s];
        state_set(state, &section->top, top);
        state_set(state, &section->rest, section->rest - i->size);
        state_set(state, &section->left, section->left - 1);
        if (s > i->left)
            state_set(state, &section->cross, section->cross - 1);
    }
    loosen_floors(state, i, state->offset[item]);
    fasten_floors(state, raise_items(state, item, top));
}
