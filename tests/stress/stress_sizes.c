/* SPDX-License-Identifier: MIT
 *
 * stress_sizes.c - moods of threads (see stress_sizes.h).
 */
#include "stress_sizes.h"

#include "stress_calls.h"
#include "stress_random.h"

#include <malloc.h>
#include <stdlib.h>

#define BORDERS 600u
#define BORDER_MOST ((size_t)4 << 20)

static size_t border[BORDERS];
static size_t borders;

/* A class ends where the usable size does; above 1 KiB some classes are passed over if there are many. */
void sizes_init(void) {
    for (size_t size = 1; size < BORDER_MOST && borders < BORDERS;) {
        void *const block = malloc(size);
        const size_t usable = malloc_usable_size(block);
        free(block);
        border[borders++] = usable < size ? size : usable;
        size = border[borders - 1] + 1 + (size > 1024 ? size / 64 : 0);
    }
}

static size_t small_size(uint64_t *rng) {
    const size_t power = 2 + random_below(rng, 3) + random_below(rng, 3) + random_below(rng, 3);
    return ((size_t)1 << power) + random_below(rng, (size_t)1 << power);
}

/* On a border, one below or one above: of a class, or of a power of two. */
static size_t border_size(uint64_t *rng) {
    const size_t at =
        random_once_in(rng, 4) ? (size_t)1 << (3 + random_below(rng, 18)) : border[random_below(rng, borders)];
    return at + random_below(rng, 3) - 1;
}

static size_t large_size(uint64_t *rng) {
    const size_t kind = random_below(rng, 100);
    return kind < 85   ? random_magnitude(rng, 13, 19)
           : kind < 98 ? random_magnitude(rng, 19, 22)
                       : random_magnitude(rng, 22, 26);
}

static size_t mixed_size(uint64_t *rng) {
    const size_t kind = random_below(rng, 1000);
    if (kind < 700)
        return small_size(rng);
    if (kind < 720)
        return 0;
    if (kind < 900)
        return random_magnitude(rng, 0, 13);
    return kind < 980 ? border_size(rng) : large_size(rng);
}

stress_mood mood_any(uint64_t *rng) {
    stress_mood mood = {.kind = random_once_in(rng, 16) ? MOOD_LARGE : (unsigned)random_below(rng, MOOD_LARGE)};
    for (size_t i = 0; i < 3; i++)
        mood.few[i] = random_once_in(rng, 8) ? random_magnitude(rng, 10, 16) : small_size(rng);
    return mood;
}

size_t mood_size(const stress_mood *mood, uint64_t *rng) {
    switch (mood->kind) {
    case MOOD_SMALL: return small_size(rng);
    case MOOD_FEW: return mood->few[random_below(rng, 3)];
    case MOOD_BORDERS: return border_size(rng);
    case MOOD_LARGE: return large_size(rng);
    default: return mixed_size(rng);
    }
}
