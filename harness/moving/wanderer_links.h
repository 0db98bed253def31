/* SPDX-License-Identifier: MIT
 *
 * wanderer_links.h - references of the wanderer, in each of the four ways.
 *
 *   link   a reference that lies in memory: follow, aim
 *   keep   what code holds in hand while the program may be moved: keep, kept, drop (in the opposite order)
 *   born, died   of what has links in it
 *
 * An address that was followed may be used until the next safepoint, and no longer.
 */
#ifndef HY_WANDERER_LINKS_H
#define HY_WANDERER_LINKS_H

#include "wanderer.h"

#include <stddef.h>

#if WANDERER_LINKS == WANDERER_HANDLES
typedef uint64_t wanderer_link; /* 0: nothing */
typedef uint64_t wanderer_keep;
#define WANDERER_MASTERS 4096u
extern void *wanderer_masters[WANDERER_MASTERS]; /* patched by whoever moves the program */

static inline void *link_follow(const wanderer_link *link) {
    return wanderer_masters[*link]; /* number 0 is nothing */
}

#elif WANDERER_LINKS == WANDERER_RELATIVE
typedef int64_t wanderer_link; /* 0: nothing */
typedef int64_t wanderer_keep; /* from the program's own start; 0: nothing */

static inline void *link_follow(const wanderer_link *link) {
    return *link ? (void *)((uintptr_t)link + (uintptr_t)*link) : NULL;
}

#else
typedef void *wanderer_link;
#if WANDERER_LINKS == WANDERER_REGISTERED
typedef uint64_t wanderer_keep; /* a place in a stack of roots, which the map knows */
#define WANDERER_ROOTS 4096u
#else
typedef void *wanderer_keep;
#endif

static inline void *link_follow(const wanderer_link *link) {
    return *link;
}
#endif

#endif
