/* SPDX-License-Identifier: MIT
 *
 * fit_tree_address.c - holes by address, with the size of the largest hole of each subtree (see fit_tree.h).
 */
#include "fit_tree_balance.h"

/* The way down to a hole that is in the tree, or to where it belongs. */
static void address_find(const fit_tree *tree, const char *hole, fit_path *ret_path) {
    ret_path->depth = 0;
    for (char *at = tree->root; at && at != hole;) {
        const unsigned side = hole > at;
        path_push(ret_path, at, side);
        at = tree_link(tree, at, side);
    }
}

/* The maxima from where the path has led to upwards, until one is as before. */
static void address_mend(const fit_tree *tree, const fit_path *path) {
    for (unsigned i = path->depth; i-- > 0;)
        if (!tree_set_maximum(tree, path->hole[i], tree_size(tree, path->hole[i])))
            return;
}

void fit_address_insert(fit_tree *tree, char *hole, size_t size) {
    fit_path path = {.depth = 0};
    const size_t value = tree_units(tree, size);
    for (char *at = tree->root; at;) {
        const unsigned side = hole > at;
        if (tree_value(tree, at) < value)
            tree_set_value(tree, at, value);
        path_push(&path, at, side);
        at = tree_link(tree, at, side);
    }
    tree_attach(tree, &path, hole, value, true);
}

void fit_address_remove(fit_tree *tree, char *hole) {
    fit_path path;
    address_find(tree, hole, &path);
    tree_detach(tree, &path, hole, true);
}

void fit_address_resized(fit_tree *tree, char *hole, size_t size) {
    fit_path path;
    address_find(tree, hole, &path);
    if (tree_set_maximum(tree, hole, size))
        address_mend(tree, &path);
}

void fit_address_replace(fit_tree *tree, char *hole, char *heir, size_t size) {
    fit_path path;
    const fit_node node = *tree_node(tree, hole);
    address_find(tree, hole, &path);
    *tree_node(tree, heir) = node;
    path_hang(tree, &path, path.depth, heir);
    if (tree_set_maximum(tree, heir, size))
        address_mend(tree, &path);
}

/* ---------------------------------------------------------------------------------------------------- searches ---- */

/* The first hole of a subtree that has `units` or more; its maximum says that there is one. */
static char *address_first_below(fit_tree *tree, char *at, size_t units) {
    for (;;) {
        ++*tree->steps;
        char *const left = tree_link(tree, at, LEFT);
        if (left && tree_value(tree, left) >= units)
            at = left;
        else if (tree_units(tree, tree_size(tree, at)) >= units)
            return at;
        else
            at = tree_link(tree, at, RIGHT);
    }
}

/* The first hole at or above `from` that has `units` or more.  What is not below `from` are some holes on the way to
 * it, in falling order, and what hangs to the right of them. */
static char *address_first_from(fit_tree *tree, const char *from, size_t units) {
    fit_path path = {.depth = 0};
    for (char *at = tree->root; at && tree_value(tree, at) >= units;) {
        const unsigned side = at < from;
        ++*tree->steps;
        path_push(&path, at, side);
        at = tree_link(tree, at, side);
    }
    while (path.depth-- > 0) {
        char *const hole = path.hole[path.depth];
        if (path.side[path.depth] == RIGHT)
            continue;
        if (tree_units(tree, tree_size(tree, hole)) >= units)
            return hole;
        char *const right = tree_link(tree, hole, RIGHT);
        if (right && tree_value(tree, right) >= units)
            return address_first_below(tree, right, units);
    }
    return NULL;
}

char *fit_address_first(fit_tree *tree, const char *from, size_t size) {
    const size_t units = tree_units(tree, size);
    if (!tree->root || tree_value(tree, tree->root) < units)
        return NULL;
    char *hole = from ? address_first_from(tree, from, units) : address_first_below(tree, tree->root, units);
    while (units == FIT_NODE_MOST && hole && tree_size(tree, hole) < size)
        hole = address_first_from(tree, hole + 1, units);
    return hole;
}

size_t fit_address_largest(fit_tree *tree) {
    const size_t units = tree->root ? tree_value(tree, tree->root) : 0;
    size_t largest = units << tree->unit;
    if (units == FIT_NODE_MOST) /* or more */
        for (const char *hole = NULL; (hole = fit_address_first(tree, hole ? hole + 1 : NULL, largest));)
            largest = hy_max(largest, tree_size(tree, hole));
    return largest;
}

char *fit_address_before(const fit_tree *tree, const char *address) {
    char *found = NULL;
    for (char *at = tree->root; at;) {
        const unsigned side = at < address;
        found = side ? at : found;
        at = tree_link(tree, at, side);
    }
    return found;
}

char *fit_address_after(const fit_tree *tree, const char *address) {
    char *found = NULL;
    for (char *at = tree->root; at;) {
        const unsigned side = at < address;
        found = side ? found : at;
        at = tree_link(tree, at, side);
    }
    return found;
}
