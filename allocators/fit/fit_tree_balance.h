/* SPDX-License-Identifier: MIT
 *
 * fit_tree_balance.h - what both trees are made of (see fit_tree.h): packed nodes, paths, and keeping the balance.
 *
 * `maxima` is a constant wherever these functions are used: whether the values are the maxima of subtrees, to be kept
 * right when the tree changes.
 */
#ifndef FIT_TREE_BALANCE_H
#define FIT_TREE_BALANCE_H

#include "fit_tree.h"

/* ------------------------------------------------------------------------------------------------------ nodes ---- */

/* word[0]: left link (48 bits), lower half of the value (16)
 * word[1]: right link (48 bits), upper half of the value (14), the taller side (2).  Holes may lie at any address. */
typedef struct __attribute__((packed, may_alias)) fit_node {
    uint64_t word[2];
} fit_node;

_Static_assert(sizeof(fit_node) == FIT_LINKS, "a node takes the place of the two links of a list");

#define FIT_NODE_LINK (((uint64_t)1 << 48) - 1)
#define FIT_NODE_BALANCE ((uint64_t)3 << 62)
#define FIT_NODE_MOST (((size_t)1 << 30) - 1) /* the largest value */

enum { EVEN, LEFT_TALLER, RIGHT_TALLER }; /* the balance: 1 + the taller side */
enum { LEFT, RIGHT };

static inline fit_node *tree_node(const fit_tree *tree, const char *hole) {
    return (fit_node *)(void *)(uintptr_t)(hole + tree->node_at);
}

static inline char *tree_link(const fit_tree *tree, const char *hole, unsigned side) {
    return (char *)(uintptr_t)(tree_node(tree, hole)->word[side] & FIT_NODE_LINK);
}

static inline void tree_set_link(const fit_tree *tree, char *hole, unsigned side, const char *to) {
    fit_node *const node = tree_node(tree, hole);
    node->word[side] = (node->word[side] & ~FIT_NODE_LINK) | (uintptr_t)to;
}

static inline unsigned tree_balance(const fit_tree *tree, const char *hole) {
    return (unsigned)(tree_node(tree, hole)->word[1] >> 62);
}

static inline void tree_set_balance(const fit_tree *tree, char *hole, unsigned balance) {
    fit_node *const node = tree_node(tree, hole);
    node->word[1] = (node->word[1] & ~FIT_NODE_BALANCE) | (uint64_t)balance << 62;
}

static inline size_t tree_value(const fit_tree *tree, const char *hole) {
    const fit_node *const node = tree_node(tree, hole);
    return node->word[0] >> 48 | (node->word[1] & ~FIT_NODE_BALANCE) >> 48 << 16;
}

static inline void tree_set_value(const fit_tree *tree, char *hole, size_t value) {
    fit_node *const node = tree_node(tree, hole);
    node->word[0] = (node->word[0] & FIT_NODE_LINK) | (uint64_t)value << 48;
    node->word[1] = (node->word[1] & (FIT_NODE_LINK | FIT_NODE_BALANCE)) | (uint64_t)value >> 16 << 48;
}

/* ------------------------------------------------------------------------------------------------------ sizes ---- */

static inline size_t tree_size(const fit_tree *tree, const char *hole) {
    return tree->measure ? tree->measure(tree->context, hole) : tag_size(hole);
}

/* A size as a value, rounded up; holes have whole grains, so only what is wanted is ever rounded. */
static inline size_t tree_units(const fit_tree *tree, size_t size) {
    return hy_min((size + ((size_t)1 << tree->unit) - 1) >> tree->unit, FIT_NODE_MOST);
}

/* The largest hole at and below this one, as the nodes below say it; `size` is the hole's own. */
static inline size_t tree_maximum(const fit_tree *tree, const char *hole, size_t size) {
    const char *const left = tree_link(tree, hole, LEFT), *const right = tree_link(tree, hole, RIGHT);
    const size_t below = hy_max(left ? tree_value(tree, left) : 0, right ? tree_value(tree, right) : 0);
    return hy_max(tree_units(tree, size), below);
}

/* Sets the maximum of a hole's subtree.  Whether it is another than before. */
static inline bool tree_set_maximum(const fit_tree *tree, char *hole, size_t size) {
    const size_t old = tree_value(tree, hole), new = tree_maximum(tree, hole, size);
    if (new != old)
        tree_set_value(tree, hole, new);
    return new != old;
}

/* ------------------------------------------------------------------------------------------------------- path ---- */

/* The way down to a place: at each hole, which link was taken. */
typedef struct fit_path {
    char *hole[FIT_TREE_HEIGHT];
    uint8_t side[FIT_TREE_HEIGHT];
    unsigned depth;
} fit_path;

static inline void path_push(fit_path *path, char *hole, unsigned side) {
    path->hole[path->depth] = hole;
    path->side[path->depth] = (uint8_t)side;
    path->depth++;
}

/* Hangs `hole` where the path has come to after so many steps. */
static inline void path_hang(fit_tree *tree, const fit_path *path, unsigned steps, char *hole) {
    if (steps == 0)
        tree->root = hole;
    else
        tree_set_link(tree, path->hole[steps - 1], path->side[steps - 1], hole);
}

/* ----------------------------------------------------------------------------------------------------- balance ---- */

/* Turns a hole and its child on `side` over: the child is on top now. */
static inline char *tree_turn(const fit_tree *tree, char *hole, unsigned side, bool maxima) {
    char *const child = tree_link(tree, hole, side);
    tree_set_link(tree, hole, side, tree_link(tree, child, !side));
    tree_set_link(tree, child, !side, hole);
    if (maxima) {
        tree_set_maximum(tree, hole, tree_size(tree, hole));
        tree_set_maximum(tree, child, tree_size(tree, child));
    }
    return child;
}

/* The subtree on `side` is too tall by one, for the sake of its inner part: that goes to the top. */
static inline char *tree_turn_twice(const fit_tree *tree, char *hole, unsigned side, bool maxima) {
    char *const child = tree_link(tree, hole, side), *const inner = tree_link(tree, child, !side);
    const unsigned taller = tree_balance(tree, inner);
    tree_set_link(tree, hole, side, tree_turn(tree, child, !side, maxima));
    tree_turn(tree, hole, side, maxima);
    tree_set_balance(tree, hole, taller == 1 + side ? 1 + !side : EVEN);
    tree_set_balance(tree, child, taller == 1 + !side ? 1 + side : EVEN);
    tree_set_balance(tree, inner, EVEN);
    return inner;
}

/* The subtree on `side` of a hole is taller by two.  What is on top now: it is as tall as that was before it grew, or,
 * if its balance is not even, as before the other side shrank. */
static inline char *tree_mend(const fit_tree *tree, char *hole, unsigned side, bool maxima) {
    char *const child = tree_link(tree, hole, side);
    const unsigned taller = tree_balance(tree, child);
    if (taller == 1 + !side)
        return tree_turn_twice(tree, hole, side, maxima);
    tree_turn(tree, hole, side, maxima);
    tree_set_balance(tree, hole, taller == EVEN ? 1 + side : EVEN);
    tree_set_balance(tree, child, taller == EVEN ? 1 + !side : EVEN);
    return child;
}

/* A hole comes where the path has led to.  The maxima along the path know it already. */
static inline void tree_attach(fit_tree *tree, const fit_path *path, char *hole, size_t value, bool maxima) {
    *tree_node(tree, hole) = (fit_node){{0, 0}};
    tree_set_value(tree, hole, value);
    path_hang(tree, path, path->depth, hole);
    tree->holes++;
    for (unsigned i = path->depth; i-- > 0;) {
        char *const above = path->hole[i];
        const unsigned side = path->side[i], taller = tree_balance(tree, above);
        if (taller == 1 + side)
            path_hang(tree, path, i, tree_mend(tree, above, side, maxima));
        else
            tree_set_balance(tree, above, taller == EVEN ? 1 + side : EVEN);
        if (taller != EVEN)
            return;
    }
}

/* Takes a hole out from where the path has led to.  If it has two subtrees, the hole next behind it takes its place,
 * and the path goes on to where that was. */
static inline void tree_unhang(fit_tree *tree, fit_path *path, char *hole, bool maxima) {
    const unsigned level = path->depth;
    char *const left = tree_link(tree, hole, LEFT), *const right = tree_link(tree, hole, RIGHT);
    if (!left || !right) {
        path_hang(tree, path, level, left ? left : right);
        return;
    }
    char *heir = right;
    path_push(path, hole, RIGHT);
    for (char *next = tree_link(tree, heir, LEFT); next; next = tree_link(tree, heir, LEFT)) {
        path_push(path, heir, LEFT);
        heir = next;
    }
    path_hang(tree, path, path->depth, tree_link(tree, heir, RIGHT));
    const size_t value = tree_value(tree, maxima ? hole : heir);
    *tree_node(tree, heir) = *tree_node(tree, hole);
    tree_set_value(tree, heir, value);
    path->hole[level] = heir;
    path_hang(tree, path, level, heir);
}

/* The subtree on `side` of a hole has become less tall.  What is on top now; *shrinks: it is less tall too. */
static inline char *tree_shrunk(const fit_tree *tree, char *hole, unsigned side, bool *shrinks, bool maxima) {
    const unsigned taller = tree_balance(tree, hole);
    if (taller == 1 + !side) {
        char *const top = tree_mend(tree, hole, !side, maxima);
        *shrinks = tree_balance(tree, top) == EVEN;
        return top;
    }
    tree_set_balance(tree, hole, taller == EVEN ? 1 + !side : EVEN);
    *shrinks = taller != EVEN;
    return hole;
}

/* The hole where the path has led to goes. */
static inline void tree_detach(fit_tree *tree, fit_path *path, char *hole, bool maxima) {
    const unsigned level = path->depth;
    bool shrinks = true, changed = maxima;
    tree_unhang(tree, path, hole, maxima);
    tree->holes--;
    for (unsigned i = path->depth; i-- > 0;) {
        char *top = path->hole[i];
        const size_t old = tree_value(tree, top);
        if (shrinks) {
            top = tree_shrunk(tree, top, path->side[i], &shrinks, maxima);
            path_hang(tree, path, i, top);
        }
        if (changed || (maxima && i == level)) {
            tree_set_maximum(tree, top, tree_size(tree, top));
            changed = tree_value(tree, top) != old;
        }
        if (!shrinks && !changed && i <= level)
            return;
    }
}

#endif
