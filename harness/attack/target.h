/* SPDX-License-Identifier: MIT
 *
 * target.h - what is attacked: an allocator, how a victim is started with it, and the proof that it serves the victim.
 *
 * Besides specs, which mean what they mean everywhere, there are names for settings of mallocs of others that are meant
 * to find faults, or that no spec can say (one table in target.c).
 */
#ifndef HY_TARGET_H
#define HY_TARGET_H

#include "serve.h"

typedef struct hy_target {
    char name[HY_SPEC_SIZE];      /* as typed, or the variant's */
    char allocator[HY_TEXT_SIZE]; /* without parameters and layers; "" where it is a file */
    char program[HY_PATH_SIZE];   /* the victim */
    char spec[HY_SPEC_SIZE];      /* for a heap inside the victim; or its malloc's name */
    char served_by[HY_PATH_SIZE]; /* the object that serves malloc, or "a heap inside the process" */
    bool heap;
    bool own;           /* one of heapyard's allocators */
    char **environment; /* of the victim: ends with NULL */
} hy_target;

/* The names of a list, one by one: those of the table and checked specs.  `heap`: an own allocator is a heap inside the
 * victim, even if it could be its malloc; else only where it cannot.
 * 0; -ENOENT: what that needs is not installed here, with the sentence; else -errno with the sentence. */
int hy_target_open(const char *text, bool heap, hy_target *ret_target, hy_error *error);
void hy_target_close(hy_target *target);

/* The variants of the table, numbered from 0; NULL: no more.  *ret_summary is one line. */
const char *hy_target_variant(size_t number, const char **ret_summary);

/* What is attacked where nobody says what, numbered from 0: own allocators, then those of others; NULL: no more. */
const char *hy_target_default(size_t number);

#endif
