/* SPDX-License-Identifier: MIT
 *
 * search.c - orders, restarts, and which capacity to try (see search.h).
 *
 *   1. The capacity that is tried lies at some level between the limits: first at the lower one, then a half, three
 *      quarters, …, then just below the upper one.  A packing brings the upper one down, a proof the lower one up.
 *   2. At each level there are so many searches with different orders; if none ends, the next level.  After the highest
 *      the lowest again, with twice as many.
 */
#include "search.h"

#include "clock.h"
#include "random.h"
#include "search_tree.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define LUBY_STEPS 500u
#define FIRST_SEARCHES 32u
#define LEVELS 4u

typedef struct search {
    hy_job *job;
    const hy_search_options *options;
    hy_search_result *result;
    search_tree tree;
    uint64_t *fullest; /* of each item: the most bytes alive at once while it lives */
    uint64_t granule;  /* all tops are multiples of it */
    uint64_t round;    /* searches so far */
    uint64_t most_steps;
} search;

/* ------------------------------------------------------------------------------------------------------ orders ---- */

static void find_fullest(search *self) {
    const search_state *const state = &self->tree.state;
    for (uint32_t i = 0; i < state->count; i++)
        for (uint32_t s = state->item[i].left; s < state->item[i].right; s++)
            if (state->section[s].rest > self->fullest[i])
                self->fullest[i] = state->section[s].rest;
}

typedef struct weighted {
    double weight;
    uint32_t item;
} weighted;

static int compare_weights(const void *a, const void *b) {
    const weighted *const x = a, *const y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

/* Lifetime, area and the fullest section, in several orders of importance; the latter two orders begin with the section
 * that was found too full most often.  Lifetimes and areas have noise. */
/* The most that any of its sections is blamed for. */
static uint32_t blamed(const search_tree *tree, const search_item *item) {
    uint32_t most = 0;
    for (uint32_t s = item->left; s < item->right; s++)
        most = tree->blame[s] > most ? tree->blame[s] : most;
    return most;
}

static double weigh(const search *self, uint32_t i, unsigned order, double noise) {
    const search_item *const item = &self->tree.state.item[i];
    const hy_buffer *const b = &self->job->buffers[item->buffer];
    const double shake = 1 + noise * (hy_random_unit(self->options->seed + self->round, i) - 0.5);
    const double life = (double)(b->end - b->start) * shake;
    const double area = life * (double)b->size;
    const double full = (double)self->fullest[i];
    switch (order) {
    case 0: return log(life) * 1e6 + log(area) * 1e3;
    case 1: return log(full) * 1e6 + log(area) * 1e3;
    case 2: return log(full) * 1e6 + log(life) * 1e3;
    case 3: return (double)blamed(&self->tree, item) * 1e3 * shake + log(area);
    default: return log(1 + (double)blamed(&self->tree, item)) * 1e3 + log(full) * 1e3 + log(life);
    }
}

/* The first three searches have the plain orders. */
static int choose_order(search *self) {
    search_state *const state = &self->tree.state;
    const uint64_t dice = hy_random(self->options->seed, self->round);
    const double noise = self->round < 3 ? 0 : (double)(dice % 4) * 0.2;
    const unsigned order = (unsigned)(self->round < 3 ? self->round : dice / 4 % 5);
    weighted *const list = malloc((state->count + 1) * sizeof *list);
    if (!list)
        return -1;
    for (uint32_t i = 0; i < state->count; i++)
        list[i] = (weighted){weigh(self, i, order, noise), i};
    qsort(list, state->count, sizeof *list, compare_weights);
    for (uint32_t i = 0; i < state->count; i++)
        self->tree.rank[list[i].item] = i;
    free(list);
    return 0;
}

/* ---------------------------------------------------------------------------------------------------- searches ---- */

/* 1 1 2 1 1 2 4 1 1 2 1 1 2 4 8 … (from n = 1 on) */
static uint64_t luby(uint64_t n) {
    unsigned bits = 64u - (unsigned)__builtin_clzll(n);
    while (n != ((uint64_t)1 << bits) - 1) {
        n -= ((uint64_t)1 << (bits - 1)) - 1;
        bits = 64u - (unsigned)__builtin_clzll(n);
    }
    return (uint64_t)1 << (bits - 1);
}

static void keep_packing(search *self) {
    const search_state *const state = &self->tree.state;
    uint64_t top = 0;
    for (uint32_t i = 0; i < state->count; i++) {
        const uint64_t end = state->offset[i] + state->item[i].size;
        self->job->buffers[state->item[i].buffer].offset = state->offset[i];
        top = end > top ? end : top;
    }
    self->result->upper = top;
}

typedef enum found { FOUND_NOTHING, FOUND_PACKING, FOUND_PROOF, FOUND_END } found;

static bool is_over(const search *self) {
    return self->tree.steps >= self->most_steps || hy_now() >= self->tree.deadline;
}

/* One search with an order of its own. */
static found search_once(search *self, uint64_t capacity, uint64_t n) {
    const uint64_t most = self->tree.steps + luby(n) * LUBY_STEPS;
    if (choose_order(self) < 0)
        return FOUND_END;
    self->round++;
    self->tree.most_steps = most < self->most_steps ? most : self->most_steps;
    if (search_tree_solve(&self->tree, capacity)) {
        keep_packing(self);
        search_undo(&self->tree.state, 0);
        return FOUND_PACKING;
    }
    if (!self->tree.cut)
        return FOUND_PROOF;
    return is_over(self) ? FOUND_END : FOUND_NOTHING;
}

static found search_at(search *self, uint64_t capacity, uint64_t searches) {
    found end = FOUND_NOTHING;
    for (uint64_t n = 1; n <= searches && end == FOUND_NOTHING; n++)
        end = search_once(self, capacity, n);
    if (end == FOUND_PROOF)
        self->result->proven = capacity + self->granule;
    return end;
}

/* Nothing better is possible, or wanted. */
static bool is_done(const search *self) {
    return self->result->upper <= self->result->proven || self->result->upper <= self->options->capacity;
}

/* A multiple of the granule: with a capacity that one (if there may be a packing), else as the level says. */
static uint64_t choose_capacity(const search *self, unsigned level) {
    const uint64_t low = self->result->proven, high = self->result->upper - self->granule;
    const uint64_t wanted = self->options->capacity / self->granule * self->granule;
    if (wanted >= low && wanted <= high)
        return wanted;
    const uint64_t part = level == 0 ? 0 : level == LEVELS ? high - low : (high - low) - ((high - low) >> level);
    return low + part / self->granule * self->granule;
}

static void search_all(search *self) {
    uint64_t searches = FIRST_SEARCHES;
    unsigned level = 0;
    while (!is_done(self)) {
        const found end = search_at(self, choose_capacity(self, level), searches);
        if (end == FOUND_END || (end == FOUND_PROOF && self->options->capacity))
            return;
        if (end != FOUND_NOTHING)
            continue;
        level = level == LEVELS ? 0 : level + 1;
        searches *= level == 0 ? 2 : 1;
    }
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
    while (b) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Tops are sums of sizes, some of them rounded up to alignments. */
static uint64_t find_granule(const hy_job *job) {
    uint64_t divisor = 0;
    for (size_t i = 0; i < job->count; i++) {
        divisor = common_divisor(divisor, job->buffers[i].size);
        if (job->buffers[i].align)
            divisor = common_divisor(divisor, (uint64_t)1 << job->buffers[i].align);
    }
    return divisor ? divisor : 1;
}

int hy_search(hy_job *job, const hy_search_options *options, hy_search_result *result) {
    search self = {.job = job, .options = options, .result = result, .granule = find_granule(job)};
    int r = search_tree_make(job, &self.tree);
    if (r < 0)
        return r;
    self.fullest = calloc(job->count + 1, sizeof *self.fullest);
    self.most_steps = options->steps ? options->steps : UINT64_MAX;
    self.tree.deadline = options->steps ? UINT64_MAX : hy_now() + (uint64_t)(options->seconds * 1e9);
    if (self.fullest) {
        find_fullest(&self);
        search_all(&self);
    }
    result->steps = self.tree.steps;
    r = self.fullest && !self.tree.state.no_memory ? 0 : -ENOMEM;
    free(self.fullest);
    search_tree_free(&self.tree);
    return r;
}
