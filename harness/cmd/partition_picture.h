/* SPDX-License-Identifier: MIT
 *
 * partition_picture.h - the maps that a scenario prints, as text and as data for plots/block_map.gp.
 */
#ifndef HY_PARTITION_PICTURE_H
#define HY_PARTITION_PICTURE_H

#include "report.h"

/* Plays a scenario on `spec`, or on the first that it names if that is NULL; *ret is what it printed, to be freed.  0;
 * -EPROTO: an expectation did not hold; -errno: it cannot be played; with the sentence. */
int hy_partition_maps(const char *text, size_t size, const char *name, const char *spec, char **ret, hy_error *error);

/* Writes the data of maps that are parted by empty lines, and the figure's options.  The number of maps. */
unsigned hy_partition_picture(const char *maps, FILE *out, hy_figure *figure);

#endif
