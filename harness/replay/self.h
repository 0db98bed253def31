/* SPDX-License-Identifier: MIT
 *
 * self.h - what the replayer measures of itself, in a child as everything else (self_check.h is the parent's half).
 */
#ifndef HY_SELF_H
#define HY_SELF_H

#include "replay.h"

typedef enum hy_self { HY_SELF_NOTHING, HY_SELF_RAW, HY_SELF_HANDOVER } hy_self;

/* The serial program on this process's malloc, by a loop that knows nothing but malloc and free.  The heap is not
 * used. */
void hy_self_raw(hy_replay *replay, FILE *out, hy_ending *ret_ending);

/* A program of two lanes, of which the first gives every object to the second: what waiting for objects costs that are
 * there already. */
void hy_self_handover(hy_replay *replay, FILE *out, hy_ending *ret_ending);

#endif
