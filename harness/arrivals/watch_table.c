/* SPDX-License-Identifier: MIT
 *
 * watch_table.c - the threads and processes of a job that are there now (see watch_table.h).
 *
 * An array, searched from its end: a job has some hundreds at once at most, and who came last stops next.
 */
#include "watch_table.h"

#include <stdlib.h>

watch_task *watch_find(const watch_table *table, pid_t tid) {
    for (size_t i = table->count; i-- > 0;)
        if (table->tasks[i].tid == tid)
            return &table->tasks[i];
    return NULL;
}

watch_process *watch_find_process(const watch_table *table, pid_t pid) {
    for (size_t i = table->count; i-- > 0;)
        if (table->tasks[i].process && table->tasks[i].process->pid == pid)
            return table->tasks[i].process;
    return NULL;
}

watch_task *watch_add(watch_table *table, pid_t tid, watch_process *process) {
    if (table->count == table->room) {
        table->room = 2 * table->room + 64;
        table->tasks = realloc(table->tasks, table->room * sizeof *table->tasks);
        if (!table->tasks)
            abort();
    }
    table->tasks[table->count] = (watch_task){tid, process};
    return &table->tasks[table->count++];
}

watch_process *watch_new_process(pid_t pid) {
    watch_process *const process = calloc(1, sizeof *process);
    if (!process)
        abort();
    process->pid = pid;
    process->childless = true;
    return process;
}

void watch_remove(watch_table *table, pid_t tid) {
    watch_task *const task = watch_find(table, tid);
    if (task)
        *task = table->tasks[--table->count];
}

void watch_remove_process(watch_table *table, watch_process *process, pid_t keep) {
    size_t left = 0;
    for (size_t i = 0; i < table->count; i++)
        if (table->tasks[i].process != process || table->tasks[i].tid == keep)
            table->tasks[left++] = table->tasks[i];
    table->count = left;
    if (keep == 0)
        free(process);
}

void watch_free(watch_table *table) {
    while (table->count > 0)
        if (table->tasks[0].process)
            watch_remove_process(table, table->tasks[0].process, 0);
        else
            watch_remove(table, table->tasks[0].tid);
    free(table->tasks);
}
