/* SPDX-License-Identifier: MIT
 *
 * audit.h - a page source that watches how it is used: keeps a map of what is reserved and committed, refuses the n-th
 * request on demand, and can hand out dirty memory.
 */
#ifndef HY_AUDIT_H
#define HY_AUDIT_H

#include "heapyard.h"

/* Wraps `inner`, which must outlive it.  NULL: no memory. */
hy_pages *audit_wrap(hy_pages *inner);
void audit_unwrap(hy_pages *pages);
/* Around a fork: nobody else is in the map while it is copied, and nobody waits for it in the child. */
void audit_hold(hy_pages *pages);
void audit_let_go(hy_pages *pages);

/* What was wrong with the first wrong call, or NULL. */
const char *audit_problem(const hy_pages *pages);

/* Requests for memory (reserve, commit, growing resize, move) so far. */
uint64_t audit_requests(const hy_pages *pages);
/* The n-th request from now fails, and if `lasting` all after it; 0: none. */
void audit_fail(hy_pages *pages, uint64_t n, bool lasting);
/* No more than this many bytes are committed at a time. */
void audit_limit(hy_pages *pages, size_t bytes);
/* Committed memory is not zero from now on, and says so. */
void audit_dirty(hy_pages *pages);

/* Whether the whole range is committed, and whether a reservation starts at `address`. */
bool audit_committed(const hy_pages *pages, uintptr_t start, size_t size);
bool audit_is_start(const hy_pages *pages, uintptr_t address);

#endif
