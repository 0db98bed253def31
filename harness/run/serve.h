/* SPDX-License-Identifier: MIT
 *
 * serve.h - which shared object serves a program's malloc for a spec, what the program must be started with, and the
 * proof that it is so.
 */
#ifndef HY_SERVE_H
#define HY_SERVE_H

#include "environment.h"
#include "paths.h"

typedef struct hy_serving {
    char library[HY_PATH_SIZE];  /* what LD_PRELOAD names */
    char settings[HY_SPEC_SIZE]; /* HEAPYARD_SPEC, or empty for mallocs of others */
    hy_environment environment;
    char served_by[HY_PATH_SIZE]; /* filled in by hy_serving_prove: the loader's path of it */
} hy_serving;

/* 0 or -errno with the sentence: no such allocator, or one that cannot be a program's malloc. */
int hy_serving_plan(const char *spec, hy_serving *ret_serving, hy_error *error);

/* In the child, before exec: its environment.  0 or -ENOMEM. */
int hy_serving_apply(const hy_serving *serving);

/* Lets the loader load the program with the library and bind every symbol, without running it: each use of malloc must
 * be bound to the library.  0 or -errno with the sentence. */
int hy_serving_prove(hy_serving *serving, char *const *argv, hy_error *error);

/* The same of what a program started: `folder` holds what the loader said of each process in a file of its own
 * (hy_timing_order.bindings).  Every process that was started by the name of a worker (the array ends with NULL) must
 * have got its malloc from the library, and each worker must be among them.  0 or -errno with the sentence. */
int hy_serving_prove_workers(hy_serving *serving, char *const *workers, const char *folder, hy_error *error);

#endif
