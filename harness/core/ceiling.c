/* SPDX-License-Identifier: MIT
 *
 * ceiling.c - see ceiling.h.
 */
#include "ceiling.h"

#include <unistd.h>

uint64_t hy_ceiling(void) {
    return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
}
