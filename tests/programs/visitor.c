/* SPDX-License-Identifier: MIT
 *
 * visitor.c - a library that is opened and closed again and again: it has thread-local memory, which the C library
 * allocates for each thread that asks, and frees when the library or the thread goes.
 */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>

__attribute__((visibility("default"))) bool visitor_touch(unsigned char value);

static __thread unsigned char own_memory[30000];
static char *text;

__attribute__((constructor)) static void visitor_comes(void) {
    text = strdup("a block that lives as long as the library");
}

__attribute__((destructor)) static void visitor_goes(void) {
    free(text);
}

/* Whether this thread's memory was zero; leaves a mark. */
bool visitor_touch(unsigned char value) {
    const bool fresh = own_memory[0] == 0 && own_memory[sizeof own_memory - 1] == 0;
    memset(own_memory, value, sizeof own_memory);
    return fresh && text[0] == 'a';
}
