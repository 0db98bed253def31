/* SPDX-License-Identifier: MIT
 *
 * registry.h - everything that this build knows by name.
 *
 * The lists are generated from the one list in allocators/meson.build; const, and checked once by hy_registry_check.
 */
#ifndef HY_REGISTRY_H
#define HY_REGISTRY_H

#include "heap.h"

/* Capabilities as the list in allocators/meson.build words them, for `heapyard list` and for choosing tests. */
typedef struct hy_listing {
    const hy_heap_ops *ops;
    const char *capabilities; /* words, separated by blanks: preload general lifo fixed-size no-reuse fake regions */
} hy_listing;

extern const hy_catalog hy_registry;
extern const hy_listing hy_listings[]; /* ends with ops == NULL; our own allocators, then the adapters */

/* Whether a preload library can be made of it: has usable_size and takes any alignment. */
bool hy_preloadable(const hy_heap_ops *ops);

/* Checks each table, that names are unique, and that capabilities agree with the ops. 0 or -EINVAL. */
int hy_registry_check(hy_error *error);

#endif
