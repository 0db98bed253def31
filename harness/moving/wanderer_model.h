/* SPDX-License-Identifier: MIT
 *
 * wanderer_model.h - what the wanderer must answer.
 */
#ifndef HY_WANDERER_MODEL_H
#define HY_WANDERER_MODEL_H

#include <stdint.h>

/* After so many rounds. */
uint64_t hy_wanderer_answer(uint64_t rounds);

#endif
