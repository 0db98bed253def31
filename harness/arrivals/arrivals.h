/* SPDX-License-Identifier: MIT
 *
 * arrivals.h - what a machine's memory is asked for: programs that come, live for a while and go.
 *
 * A *program* here is one image of a process: what an exec brought, or what a fork copied, until the next exec or the
 * end.  `heapyard record --programs` writes such a trace as text, an event a line; docs/arrivals.md describes it.
 */
#ifndef HY_ARRIVALS_H
#define HY_ARRIVALS_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HY_ARRIVALS_HEAD "# heapyard arrivals 1"
#define HY_ARRIVALS_MOST ((size_t)64 << 20)    /* bytes of a file */
#define HY_ARRIVALS_PROGRAMS ((size_t)1 << 20) /* in one trace */
#define HY_ARRIVALS_BYTES ((uint64_t)1 << 47)  /* sizes are below */
#define HY_ARRIVALS_TIME ((uint64_t)1 << 60)   /* times are below */
#define HY_ARRIVALS_STAYS ((uint64_t)1 << 62)  /* ns that all programs stay, added up, are below */

typedef enum hy_program_kind {
    HY_PROGRAM_EXEC,
    HY_PROGRAM_FORK, /* a copy of its parent */
    HY_PROGRAM_VFORK /* runs in its parent's memory and has none of its own */
} hy_program_kind;

typedef enum hy_program_end {
    HY_PROGRAM_EXITED,
    HY_PROGRAM_SIGNALLED,
    HY_PROGRAM_REPLACED, /* by an exec */
    HY_PROGRAM_CUT       /* it was still there when the recording ended */
} hy_program_end;

typedef struct hy_program {
    uint64_t start, end;      /* ns */
    uint32_t process, parent; /* from 1, in the order of appearance; parent 0: who recorded */
    hy_program_kind kind;
    hy_program_end how;
    uint32_t code;     /* exit code or signal */
    uint64_t loadable; /* bytes that the executable's segments take in memory; 0: unknown */
    uint64_t guess;    /* bytes that it was guessed to need before it ran (elf_size.h); 0: unknown */
    uint64_t resident; /* bytes, at most at any time; 0: not measured */
    uint64_t space;    /* bytes of address space, at most */
    uint64_t faults;   /* page faults that the kernel really served */
    size_t file;       /* of the executable: the program that names it; itself, if it was executed */
    char *name;        /* of the executable; NULL: see `file` */
} hy_program;

typedef struct hy_arrivals {
    hy_program *programs; /* by start */
    size_t count;
    uint32_t processes;
    uint64_t page; /* bytes, of the machine that it was recorded on */
    uint64_t last; /* the time of the last event */
    char command[512], machine[256];
} hy_arrivals;

/* 0 or -EINVAL with the sentence, which says the line.  `name` is what the file is called. */
int hy_arrivals_parse(const char *text, size_t size, const char *name, hy_arrivals *ret, hy_error *error);
/* The same for a file; "-" is standard input. */
int hy_arrivals_read(const char *path, hy_arrivals *ret, hy_error *error);
void hy_arrivals_free(hy_arrivals *arrivals);

/* The executable of a program, as recorded. */
const char *hy_program_file(const hy_arrivals *arrivals, const hy_program *program);

/* Most bytes that were resident at once, each program taken by its peak; vforks have none. */
uint64_t hy_arrivals_peak(const hy_arrivals *arrivals);

/* ------------------------------------------------------------------------------------------------------ writing ----
 */

void hy_arrivals_write_head(FILE *out, const char *command, const char *machine, uint64_t page);
void hy_arrivals_write_fork(FILE *out, uint64_t time, hy_program_kind kind, uint32_t process, uint32_t parent);
void hy_arrivals_write_exec(FILE *out, uint64_t time, uint32_t process, uint64_t loadable, uint64_t guess,
                            const char *file);
void hy_arrivals_write_end(FILE *out, uint64_t time, const hy_program *program);

#endif
