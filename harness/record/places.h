/* SPDX-License-Identifier: MIT
 *
 * places.h - return addresses of one process become sites of its trace (sites.h).
 *
 *   1. Where modules are is read from /proc/PID/maps at the beginning, and when an address comes that is not known.
 *      What is in no code is no return address: there the walk has gone astray, and the call stack ends before it.
 *   2. An address is a frame for as long as no module has been closed; then addresses are looked up anew.
 *   3. A call stack is a path in a tree: each distinct one has a number.
 *   4. At the end frames are named by debug information (place_names.h).
 *
 * What cannot be looked up, because the process is gone or in another pid namespace, is in a module "[unknown]".
 */
#ifndef HY_PLACES_H
#define HY_PLACES_H

#include "trace.h"

typedef struct hy_places hy_places;

/* `pid` 0: nothing can be asked about it.  NULL: no memory. */
hy_places *hy_places_create(uint32_t pid);
void hy_places_destroy(hy_places *places);

/* Reads where modules are. */
void hy_places_look(hy_places *places);
/* A module was closed. */
void hy_places_forget(hy_places *places);

/* The site of a call with these return addresses, the innermost first; 0 if the table is full.  0 or -errno with the
 * sentence. */
int hy_places_site(hy_places *places, hy_trace_writer *writer, const uint64_t *addresses, uint32_t count,
                   uint32_t *ret_site, hy_error *error);

/* Names all frames.  0 or -errno with the sentence. */
int hy_places_name(hy_places *places, hy_trace_writer *writer, hy_error *error);

#endif
