/* SPDX-License-Identifier: MIT
 *
 * replay_self.h - `heapyard replay --self-check`: what the replayer costs.
 */
#ifndef HY_REPLAY_SELF_H
#define HY_REPLAY_SELF_H

#include "replay_options.h"

/* An exit code. */
int replay_self_check(const hy_replay_options *options);

#endif
