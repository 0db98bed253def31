/* SPDX-License-Identifier: MIT
 *
 * fit_tree_check.c - every invariant of a tree: its order, its balance, its values.
 *
 * The walk visits a hole three times: before its left subtree, between its subtrees, and behind the right one.  It
 * keeps its own path, so that even a tree that is damaged cannot make it run forever.
 */
#include "fit_tree_balance.h"

typedef struct tree_walk {
    const fit_tree *tree;
    bool by_size;
    fit_path path;
    unsigned height[FIT_TREE_HEIGHT][2]; /* of the subtrees of the holes on the path */
    const char *last;                    /* the hole before, in order */
    uint64_t holes;
    size_t addresses;
} tree_walk;

/* The hole comes next in order. */
static const char *walk_between(tree_walk *walk, const char *hole) {
    const fit_tree *const tree = walk->tree;
    const char *const last = walk->last;
    const size_t size = tree_size(tree, hole), last_size = last ? tree_size(tree, last) : 0;
    if (walk->by_size && last && size < last_size)
        return "the tree of holes is not in the order of sizes";
    if (last && hole <= last && (!walk->by_size || size == last_size))
        return "the tree of holes is not in the order of addresses";
    walk->last = hole;
    walk->addresses += (size_t)hole;
    return ++walk->holes > tree->holes ? "the tree holds more holes than it counts" : NULL;
}

/* Both subtrees are seen. */
static const char *walk_leave(const tree_walk *walk, const char *hole, const unsigned *height) {
    const fit_tree *const tree = walk->tree;
    const unsigned left = height[LEFT], right = height[RIGHT];
    const size_t size = tree_size(tree, hole);
    if (left > right + 1 || right > left + 1)
        return "the tree of holes is out of balance";
    if (tree_balance(tree, hole) != (left > right ? LEFT_TALLER : right > left ? RIGHT_TALLER : EVEN))
        return "a hole names the wrong subtree as the taller one";
    if (walk->by_size && tree_value(tree, hole) != tree_units(tree, size))
        return "the tree knows another size of a hole";
    if (!walk->by_size && tree_value(tree, hole) != tree_maximum(tree, hole, size))
        return "the largest hole of a subtree is wrong";
    return NULL;
}

/* Goes on with the last hole of the path, whose subtree on `side` is done and has a height. */
static const char *walk_return(tree_walk *walk, unsigned *height) {
    const unsigned last = walk->path.depth - 1, side = walk->path.side[last];
    walk->height[last][side] = *height;
    if (side == LEFT)
        return walk_between(walk, walk->path.hole[last]);
    *height = 1 + (unsigned)hy_max(walk->height[last][LEFT], walk->height[last][RIGHT]);
    return walk_leave(walk, walk->path.hole[last], walk->height[last]);
}

/* Goes down to the first hole of a subtree. */
static const char *walk_down(tree_walk *walk, char *at) {
    for (; at; at = tree_link(walk->tree, at, LEFT)) {
        if (walk->path.depth == FIT_TREE_HEIGHT)
            return "the tree of holes is too tall";
        path_push(&walk->path, at, LEFT);
    }
    return NULL;
}

static const char *walk_tree(tree_walk *walk) {
    fit_path *const path = &walk->path;
    unsigned height = 0;
    const char *wrong = walk_down(walk, walk->tree->root);
    while (!wrong && path->depth > 0) {
        const unsigned last = path->depth - 1;
        wrong = walk_return(walk, &height);
        if (wrong || path->side[last] == RIGHT) {
            path->depth--;
            continue;
        }
        path->side[last] = RIGHT;
        height = 0;
        wrong = walk_down(walk, tree_link(walk->tree, path->hole[last], RIGHT));
    }
    return wrong;
}

const char *fit_tree_check(const fit_tree *tree, bool by_size, uint64_t *ret_holes, size_t *ret_addresses) {
    tree_walk walk = {.tree = tree, .by_size = by_size};
    const char *const wrong = walk_tree(&walk);
    if (wrong)
        return wrong;
    *ret_holes = walk.holes;
    *ret_addresses = walk.addresses;
    return walk.holes != tree->holes ? "the tree holds fewer holes than it counts" : NULL;
}

unsigned fit_tree_height(const fit_tree *tree) {
    unsigned height = 0;
    for (const char *at = tree->root; at; height++)
        at = tree_link(tree, at, tree_balance(tree, at) == RIGHT_TALLER);
    return height;
}
