/* SPDX-License-Identifier: MIT
 *
 * live.c - see live.h.
 */
#include "live.h"

#include <errno.h>
#include <stdlib.h>

int hy_live_grow(hy_live *live) {
    if (live->size == live->capacity) {
        const size_t capacity = live->capacity ? 2 * live->capacity : 16;
        hy_live_chunk **const grown = realloc(live->chunks, capacity * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        live->chunks = grown;
        live->capacity = capacity;
    }
    hy_live_chunk *const chunk = calloc(1, sizeof *chunk);
    if (!chunk)
        return -ENOMEM;
    /* The chunk before was kept while ids were still born into it. */
    if (live->size > 0 && live->chunks[live->size - 1]->alive == 0)
        hy_live_drop(live, live->size - 1);
    live->chunks[live->size++] = chunk;
    return 0;
}

void hy_live_drop(hy_live *live, size_t chunk) {
    free(live->chunks[chunk]);
    live->chunks[chunk] = NULL;
}

void hy_live_clear(hy_live *live) {
    for (size_t i = 0; i < live->size; i++)
        free(live->chunks[i]);
    free(live->chunks);
    *live = (hy_live){NULL, 0, 0, 0, 0};
}
