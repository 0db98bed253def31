/* SPDX-License-Identifier: MIT
 *
 * sweep_merge.h - the answer of `heapyard sweep merge`.
 */
#ifndef HY_SWEEP_MERGE_H
#define HY_SWEEP_MERGE_H

#include "command.h"

/* Of a stored campaign, or of what there is of it: the answer to stdout, pictures and data into the folder `merge`
 * beside the database.  An exit code. */
int sweep_merge_answer(const char *database, int64_t campaign, hy_format format);

#endif
