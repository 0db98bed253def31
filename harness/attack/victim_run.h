/* SPDX-License-Identifier: MIT
 *
 * victim_run.h - victims, several at a time, each guarded by a clock and by a look at its memory.
 *
 *   1. A victim is started by exec, in a session of its own, with exactly the environment that it is given; its input
 *      and output are nothing, its complaints a file in memory, its report a page that is shared with it.
 *   2. Who runs for too long, or has too much memory resident, is killed with all that it started.  The memory is
 * looked at a hundred times a second: a limit of address space would not do, as many allocators (and ASan) reserve far
 *      more than they use.
 *   3. It dies with us.
 */
#ifndef HY_VICTIM_RUN_H
#define HY_VICTIM_RUN_H

#include "error.h"
#include "victim_page.h"

#define HY_SAID_SIZE 2048 /* bytes kept of what a victim says */
#define HY_VICTIMS_MOST 16

typedef struct hy_victim_order {
    const char *program; /* path */
    const char *fault;   /* name, or that of a probe with a "+" in front */
    const char *spec;
    char *const *environment;
    bool control;
    bool draw;        /* what is kept is not its complaints but its drawing (victim_draw.c) */
    uint64_t timeout; /* ns */
    uint64_t memory;  /* bytes resident at most */
    size_t tag;       /* the caller's */
} hy_victim_order;

typedef struct hy_victim_end {
    size_t tag;
    bool control;
    int status; /* as waitpid gives it */
    bool timed_out, too_large;
    hy_victim_page page;
    uint64_t said_size; /* bytes in all; what is kept is in `said`, terminated */
    char said[HY_SAID_SIZE];
} hy_victim_end;

typedef struct hy_victims hy_victims;

/* Room for so many at a time.  0 or -errno with the sentence. */
int hy_victims_open(size_t room, hy_victims **ret_victims, hy_error *error);
/* Ends those that still run. */
void hy_victims_close(hy_victims *victims);

/* Whether another one can be started now; whether any is running. */
bool hy_victims_have_room(const hy_victims *victims);
bool hy_victims_running(const hy_victims *victims);

/* 0 or -errno with the sentence. */
int hy_victims_start(hy_victims *victims, const hy_victim_order *order, hy_error *error);
/* Waits for one to end.  There must be one running. */
void hy_victims_wait(hy_victims *victims, hy_victim_end *ret_end);

#endif
