/* SPDX-License-Identifier: MIT
 *
 * early.h - a library that is initialized before the malloc that is preloaded, and what it did then.
 */
#ifndef HY_EARLY_H
#define HY_EARLY_H

#include <stdbool.h>
#include <stddef.h>

#define EARLY_BLOCKS 40

/* Blocks of the constructor, filled with their number. */
extern unsigned char *early_blocks[EARLY_BLOCKS];
extern bool early_constructed; /* all went well */

/* Fork handlers, registered by the constructor before it called malloc, allocate from now on. */
extern bool early_handlers;
extern bool early_handlers_failed;

/* The destructor, which runs after all others, allocates and frees, and says so with a byte into this file. */
extern int early_file;

static inline size_t early_size(size_t i) {
    return 1 + i * i * 50;
}

#endif
