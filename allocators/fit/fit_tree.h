/* SPDX-License-Identifier: MIT
 *
 * fit_tree.h - holes in a balanced tree: by address, with the largest hole of each subtree; or by size.
 *
 *  1. The nodes lie in the holes.  A node is 16 bytes: two links, which of its subtrees is taller, and a value.
 *  2. The two subtrees of a node differ in height by one at most (AVL).  So n holes make a tree of at most
 *     1.45 log2(n + 2) levels; and as 2^48 bytes are 2^44 holes at most, no path is longer than FIT_TREE_HEIGHT.
 *     Whoever goes down notes the path; nothing is recursive, and no node knows its parent.
 *  3. By address: the value is the size of the largest hole in the subtree.  A search for the first hole of some size
 *     goes left wherever something large enough lies there, and so never goes down in vain: it takes O(log n).
 *  4. By size, equal ones by address: the value is the hole's own size, so a search need not look beside the node.
 *  5. A value has 30 bits and counts grains; from 2^30 - 1 grains on (16 GiB, or 1 GiB with grain 1) all sizes look the
 *     same in it.  Then a hole's true size decides.  Results stay exact; only searches among several such holes are
 *     slower, as they look at one after the other.
 *  6. A link is an address: the holes lie below 2^48.
 *
 * G. M. Adelson-Velsky and E. M. Landis, An algorithm for the organization of information (1962); the subtrees' maxima
 * as in T. H. Cormen and others, Introduction to Algorithms, 14.2 (augmenting a tree).  Keeping holes in a tree by
 * address is C. J. Stephenson's idea, Fast Fits (1983).
 *
 * Bad at: cache misses.  Each level is another hole, most likely on a cache line and a page of its own.
 */
#ifndef FIT_TREE_H
#define FIT_TREE_H

#include "fit_tags.h"

#define FIT_TREE_HEIGHT 64u

/* The size of a hole whose header does not say it. */
typedef size_t fit_measure(const void *context, const char *hole);

typedef struct fit_tree {
    char *root;           /* NULL: there are no holes */
    unsigned unit;        /* log2 of the grain: what values are counted in */
    unsigned node_at;     /* where in a hole its node lies */
    fit_measure *measure; /* NULL, as after fit_tree_init: a hole's header holds its size */
    const void *context;
    uint64_t holes;
    uint64_t *steps; /* counts the holes that searches look at */
} fit_tree;

static inline void fit_tree_init(fit_tree *tree, size_t grain, size_t node_at, uint64_t *steps) {
    *tree = (fit_tree){.unit = hy_log2_floor(grain), .node_at = (unsigned)node_at, .steps = steps};
}

/* The first thing wrong with a tree, or NULL.  How many holes are in it, and the sum of their addresses. */
const char *fit_tree_check(const fit_tree *tree, bool by_size, uint64_t *ret_holes, size_t *ret_addresses);

/* Levels of the tree: the way down to the deepest hole. */
unsigned fit_tree_height(const fit_tree *tree);

/* ------------------------------------------------------------------------------------------------- by address ---- */

/* Sizes are multiples of the grain and given by the caller, so that he may write a hole's header before or after.  The
 * sizes of all other holes are as the tree has been told. */
void fit_address_insert(fit_tree *tree, char *hole, size_t size);
void fit_address_remove(fit_tree *tree, char *hole);
/* A hole has another size now. */
void fit_address_resized(fit_tree *tree, char *hole, size_t size);
/* A hole has another address now, between the same neighbours, and maybe another size.  The two may overlap; the
 * links in `hole` are as they were, and nothing is written but the links in `heir`. */
void fit_address_replace(fit_tree *tree, char *hole, char *heir, size_t size);

/* The first hole at or above `from` that has `size` bytes or more, or NULL. */
char *fit_address_first(fit_tree *tree, const char *from, size_t size);
/* The size of the largest hole; 0: there is none. */
size_t fit_address_largest(fit_tree *tree);
/* The last hole below an address, and the first at or above it, or NULL. */
char *fit_address_before(const fit_tree *tree, const char *address);
char *fit_address_after(const fit_tree *tree, const char *address);

/* ---------------------------------------------------------------------------------------------------- by size ---- */

void fit_size_insert(fit_tree *tree, char *hole, size_t size);
/* Its size is still what it was when it was inserted. */
void fit_size_remove(fit_tree *tree, char *hole);

/* The first hole, by size and then by address, that has `size` bytes and lies at or above `from`, or has more; NULL:
 * there is none. */
char *fit_size_least(fit_tree *tree, size_t size, const char *from);
/* The size of the largest hole that has less than `limit` bytes; 0: there is none. */
size_t fit_size_largest(fit_tree *tree, size_t limit);

#endif
