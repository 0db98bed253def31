/* SPDX-License-Identifier: MIT
 *
 * arrivals.c - an arrival trace in memory, and how it is written (see arrivals.h).
 */
#include "arrivals.h"

#include "format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void hy_arrivals_free(hy_arrivals *arrivals) {
    for (size_t i = 0; i < arrivals->count; i++)
        free(arrivals->programs[i].name);
    free(arrivals->programs);
    *arrivals = (hy_arrivals){.count = 0};
}

const char *hy_program_file(const hy_arrivals *arrivals, const hy_program *program) {
    return arrivals->programs[program->file].name;
}

/* -------------------------------------------------------------------------------------------------------- at once ----
 */

typedef struct change {
    uint64_t time, bytes;
    bool comes;
} change;

static int by_time(const void *a, const void *b) {
    const change *const x = a, *const y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (int)x->comes - (int)y->comes; /* who goes makes room first */
}

uint64_t hy_arrivals_peak(const hy_arrivals *arrivals) {
    change *const changes = malloc((2 * arrivals->count + 1) * sizeof *changes);
    size_t count = 0;
    uint64_t now = 0, peak = 0;
    if (!changes)
        abort();
    for (size_t i = 0; i < arrivals->count; i++) {
        const hy_program *const p = &arrivals->programs[i];
        if (p->kind == HY_PROGRAM_VFORK)
            continue;
        const uint64_t end = p->end > p->start ? p->end : p->start + 1; /* even the shortest is there for a moment */
        changes[count++] = (change){p->start, p->resident, true};
        changes[count++] = (change){end, p->resident, false};
    }
    qsort(changes, count, sizeof *changes, by_time);
    for (size_t i = 0; i < count; i++) {
        now = changes[i].comes ? now + changes[i].bytes : now - changes[i].bytes;
        peak = now > peak ? now : peak;
    }
    free(changes);
    return peak;
}

/* -------------------------------------------------------------------------------------------------------- writing ----
 */

static void write_key(FILE *out, const char *key, const char *value) {
    char clean[512];
    hy_text_clean(clean, sizeof clean, value);
    if (clean[0])
        fprintf(out, "@%s %s\n", key, clean);
}

void hy_arrivals_write_head(FILE *out, const char *command, const char *machine, uint64_t page) {
    fputs(HY_ARRIVALS_HEAD "\n", out);
    write_key(out, "command", command);
    write_key(out, "machine", machine);
    fprintf(out, "@page %" PRIu64 "\n", page);
}

void hy_arrivals_write_fork(FILE *out, uint64_t time, hy_program_kind kind, uint32_t process, uint32_t parent) {
    fprintf(out, "%" PRIu64 " %s %" PRIu32 " %" PRIu32 "\n", time, kind == HY_PROGRAM_VFORK ? "vfork" : "fork", process,
            parent);
}

void hy_arrivals_write_exec(FILE *out, uint64_t time, uint32_t process, uint64_t loadable, uint64_t guess,
                            const char *file) {
    fprintf(out, "%" PRIu64 " exec %" PRIu32 " %" PRIu64 " %" PRIu64 " %s\n", time, process, loadable, guess, file);
}

void hy_arrivals_write_end(FILE *out, uint64_t time, const hy_program *program) {
    fprintf(out, "%" PRIu64 " end %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64, time, program->process,
            program->resident, program->space, program->faults);
    switch (program->how) {
    case HY_PROGRAM_EXITED: fprintf(out, " exit %" PRIu32 "\n", program->code); return;
    case HY_PROGRAM_SIGNALLED: fprintf(out, " signal %" PRIu32 "\n", program->code); return;
    case HY_PROGRAM_REPLACED: fputs(" exec\n", out); return;
    default: fputs(" cut\n", out); return;
    }
}
