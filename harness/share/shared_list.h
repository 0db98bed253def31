/* SPDX-License-Identifier: MIT
 *
 * shared_list.h - the same memory at different addresses in two processes: which links survive that.
 *
 *   1. A memfd holds a list of nodes in scattered order.  One process maps it at one base and links the nodes.
 *   2. Another process maps the same memory at another base, follows the links, and adds up what the nodes hold.
 *   3. Links are addresses, offsets from the base, or distances from the link itself.
 *   4. At the first base the second process has nothing, or other memory of its own: an old copy of the list.
 *
 * An address is right at one base only.  With nothing there the process crashes, which is the lucky case; with other
 * memory there it ends well, with a wrong sum.
 */
#ifndef HY_SHARED_LIST_H
#define HY_SHARED_LIST_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum hy_link { HY_LINK_ADDRESS, HY_LINK_OFFSET, HY_LINK_DISTANCE, HY_LINKS } hy_link;
const char *hy_link_name(hy_link link); /* "address", "offset", "distance" */

/* What the second process has at the first one's base. */
typedef enum hy_there { HY_THERE_SAME, HY_THERE_NOTHING, HY_THERE_OTHER, HY_THERES } hy_there;
const char *hy_there_name(hy_there there); /* "the list itself", "nothing", "an old copy" */

typedef struct hy_list_run {
    hy_link link;
    hy_there there;
    uint64_t first_base, second_base;
    size_t nodes, inside; /* of nodes - 1 links, those that lead into the memory as the second process has it */
    size_t reached;       /* nodes that it came to */
    int signal;           /* that ended it; 0: none */
    uint64_t sum, right_sum;
} hy_list_run;

static inline bool hy_list_right(const hy_list_run *run) {
    return run->signal == 0 && run->reached == run->nodes && run->sum == run->right_sum;
}

enum { HY_LIST_RUNS = HY_LINKS * HY_THERES };

/* Each kind of link with each state of the first base.  0 or -errno with the sentence. */
int hy_list_try(size_t nodes, uint64_t seed, hy_list_run ret_runs[HY_LIST_RUNS], hy_error *error);

/* One process adds to every node by offset at one base, another reads it at another: the sum that is seen there, and
 * the one that is right. */
int hy_list_write(size_t nodes, uint64_t seed, uint64_t *ret_seen, uint64_t *ret_right, hy_error *error);

#endif
