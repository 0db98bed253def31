/* SPDX-License-Identifier: MIT
 *
 * deviations.h - what mallocs of others are known to do differently.
 */
#ifndef HY_DEVIATIONS_H
#define HY_DEVIATIONS_H

#include "heap.h"

/* The allocator of the catalog whose library this one, named by its path, gives itself the name of; NULL: none. */
const hy_heap_ops *hy_deviations_kin(const hy_catalog *catalog, const hy_heap_ops *ops);

/* Why this version of this library is known to fail the case, or NULL: it should pass. */
const char *hy_known_deviation(const char *library, const char *version, const char *name);

#endif
