/* SPDX-License-Identifier: MIT
 *
 * phase_meter.h - what a pass measures, by the phases that the program says it is in (hy_program_phases).
 *
 *   1. A pass walks from bound to bound, and its loop is the same as ever: time is stamped where a phase changes.
 *   2. One lane only.  Where several threads say phases, these overlap; where there are very many changes, measuring
 *      would be what is measured.  Then all is unknown.
 *   3. Times are unknown, too, where a phase has fewer than HY_PHASE_LENGTH operations on average: a stamp is as long
 *      as several of them.
 */
#ifndef HY_PHASE_METER_H
#define HY_PHASE_METER_H

#include "clock.h"
#include "program.h"

#include <stdio.h>

#define HY_PHASE_LENGTH 1000u

typedef struct hy_phase_total {
    uint64_t time;      /* ns */
    uint64_t resident;  /* most */
    uint64_t committed; /* most */
} hy_phase_total;

typedef struct hy_phase_meter {
    const hy_program_phases *phases;
    bool told, timed, weighed;
    uint64_t next; /* bound, of this window */
    uint64_t row;  /* now */
    uint64_t since;
    hy_phase_total total[HY_PROGRAM_PHASES];
} hy_phase_meter;

void hy_phase_meter_start(hy_phase_meter *meter, const hy_program *program);

/* A new window, whose bounds are counted anew. */
static inline void hy_phase_meter_window(hy_phase_meter *meter) {
    meter->next = 0;
}

/* Where a pass that is at `from`, the part of a lane from `start` to `end`, has to stop: at the next bound, or at the
 * end. */
static inline const hy_op *hy_phase_meter_stop(const hy_phase_meter *meter, const hy_op *start, const hy_op *end) {
    return meter->told && meter->next < meter->phases->bounds ? start + meter->phases->bound[meter->next].entry : end;
}

/* At a bound.  False: there is none any more in this window. */
static inline bool hy_phase_meter_turn(hy_phase_meter *meter) {
    if (!meter->told || meter->next >= meter->phases->bounds)
        return false;
    meter->row = meter->phases->bound[meter->next++].row;
    return true;
}

/* What has passed since `since` belongs to the phase that is now. */
static inline void hy_phase_meter_stamp(hy_phase_meter *meter) {
    const uint64_t now = hy_now();
    meter->total[meter->row].time += now - meter->since;
    meter->since = now;
}

/* A line for each phase; nothing if the program says none. */
void hy_phase_meter_say(FILE *out, const hy_phase_meter *meter, bool committed);

#endif
