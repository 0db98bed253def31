/* SPDX-License-Identifier: MIT
 *
 * environment.h - what a process must be started with, so that a spec's settings act in it.
 *
 * Mallocs of others read their settings from the environment when they start, before any code of ours.  So whoever
 * starts the child that is to be measured sets these variables in it, between fork and exec.
 */
#ifndef HY_ENVIRONMENT_H
#define HY_ENVIRONMENT_H

#include "heap.h"

#define HY_ENVIRONMENT_COUNT 24
#define HY_ENVIRONMENT_SIZE 512

typedef struct hy_environment {
    char entry[HY_ENVIRONMENT_COUNT][HY_ENVIRONMENT_SIZE]; /* NAME=VALUE */
    size_t count;
} hy_environment;

/* For the innermost allocator of a spec.  Always has GLIBC_TUNABLES with the loader's room for static TLS, which
 * jemalloc needs.  0 or -errno with the sentence; a bad parameter is refused here too. */
int hy_spec_environment(const hy_catalog *catalog, hy_text spec, hy_environment *ret_environment, hy_error *error);

/* Puts all entries into the environment of this process: for the child, before it calls exec.  0 or -ENOMEM. */
int hy_environment_apply(const hy_environment *environment);

/* Removes what this process's environment says to mallocs, and LD_PRELOAD: in the child before hy_environment_apply,
 * where the spec alone shall say how it is set. */
void hy_environment_forget(void);

/* Whether this process has all of them already, so that no new one need be started. */
bool hy_environment_is_set(const hy_environment *environment);

#endif
