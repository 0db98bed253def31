/* SPDX-License-Identifier: MIT
 *
 * phase_rows.c - see phase_rows.h.
 */
#include "phase_rows.h"

#include <assert.h>
#include <string.h>

static_assert(HY_MARK_NAME <= HY_PROGRAM_PHASE_NAME, "the name of a mark is the name of a phase");

void hy_phase_rows_expect(hy_phase_rows *rows, const hy_mark *marks, size_t count) {
    rows->mark = marks;
    rows->left = count;
}

static uint64_t row_of(hy_program_phases *phases, const char *name) {
    for (uint64_t i = 0; i < phases->rows; i++)
        if (strcmp(phases->row[i].name, name) == 0)
            return i;
    if (phases->rows == HY_PROGRAM_PHASES)
        return HY_PROGRAM_PHASES - 1;
    hy_program_phase *const row = &phases->row[phases->rows];
    memcpy(row->name, phases->rows == HY_PROGRAM_PHASES - 1 ? "…" : name,
           phases->rows == HY_PROGRAM_PHASES - 1 ? sizeof "…" : strlen(name) + 1);
    return phases->rows++;
}

/* The first mark: whatever came before is row 0, as it was counted. */
static void begin(hy_phase_rows *rows, const hy_mark *mark) {
    rows->phases.rows = rows->phases.threads = 1;
    rows->phases.row[0].times = 1;
    rows->thread = mark->thread;
}

static void change(hy_phase_rows *rows, const hy_mark *mark, uint64_t entries, uint64_t live) {
    hy_program_phases *const p = &rows->phases;
    if (p->rows == 0)
        begin(rows, mark);
    if (mark->thread != rows->thread)
        p->threads = 2;
    const uint64_t row = row_of(p, mark->name);
    if (row == rows->now)
        return;
    rows->now = row;
    p->changes++;
    p->row[row].times++;
    p->row[row].peak_bytes = live > p->row[row].peak_bytes ? live : p->row[row].peak_bytes;
    if (p->bounds < HY_PROGRAM_BOUNDS)
        p->bound[p->bounds++] = (hy_program_bound){row & 255u, entries & (((uint64_t)1 << 56) - 1)};
}

void hy_phase_rows_event(hy_phase_rows *rows, uint64_t entries, uint64_t live) {
    for (; rows->left > 0 && rows->mark->event <= rows->events; rows->mark++, rows->left--)
        change(rows, rows->mark, entries, live);
    rows->events++;
}

void hy_phase_rows_window(const hy_phase_rows *rows, hy_program_phases *phases) {
    phases->bounds = rows->phases.bounds;
    memcpy(phases->bound, rows->phases.bound, rows->phases.bounds * sizeof *rows->phases.bound);
}
