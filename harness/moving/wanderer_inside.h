/* SPDX-License-Identifier: MIT
 *
 * wanderer_inside.h - what the two halves of the wanderer call of each other, and their host.
 */
#ifndef HY_WANDERER_INSIDE_H
#define HY_WANDERER_INSIDE_H

#include "wanderer_links.h"

/* Undefined here: the host's. */
uint64_t wanderer_host(uint64_t call, uint64_t argument);

/* wanderer_parts.c; none of them holds anything while it waits for its host. */
void wanderer_start(void);
uint64_t wanderer_safepoint(uint64_t rounds); /* done so far; 0: in the middle of one */
void wanderer_change(uint64_t round);
uint64_t wanderer_look(uint64_t round);
uint64_t wanderer_length(void);
wanderer_keep wanderer_first(void);
wanderer_keep wanderer_next(wanderer_keep here);
uint64_t wanderer_is_there(wanderer_keep here);
uint64_t wanderer_do(wanderer_keep here);
void wanderer_drop(wanderer_keep here);
uint64_t wanderer_price_follow(uint64_t count);
uint64_t wanderer_price_pair(uint64_t count);

/* wanderer_drive.c */
uint64_t wanderer_main(void);

#endif
