/* SPDX-License-Identifier: MIT
 *
 * phases.h - the phase that each thread is in.
 */
#ifndef HY_PHASES_H
#define HY_PHASES_H

#include "sites.h"

/* All zero: no thread is in any. */
typedef struct hy_phases {
    char (*names)[HY_MARK_NAME]; /* by thread */
    size_t room;
} hy_phases;

/* 0, or -ENOMEM with the sentence. */
int hy_phases_set(hy_phases *phases, const hy_mark *mark, hy_error *error);
/* "": none.  Valid until the next one is set. */
const char *hy_phases_get(const hy_phases *phases, uint32_t thread);
void hy_phases_clear(hy_phases *phases);

#endif
