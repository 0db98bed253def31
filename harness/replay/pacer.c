/* SPDX-License-Identifier: MIT
 *
 * pacer.c - see pacer.h.
 */
#include "pacer.h"

#include <string.h>

static unsigned left_word(const hy_pacer *pacer, uint32_t lane) {
    const uint64_t inside = pacer->inside[lane];
    return inside ? (unsigned)((inside - 1) % HY_EPOCH_WORDS) : HY_EPOCH_NONE;
}

/* 0, which every word has reached, while there is no such epoch. */
static uint32_t due(const hy_pacer *pacer, uint64_t before) {
    return pacer->epoch >= before ? pacer->parts[(pacer->epoch - before) % HY_EPOCH_WORDS] : 0;
}

bool hy_pacer_event(hy_pacer *pacer, uint32_t lane, hy_op *ret_op) {
    pacer->epoch = pacer->events++ / HY_EPOCH_EVENTS;
    if (pacer->inside[lane] == pacer->epoch + 1)
        return false;
    *ret_op = (hy_op){.kind = HY_OP_PACE,
                      .size = pacer->epoch & HY_PROGRAM_MAX_SIZE,
                      .align = left_word(pacer, lane) & 63u,
                      .turn = due(pacer, 2),
                      .slot = due(pacer, 3)};
    pacer->inside[lane] = pacer->epoch + 1;
    pacer->parts[pacer->epoch % HY_EPOCH_WORDS]++;
    return pacer->epoch > 0;
}

/* The last two epochs are waited for by nobody. */
bool hy_pacer_leave(hy_pacer *pacer, uint32_t lane, hy_op *ret_op) {
    if (pacer->inside[lane] == 0 || pacer->inside[lane] + 1 > pacer->epoch)
        return false;
    *ret_op = (hy_op){.kind = HY_OP_PACE, .align = left_word(pacer, lane) & 63u};
    return true;
}

void hy_pacer_restart(hy_pacer *pacer) {
    memset(pacer, 0, sizeof *pacer);
}
