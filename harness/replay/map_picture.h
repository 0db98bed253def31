/* SPDX-License-Identifier: MIT
 *
 * map_picture.h - a map before it is written: which lives are told one by one, the rows of the picture, and the sums of
 * all other lives.
 */
#ifndef HY_MAP_PICTURE_H
#define HY_MAP_PICTURE_H

#include "map_pass.h"

/* A region: bands without a gap. */
typedef struct hy_map_region {
    size_t start, length; /* the first, as an index; how many */
    size_t first_use;
} hy_map_region;

/* What the lives that are not told one by one sum up to, in one band at one frame. */
typedef struct hy_map_patch {
    uint64_t bytes;
    double sizes, born, count; /* sums: of whole sizes, of the clock at birth; lives */
} hy_map_patch;

typedef struct hy_map_picture {
    hy_map *map;
    unsigned shift;
    uint64_t *bands; /* address >> shift, in order */
    size_t *rows;    /* where each of them is in the picture */
    size_t band_count;
    hy_map_region *regions; /* from the lowest row on */
    size_t region_count;
    hy_map_patch *patches; /* [row * HY_MAP_FRAMES + frame] */
    uint64_t live[HY_MAP_FRAMES];
    size_t told;
} hy_map_picture;

/* False: no memory.  To be freed either way. */
bool hy_map_picture_make(hy_map *map, hy_map_picture *ret_picture);
void hy_map_picture_free(hy_map_picture *picture);

/* The picture's row of a band (address >> shift). */
size_t hy_map_row(const hy_map_picture *picture, uint64_t band);

#endif
