/* SPDX-License-Identifier: MIT
 *
 * replay_phases.h - what was measured in each phase that the program says it is in, from the results database.
 */
#ifndef HY_REPLAY_PHASES_H
#define HY_REPLAY_PHASES_H

#include "replay_rows.h"

/* A table for each trace that has phases; nothing for the others.  0 or -errno with the sentence. */
int replay_phases_print(hy_store *store, const hy_campaign_end *end, const hy_rows *rows, size_t count, bool markdown,
                        hy_error *error);

#endif
