/* SPDX-License-Identifier: MIT
 *
 * recipe.h - what the programs that are recipes themselves share.
 */
#ifndef RECIPE_H
#define RECIPE_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

static inline uint64_t draw(uint64_t *state) { /* splitmix64 */
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline void *must(void *block) {
    if (!block)
        abort();
    return block;
}

/* The number that a word is, from 1 to `most`; 0: it is none. */
static inline unsigned long read_number(const char *word, unsigned long most) {
    char *end = NULL;
    errno = 0;
    const unsigned long number = strtoul(word, &end, 10);
    return errno == 0 && *end == '\0' && word[0] >= '0' && word[0] <= '9' && number <= most ? number : 0;
}

#endif
