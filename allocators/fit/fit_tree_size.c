/* SPDX-License-Identifier: MIT
 *
 * fit_tree_size.c - holes by size, and by address where sizes are equal (see fit_tree.h).
 */
#include "fit_tree_balance.h"

/* The size of a hole of the tree, as far as possible from its node. */
static size_t size_of(const fit_tree *tree, const char *hole) {
    const size_t units = tree_value(tree, hole);
    return units < FIT_NODE_MOST ? units << tree->unit : tree_size(tree, hole);
}

/* Whether a hole of the tree comes before (size, address). */
static bool size_is_before(const fit_tree *tree, const char *hole, size_t size, const char *address) {
    const size_t own = size_of(tree, hole);
    return own != size ? own < size : hole < address;
}

void fit_size_insert(fit_tree *tree, char *hole, size_t size) {
    fit_path path = {.depth = 0};
    for (char *at = tree->root; at;) {
        const unsigned side = size_is_before(tree, at, size, hole);
        path_push(&path, at, side);
        at = tree_link(tree, at, side);
    }
    tree_attach(tree, &path, hole, tree_units(tree, size), false);
}

void fit_size_remove(fit_tree *tree, char *hole) {
    const size_t size = size_of(tree, hole);
    fit_path path = {.depth = 0};
    for (char *at = tree->root; at != hole;) {
        const unsigned side = size_is_before(tree, at, size, hole);
        path_push(&path, at, side);
        at = tree_link(tree, at, side);
    }
    tree_detach(tree, &path, hole, false);
}

char *fit_size_least(fit_tree *tree, size_t size, const char *from) {
    char *found = NULL;
    for (char *at = tree->root; at;) {
        const unsigned side = size_is_before(tree, at, size, from);
        ++*tree->steps;
        found = side ? found : at;
        at = tree_link(tree, at, side);
    }
    return found;
}

size_t fit_size_largest(fit_tree *tree, size_t limit) {
    size_t found = 0;
    for (const char *at = tree->root; at;) {
        const size_t size = size_of(tree, at);
        ++*tree->steps;
        found = size < limit ? size : found;
        at = tree_link(tree, at, size < limit);
    }
    return found;
}
