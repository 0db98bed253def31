/* SPDX-License-Identifier: MIT
 *
 * search_tree.c - depth first; one function a rule of search.h.
 */
#include "search_tree.h"

#include "clock.h"

#include <errno.h>
#include <stdlib.h>

#define MOST_FAILED_BITS 22u
#define FAILED_EACH 4096u /* situations remembered for each buffer */
#define CLOCK_STEPS 256u

/* A stretch of sections that nothing crosses into, and the offset below which nothing may be placed any more. */
typedef struct stretch {
    uint32_t left, right;
    uint64_t last;
} stretch;

static bool solve_stretches(search_tree *tree, stretch whole);

int search_tree_make(const hy_job *job, search_tree *ret_tree) {
    *ret_tree = (search_tree){0};
    int r = search_state_make(job, &ret_tree->state);
    if (r < 0)
        return r;
    ret_tree->rank = calloc(job->count + 1, sizeof *ret_tree->rank);
    ret_tree->failed_bits = 1;
    while (ret_tree->failed_bits < MOST_FAILED_BITS && job->count * FAILED_EACH >> ret_tree->failed_bits)
        ret_tree->failed_bits++;
    ret_tree->failed = calloc((size_t)1 << ret_tree->failed_bits, sizeof *ret_tree->failed);
    ret_tree->blame = calloc(ret_tree->state.sections + 1u, sizeof *ret_tree->blame);
    if (!ret_tree->blame || !ret_tree->rank || !ret_tree->failed) {
        search_tree_free(ret_tree);
        return -ENOMEM;
    }
    return 0;
}

void search_tree_free(search_tree *tree) {
    search_state_free(&tree->state);
    free(tree->rank);
    free(tree->blame);
    free(tree->choice);
    free(tree->failed);
    *tree = (search_tree){0};
}

/* --------------------------------------------------------------------------------------------------- situations ----
 */

/* Stafford's thirteenth variant of the finalizer of MurmurHash3. */
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* What is left in a stretch. */
typedef struct outlook {
    uint64_t hash; /* never 0 */
    uint64_t top;  /* the least top that any of it could have */
} outlook;

/* An item whose support lies below `last` waits for one that is placed under it; it cannot be placed now. */
static bool waits(const search_state *state, uint32_t item, uint64_t last) {
    return state->offset[item] < last;
}

static outlook look(const search_state *state, const stretch *at) {
    outlook view = {mix(state->capacity), UINT64_MAX};
    bool waiting = false;
    for (uint32_t i = state->first[at->left]; i < state->first[at->right]; i++) {
        if (state->placed[i])
            continue;
        const uint64_t top = state->offset[i] + state->item[i].size;
        view.hash += mix(state->item[i].key + state->offset[i]);
        waiting = waiting || waits(state, i, at->last);
        if (!waits(state, i, at->last) && top < view.top)
            view.top = top;
    }
    view.hash = mix(view.hash + (waiting ? mix(~at->last) : 0)) | 1;
    return view;
}

static uint64_t *failed_at(const search_tree *tree, uint64_t hash) {
    return &tree->failed[(hash >> 1) & (((uint64_t)1 << tree->failed_bits) - 2)];
}

static bool has_failed(const search_tree *tree, uint64_t hash) {
    const uint64_t *const pair = failed_at(tree, hash);
    return pair[0] == hash || pair[1] == hash;
}

static void remember_failure(search_tree *tree, uint64_t hash) {
    uint64_t *const pair = failed_at(tree, hash);
    pair[1] = pair[0];
    pair[0] = hash;
}

/* ----------------------------------------------------------------------------------------------------- choices ---- */

/* The lowest place first, whoever it is for: holes are filled before they can be covered. */
static bool is_sooner(const search_tree *tree, uint32_t a, uint32_t b) {
    const uint64_t *const offset = tree->state.offset;
    return offset[a] != offset[b] ? offset[a] < offset[b] : tree->rank[a] < tree->rank[b];
}

static bool push_choice(search_tree *tree, size_t start, uint32_t item) {
    if (tree->choices == tree->choice_capacity) {
        const size_t capacity = tree->choice_capacity ? tree->choice_capacity * 2 : 4096;
        uint32_t *const grown = realloc(tree->choice, capacity * sizeof *grown);
        if (!grown)
            return false;
        tree->choice = grown;
        tree->choice_capacity = capacity;
    }
    size_t at = tree->choices++;
    for (; at > start && is_sooner(tree, item, tree->choice[at - 1]); at--)
        tree->choice[at] = tree->choice[at - 1];
    tree->choice[at] = item;
    return true;
}

/* Pushes what may be placed next, sorted.  Of twins, the first that is left. */
static bool push_choices(search_tree *tree, const stretch *at, uint64_t below) {
    const search_state *const state = &tree->state;
    const size_t start = tree->choices;
    for (uint32_t i = state->first[at->left]; i < state->first[at->right]; i++) {
        const uint32_t twin = state->item[i].twin;
        if (state->placed[i] || waits(state, i, at->last) || state->offset[i] >= below)
            continue;
        if ((twin == SEARCH_NONE || state->placed[twin]) && search_fits(state, i) && !push_choice(tree, start, i))
            return false;
    }
    return true;
}

/* Whether anything is left in the sections of the item that was placed last.  If not, it is in nobody's way: that it
 * was placed now says nothing about the others, and where else it could have been makes no difference. */
static bool is_covered(const search_state *state, uint32_t item) {
    for (uint32_t s = state->item[item].left; s < state->item[item].right; s++)
        if (state->section[s].left)
            return true;
    return false;
}

/* ------------------------------------------------------------------------------------------------------ search ---- */

static bool is_cut(search_tree *tree) {
    if (++tree->steps >= tree->most_steps || tree->state.no_memory)
        tree->cut = true;
    else if (tree->steps % CLOCK_STEPS == 0 && tree->deadline != UINT64_MAX && hy_now() >= tree->deadline)
        tree->cut = true;
    return tree->cut;
}

static bool try_choices(search_tree *tree, const stretch *at, size_t start) {
    search_state *const state = &tree->state;
    for (size_t c = start; c < tree->choices; c++) {
        const uint32_t item = tree->choice[c];
        const size_t mark = state->changes, choices = tree->choices;
        search_place(state, item);
        const bool covered = is_covered(state, item);
        if (solve_stretches(tree, (stretch){at->left, at->right, covered ? state->offset[item] : at->last}))
            return true;
        tree->choices = choices;
        search_undo(state, mark);
        if (tree->cut || !covered)
            return false;
    }
    return false;
}

static bool solve(search_tree *tree, const stretch *at) {
    if (is_cut(tree))
        return false;
    const outlook view = look(&tree->state, at);
    if (has_failed(tree, view.hash))
        return false;
    const size_t start = tree->choices;
    tree->cut = !push_choices(tree, at, view.top);
    if (try_choices(tree, at, start))
        return true;
    tree->choices = start;
    if (!tree->cut)
        remember_failure(tree, view.hash);
    return false;
}

/* The next stretch of `whole` from `left` on in which something is left; empty: there is none. */
static stretch next_stretch(const search_state *state, const stretch *whole, uint32_t left) {
    while (left < whole->right && state->section[left].left == 0)
        left++;
    uint32_t right = left < whole->right ? left + 1 : left;
    while (right < whole->right && state->section[right].cross > 0)
        right++;
    return (stretch){left, right, whole->last};
}

/* All of them, or none: what was placed is taken back by the caller. */
static bool solve_stretches(search_tree *tree, stretch whole) {
    const uint32_t full = search_find_full(&tree->state, whole.left, whole.right, whole.last);
    if (full != SEARCH_NONE) {
        tree->blame[full]++;
        return false;
    }
    stretch at = next_stretch(&tree->state, &whole, whole.left);
    while (at.left < at.right) {
        if (!solve(tree, &at))
            return false;
        at = next_stretch(&tree->state, &whole, at.right);
    }
    return true;
}

bool search_tree_solve(search_tree *tree, uint64_t capacity) {
    tree->state.capacity = capacity;
    tree->cut = false;
    tree->choices = 0;
    if (solve_stretches(tree, (stretch){0, tree->state.sections, 0}))
        return true;
    search_undo(&tree->state, 0);
    return false;
}
