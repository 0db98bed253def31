/* SPDX-License-Identifier: MIT
 *
 * layout.h - where a measured process has its stack: a chance that must not pass for a property of an allocator.
 *
 * The size of the environment moves the stack, and with it what shares a cache line or a page with what; speeds change
 * by some percent for no other reason (Mytkowicz and others, "Producing wrong data without doing anything obviously
 * wrong!", ASPLOS 2009).  So each cell that is timed gets a layout of its own, from the campaign's seed and the cell's
 * place in the order; then the difference is in the spread, where it belongs.  What is counted (footprint, verify,
 * yard) has always the same one, so that it can be counted again.
 *
 * Fixed: no padding, and the kernel chooses no random addresses.  For those who look for one effect.
 */
#ifndef HY_LAYOUT_H
#define HY_LAYOUT_H

#include "error.h"
#include "suitable.h"

typedef enum hy_layout_kind { HY_LAYOUT_RANDOM, HY_LAYOUT_FIXED } hy_layout_kind;
extern const char *const hy_layout_names[]; /* "random", "fixed", NULL */

#define HY_LAYOUT_STEP 16u                /* the alignment of a stack */
#define HY_LAYOUT_MOST_ENVIRONMENT 4096u  /* bytes */
#define HY_LAYOUT_MOST_STACK 4096u        /* bytes */
#define HY_LAYOUT_VARIABLE "HEAPYARD_PAD" /* the variable whose value is the padding */

typedef struct hy_layout {
    unsigned environment; /* bytes that the environment is longer */
    unsigned stack;       /* bytes that the stack starts lower */
    bool fixed;           /* no random addresses */
} hy_layout;

/* Of the cell at `position` of a campaign with this seed. */
hy_layout hy_layout_of(hy_layout_kind kind, hy_pass pass, uint64_t seed, size_t position);

/* In the child, before exec.  0 or -errno. */
int hy_layout_apply(const hy_layout *layout);

/* Whether this system lets us have a fixed layout: 0, or -errno with the sentence. */
int hy_layout_check(hy_layout_kind kind, hy_error *error);

#endif
