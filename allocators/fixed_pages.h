/* SPDX-License-Identifier: MIT
 *
 * fixed_pages.h - for hosts: a page source over memory that the caller has, a static array for instance.
 */
#ifndef HY_FIXED_PAGES_H
#define HY_FIXED_PAGES_H

#include "heapyard.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `memory` may start anywhere and have any size; what lies before the first and behind the last multiple of `granule`
 * (a power of two) is not used.  The memory stays the caller's; destroy only ends the source.  0 or -errno. */
int hy_fixed_pages_over(void *memory, size_t size, size_t granule, hy_pages **ret);

#ifdef __cplusplus
}
#endif
#endif
