/* SPDX-License-Identifier: MIT
 *
 * stress_sizes.h - which sizes a thread asks for.  Each thread has a mood; together they visit small blocks in a bell
 * curve over the logarithm, every magnitude, and both sides of every size class of the library.
 */
#ifndef HY_STRESS_SIZES_H
#define HY_STRESS_SIZES_H

#include <stddef.h>
#include <stdint.h>

typedef struct stress_mood {
    enum { MOOD_MIXED, MOOD_SMALL, MOOD_FEW, MOOD_BORDERS, MOOD_LARGE, MOODS } kind;
    size_t few[3]; /* the only sizes of a thread that is few */
} stress_mood;

/* Asks the library where its size classes end. */
void sizes_init(void);

stress_mood mood_any(uint64_t *rng);
size_t mood_size(const stress_mood *mood, uint64_t *rng);

#endif
