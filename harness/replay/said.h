/* SPDX-License-Identifier: MIT
 *
 * said.h - what a measured child said (see harness/cell/cell.c), as the result of a cell.
 */
#ifndef HY_SAID_H
#define HY_SAID_H

#include "store.h"

/* Adds the facts of `text` to the result: version, figures, curves, buckets, outcome and detail.  A line that is none
 * of these, or is cut short, is left out.  False: no memory. */
bool hy_said_read(const char *text, hy_cell_result *result);

/* Frees the arrays. */
void hy_said_free(hy_cell_result *result);

#endif
