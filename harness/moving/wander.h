/* SPDX-License-Identifier: MIT
 *
 * wander.h - a program that runs is moved to another place, and how it may survive that.
 *
 *   1. The program is the wanderer (wanderer.h), a relocatable object that lies in heapyard as bytes.  It is loaded by
 *      image.h into memory of ours and runs on a stack of its own, inside its image, in a child process.
 *   2. At a safepoint it stands still: its registers are in hy_wander_registers, its stack ends at their sp.
 *   3. It is slid: what is in use is copied to another base, the table of relocations applied once more, the old place
 *      taken away.  Or its frames are moved, under addresses that stay.
 *   4. A strategy says how its references are written down and who mends what (wander_repair.c).
 *   5. Before every slide all words of the program are looked at: what has the value of an address inside of it is
 *      counted by where it lies.  What the table will mend is not counted.
 *
 * The scan is conservative, as in H.-J. Boehm and M. Weiser, "Garbage collection in an uncooperative environment",
 * 1988: a number may look like an address.  Bad at: programs that were not written for it; that is the point.
 */
#ifndef HY_WANDER_H
#define HY_WANDER_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where an address may lie. */
typedef enum hy_wander_kind { HY_IN_DATA, HY_IN_STACK, HY_IN_HEAP, HY_IN_REGISTERS, HY_WANDER_KINDS } hy_wander_kind;
extern const char *const hy_wander_kinds[HY_WANDER_KINDS];

typedef enum hy_wander_how {
    HY_WANDER_STAY,   /* it is never moved */
    HY_WANDER_SLIDE,  /* to another base */
    HY_WANDER_FRAMES, /* its frames are, to others in any order */
    HY_WANDER_MESH    /* two of its heap's frames become one */
} hy_wander_how;

typedef struct hy_wander_strategy {
    const char *name, *summary, *source;
    hy_wander_how how;
    unsigned links;   /* WANDERER_PLAIN … */
    bool mends_stack; /* return addresses, frame pointers and the stack pointer */
    bool keeps_old;   /* the old place stays as it was; else nobody may touch it */
    bool survives;    /* what is expected */
} hy_wander_strategy;

/* Ends with a NULL name. */
extern const hy_wander_strategy hy_wander_strategies[];

typedef struct hy_wander_order {
    const hy_wander_strategy *strategy;
    uint64_t moves;
    uint64_t seed; /* of the places it is moved to */
} hy_wander_order;

typedef enum hy_wander_outcome {
    HY_WANDER_RIGHT, /* the right answer */
    HY_WANDER_WRONG, /* another one */
    HY_WANDER_CRASH, /* died by `signal` */
    HY_WANDER_HANGS, /* did not come to an end */
    HY_WANDER_CANNOT /* this machine refuses something: `why` */
} hy_wander_outcome;
extern const char *const hy_wander_outcomes[];

typedef struct hy_wander_result {
    hy_wander_outcome outcome;
    int signal;
    char why[256];
    uint64_t rounds, moves;
    uint64_t answer, expected;       /* of a run that came to its end */
    uint64_t image;                  /* bytes of the program in all */
    uint64_t bytes;                  /* moved */
    uint64_t busy;                   /* ns in moves, the scan not counted */
    uint64_t longest;                /* ns of one move */
    uint64_t relocations;            /* of the table, at each slide */
    uint64_t stale[HY_WANDER_KINDS]; /* at the first move, before anything is mended */
    uint64_t left[HY_WANDER_KINDS];  /* in all moves: of the old place, when it goes on */
    uint64_t extra;                  /* bytes that the strategy keeps */
    uint64_t maps;                   /* mappings of the program at the end */
    uint64_t frames, pages;          /* of its heap: frames in use at the end, and pages that lie on them */
    uint64_t most_frames;            /* that were in use at once */
    double follow, pair; /* instructions for following a link; for making a thing and forgetting it; 0: unknown */
} hy_wander_result;

/* Runs it in a child.  0 whatever becomes of it; -errno with the sentence: there was no child. */
int hy_wander_run(const hy_wander_order *order, hy_wander_result *ret_result, hy_error *error);

#endif
