/* SPDX-License-Identifier: MIT
 *
 * pump.h - the thread that empties rings while others are being merged (backlog.h).
 */
#ifndef HY_PUMP_H
#define HY_PUMP_H

#include "rings.h"

typedef struct hy_pump {
    const hy_share *share;
    hy_backlog *backlog;
    hy_ring *rings;
    pthread_t thread;
    uint32_t stop;
    bool running;
} hy_pump;

/* Starts it; if there is no thread to be had, who merges does all. */
void hy_pump_start(hy_pump *pump);
void hy_pump_stop(hy_pump *pump);

#endif
