/* SPDX-License-Identifier: MIT
 *
 * steady.h - how many of the first rounds are not like the rest.
 */
#ifndef HY_STEADY_H
#define HY_STEADY_H

#include <stddef.h>

/* The level of each round, 1 being usual: the median over the cells of value / the cell's median.
 * values[cell * rounds + round]; NAN where there is none.  A round without any value gets NAN. */
int hy_round_levels(const double *values, size_t cells, size_t rounds, double *ret_levels);

/* How many of the first rounds to drop, from their levels: 0 if they are like the rest, never more than a quarter. */
size_t hy_steady_start(const double *levels, size_t rounds);

#endif
