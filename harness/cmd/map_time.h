/* SPDX-License-Identifier: MIT
 *
 * map_time.h - a heap over time: address against allocation clock, coloured by what is live, free and metadata.
 */
#ifndef HY_MAP_TIME_H
#define HY_MAP_TIME_H

#include "error.h"
#include "heapyard.h"

typedef struct hy_film hy_film;

/* Replays the trace on the heap and takes pictures.  0 or -errno with the sentence. */
int hy_film_shoot(const char *trace, hy_heap *heap, hy_film **ret, uint64_t *ret_refused, hy_error *error);
void hy_film_free(hy_film *film);

enum { HY_FILMS = 6 };

/* What is drawn side by side: films of one trace. */
typedef struct hy_film_strip {
    hy_film *films[HY_FILMS];
    const char *names[HY_FILMS]; /* over each of them */
    size_t count;
} hy_film_strip;

/* Draws a picture, whose name ends with .svg or .png; its data are left beside it as .dat.  0 or -errno. */
int hy_film_draw(const hy_film_strip *strip, const char *path, hy_error *error);

#endif
