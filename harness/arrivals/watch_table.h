/* SPDX-License-Identifier: MIT
 *
 * watch_table.h - the threads and processes of a job that are there now.
 */
#ifndef HY_WATCH_TABLE_H
#define HY_WATCH_TABLE_H

#include "arrivals.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct watch_process {
    pid_t pid;
    bool shares;            /* its memory is its parent's (vfork) */
    bool childless;         /* so far: then what the kernel keeps as its maximum is its own programs' alone */
    uint64_t maximum;       /* bytes, what the kernel kept when it executed its program: that of those before */
    uint64_t faults_before; /* by programs that it had before */
    hy_program program;     /* that it runs now; process 0: none yet */
} watch_process;

/* One thread, or the process as its first. */
typedef struct watch_task {
    pid_t tid;
    watch_process *process; /* NULL: it stopped before its parent said who it is, and stands still */
} watch_task;

typedef struct watch_table {
    watch_task *tasks;
    size_t count, room;
} watch_table;

/* NULL: there is none.  Valid until the table changes. */
watch_task *watch_find(const watch_table *table, pid_t tid);
/* The process of that id, or NULL. */
watch_process *watch_find_process(const watch_table *table, pid_t pid);
/* Ends this program when memory is exhausted. */
watch_task *watch_add(watch_table *table, pid_t tid, watch_process *process);
watch_process *watch_new_process(pid_t pid);
void watch_remove(watch_table *table, pid_t tid);
/* Removes all threads of a process but `keep` (0: none is kept, and the process goes too). */
void watch_remove_process(watch_table *table, watch_process *process, pid_t keep);
void watch_free(watch_table *table);

#endif
