/* SPDX-License-Identifier: MIT
 *
 * victim.c - what a fault may ask of its victim (see fault.h).  Nothing here allocates by itself: the heap is the
 * fault's alone.
 */
#include "victim.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------------ report ---- */

void victim_stage(hy_victim *v, hy_stage stage) {
    struct stat complaints;
    v->page->stage = stage;
    if (v->page->visited[stage])
        return;
    v->page->said[stage] = fstat(STDERR_FILENO, &complaints) == 0 ? (uint64_t)complaints.st_size : 0;
    v->page->visited[stage] = ++v->page->visits;
    if (v->draws)
        victim_draw(v, stage);
}

bool victim_is_control(const hy_victim *v) {
    return v->control;
}

const char *victim_allocator(const hy_victim *v) {
    return v->allocator;
}

static void say(hy_victim *v, hy_victim_verdict verdict, const char *format, va_list args) {
    vsnprintf(v->page->words, sizeof v->page->words, format, args);
    v->page->verdict = verdict;
}

#define SAY(verdict)                                                                                                   \
    va_list args;                                                                                                      \
    va_start(args, format);                                                                                            \
    say(v, verdict, format, args);                                                                                     \
    va_end(args)

void victim_silent(hy_victim *v, const char *format, ...) {
    SAY(HY_SAID_SILENT);
}

void victim_taken(hy_victim *v, const char *format, ...) {
    SAY(HY_SAID_SILENT);
    v->page->taken = 1;
    _exit(0);
}

void victim_prevented(hy_victim *v, const char *format, ...) {
    SAY(HY_SAID_PREVENTED);
}

void victim_not_applicable(hy_victim *v, const char *format, ...) {
    SAY(HY_SAID_NOT_APPLICABLE);
}

void victim_no_room(hy_victim *v, size_t size) {
    v->page->verdict = HY_SAID_NO_ROOM;
    snprintf(v->page->words, sizeof v->page->words, "no room for %zu bytes", size);
    _exit(0);
}

/* -------------------------------------------------------------------------------------------------------- help ---- */

void *victim_alloc(hy_victim *v, size_t size) {
    void *const block = victim_try_alloc(v, size);
    if (!block)
        victim_no_room(v, size);
    return block;
}

void victim_churn(hy_victim *v, size_t size, size_t pairs) {
    for (size_t i = 0; i < pairs; i++) {
        void *const block = victim_alloc(v, size);
        victim_write(block, 0, (unsigned char)i);
        victim_free(v, block);
    }
}

void victim_shake(hy_victim *v) {
    static const size_t sizes[] = {4, 16, 24, 40, 64, 100, 128, 200, 256, 500, 1000, 1024, 2000, 4000, 10000, 70000};
    enum { SIZES = sizeof sizes / sizeof *sizes, EACH = 12 };
    void *blocks[SIZES * EACH];
    for (size_t i = 0; i < SIZES * EACH; i++) {
        blocks[i] = victim_alloc(v, sizes[i % SIZES]);
        victim_fill(blocks[i], 0, 0x5a, sizes[i % SIZES]);
    }
    for (size_t i = 0; i < SIZES * EACH; i += 2)
        victim_free(v, blocks[i]);
    for (size_t i = 1; i < SIZES * EACH; i += 2)
        victim_free(v, blocks[i]);
}

typedef struct task {
    hy_victim *victim;
    void (*work)(hy_victim *victim, void *context);
    void *context;
} task;

static void *run_task(void *context) {
    const task *const t = context;
    t->work(t->victim, t->context);
    return NULL;
}

void victim_thread(hy_victim *v, void (*work)(hy_victim *, void *), void *context) {
    task t = {v, work, context};
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_task, &t) != 0)
        victim_no_room(v, 0);
    pthread_join(thread, NULL);
}

void victim_limit_memory(hy_victim *v, size_t bytes) {
    char text[32] = "";
    FILE *const file = fopen("/proc/self/statm", "re"); /* before the limit, so its buffer is there */
    (void)v;
    if (file) {
        const size_t got = fread(text, 1, sizeof text - 1, file);
        text[got] = '\0';
        fclose(file);
    }
    const struct rlimit limit = {.rlim_cur = strtoul(text, NULL, 10) * 4096 + bytes, .rlim_max = RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &limit);
}
