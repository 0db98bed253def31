/* SPDX-License-Identifier: MIT
 *
 * phase_rows.h - the phases of a program under construction (hy_program_phases): who begins where, and what is known of
 * them without any allocator.
 *
 * One phase at a time: that which the one thread that says phases is in.  Once a second thread says one, nothing is
 * told any more but that there are several.
 */
#ifndef HY_PHASE_ROWS_H
#define HY_PHASE_ROWS_H

#include "program.h"
#include "sites.h"

/* All zero: in none. */
typedef struct hy_phase_rows {
    const hy_mark *mark; /* those to come */
    size_t left;
    uint64_t events; /* so far */
    uint32_t thread; /* that said the first */
    uint64_t now;    /* a row */
    hy_program_phases phases;
} hy_phase_rows;

/* The marks among the events to come. */
void hy_phase_rows_expect(hy_phase_rows *rows, const hy_mark *marks, size_t count);
/* Before an event, when there are so many entries in the window, and so many bytes live. */
void hy_phase_rows_event(hy_phase_rows *rows, uint64_t entries, uint64_t live);
/* After an operation. */
static inline void hy_phase_rows_count(hy_phase_rows *rows, uint64_t live) {
    hy_program_phase *const row = &rows->phases.row[rows->now];
    row->operations++;
    row->peak_bytes = live > row->peak_bytes ? live : row->peak_bytes;
}
/* What is of this window only. */
void hy_phase_rows_window(const hy_phase_rows *rows, hy_program_phases *phases);

#endif
