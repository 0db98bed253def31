/* SPDX-License-Identifier: MIT
 *
 * phase_meter.c - see phase_meter.h.
 */
#include "phase_meter.h"

#include <string.h>

void hy_phase_meter_start(hy_phase_meter *meter, const hy_program *program) {
    const hy_program_head *const head = program->head;
    const hy_program_phases *const p = &head->phases;
    const bool told = head->lanes == 1 && p->rows > 0 && p->threads == 1 && p->changes <= HY_PROGRAM_BOUNDS;
    memset(meter, 0, sizeof *meter);
    meter->phases = p;
    meter->told = told;
    meter->timed = told && head->facts.operations / (p->changes + 1) >= HY_PHASE_LENGTH;
}

/* A figure or, if it is unknown, "-". */
static void say(FILE *out, bool known, double figure) {
    known ? fprintf(out, " %.9g", figure) : fputs(" -", out);
}

void hy_phase_meter_say(FILE *out, const hy_phase_meter *meter, bool committed) {
    const hy_program_phases *const p = meter->phases;
    if (p->rows == 0)
        return;
    fprintf(out, "metric phase_threads %llu count\nmetric phase_changes %llu count\n", (unsigned long long)p->threads,
            (unsigned long long)p->changes);
    for (uint64_t i = 0; i < p->rows; i++) {
        const hy_phase_total *const t = &meter->total[i];
        if (p->row[i].operations == 0)
            continue;
        const bool alone = p->threads == 1;
        fprintf(out, "phase %llu", (unsigned long long)i);
        say(out, alone, (double)p->row[i].times);
        say(out, alone, (double)p->row[i].operations);
        say(out, alone, (double)p->row[i].peak_bytes);
        say(out, meter->told && meter->timed, (double)t->time * 1e-9);
        say(out, meter->told && meter->weighed, (double)t->resident);
        say(out, meter->told && meter->weighed && committed, (double)t->committed);
        fprintf(out, " %s\n", p->row[i].name);
    }
}
