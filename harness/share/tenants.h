/* SPDX-License-Identifier: MIT
 *
 * tenants.h - what N processes take when a program is linked with shared libraries, and when it is linked without any.
 *
 *   static copies   N programs, each of which has the library in its own file: what shared libraries are against
 *   static          one such program, N times: its file is in memory once as well
 *   shared copies   N programs that share the libraries
 *   shared          one such program, N times
 *
 * Copies are nameless files with the same contents, which the kernel takes for programs of their own.  `memory` counts
 * what a process has for itself for each, and the pages of a file once for all of them: what the N would take if
 * nobody else ran.  Not in it: page tables and what the kernel needs for a process.
 */
#ifndef HY_TENANTS_H
#define HY_TENANTS_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum hy_build {
    HY_BUILD_STATIC_COPIES,
    HY_BUILD_STATIC,
    HY_BUILD_SHARED_COPIES,
    HY_BUILD_SHARED,
    HY_BUILDS
} hy_build;
const char *hy_build_name(hy_build build);

typedef struct hy_tenancy {
    hy_build build;
    size_t processes;
    size_t rss, pss;      /* bytes, summed up over the processes */
    size_t private;       /* of it what each has for itself: written or nameless */
    size_t files, memory; /* pages of files, each file once; private + files */
} hy_tenancy;

enum { HY_TENANTS_MOST = 256 };

/* 0 or -errno with the sentence; -ENOENT: this build was not made here. */
int hy_tenants_measure(hy_build build, size_t processes, hy_tenancy *ret_tenancy, hy_error *error);

/* From how many processes on the shared copies take less than the static ones, by the line through two measurements of
 * each (`few` and `many` processes); 0: never. */
size_t hy_tenants_crossover(const hy_tenancy *static_few, const hy_tenancy *static_many, const hy_tenancy *shared_few,
                            const hy_tenancy *shared_many);

#endif
