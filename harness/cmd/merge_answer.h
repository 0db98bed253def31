/* SPDX-License-Identifier: MIT
 *
 * merge_answer.h - the answer of `heapyard sweep merge` and `heapyard report --merge`.
 */
#ifndef HY_MERGE_ANSWER_H
#define HY_MERGE_ANSWER_H

#include "command.h"

/* Of a stored campaign (NULL: the newest of each trace), or of what there is of it: the answer to stdout; pictures and
 * data into `folder` (NULL: the folder `merge` beside the database).  An exit code. */
int merge_answer(const char *database, const char *campaign, const char *folder, hy_format format);

#endif
