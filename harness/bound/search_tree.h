/* SPDX-License-Identifier: MIT
 *
 * search_tree.h - going through all canonical packings below a capacity (see search.h).
 */
#ifndef HY_SEARCH_TREE_H
#define HY_SEARCH_TREE_H

#include "search_state.h"

typedef struct search_tree {
    search_state state;
    uint32_t *rank;   /* of each item: of those that would lie at one offset, the lowest is tried first */
    uint32_t *choice; /* a stack: the items that each level has yet to try */
    size_t choices, choice_capacity;
    uint32_t *blame;            /* of each section: how often it had no room */
    uint64_t *failed;           /* situations that led nowhere; 0: none */
    unsigned failed_bits;       /* log2 of how many are remembered */
    uint64_t steps, most_steps; /* of all searches; cut off after most_steps */
    uint64_t deadline;          /* hy_now(), or UINT64_MAX */
    bool cut;                   /* off: steps, time or memory were used up */
} search_tree;

/* 0 or -ENOMEM. */
int search_tree_make(const hy_job *job, search_tree *ret_tree);
void search_tree_free(search_tree *tree);

/* Looks for a packing with no top above `capacity`.  True: state.offset has it, and search_undo(…, 0) is the caller's
 * to do.  False and not cut: there is none. */
bool search_tree_solve(search_tree *tree, uint64_t capacity);

#endif
