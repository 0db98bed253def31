/* SPDX-License-Identifier: MIT
 *
 * picture.h - one picture that a person named, NAME.svg or NAME.png.  Its data are left beside it, as NAME.dat.
 *
 *     hy_picture_open("heap.svg", "heapmap", &picture, error);
 *     fprintf(picture.data, …);
 *     hy_picture_draw(&picture, error);         plots/heapmap.gp draws it
 */
#ifndef HY_PICTURE_H
#define HY_PICTURE_H

#include "report.h"

/* "svg" or "png"; NULL: the name ends with neither. */
const char *hy_picture_ending(const char *path);

typedef struct hy_picture {
    hy_figure figure; /* its options are the caller's to fill in */
    FILE *data;
    const char *path;
} hy_picture;

/* 0 or -errno with the sentence. */
int hy_picture_open(const char *path, const char *plot, hy_picture *ret_picture, hy_error *error);
/* Closes the data and draws them; either way there is nothing to free.  0 or -errno. */
int hy_picture_draw(hy_picture *picture, hy_error *error);
/* Instead of that, where the data could not be made. */
void hy_picture_drop(hy_picture *picture);

#endif
