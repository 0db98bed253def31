/* SPDX-License-Identifier: MIT
 *
 * victim.c - a process in which one fault happens:  heapyard-victim NAME fault|control [SPEC]
 *
 * NAME is that of a fault, or of a probe with a "+" in front.  Everything that is to be known about it goes through
 * the shared page.  Nothing here allocates: the heap is the fault's alone.
 */
#include "victim.h"
#include "fault_list.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_MISUSED = 120 };

/* ------------------------------------------------------------------------------------------------------ report ---- */

void victim_stage(hy_victim *v, hy_stage stage) {
    struct stat complaints;
    v->page->said[stage] = fstat(STDERR_FILENO, &complaints) == 0 ? (uint64_t)complaints.st_size : 0;
    v->page->stage = stage;
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

/* After the faulty step it is the fault's doing that there is no room: there is in the control. */
void victim_no_room(hy_victim *v, size_t size) {
    const bool damaged = !v->control && v->page->stage != HY_PREPARE;
    v->page->verdict = damaged ? HY_SAID_SILENT : HY_SAID_NO_ROOM;
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

/* -------------------------------------------------------------------------------------------------------- main ---- */

static int misused(const char *why) {
    fprintf(stderr, "heapyard-victim: %s; heapyard attack starts it\n", why);
    return EXIT_MISUSED;
}

static void run_fault(hy_victim *v, const hy_fault *fault) {
    const unsigned lacking = fault->needs & victim_lacks(v);
    if (lacking & HY_NEEDS_MALLOC)
        victim_not_applicable(v, "needs a malloc, and this is a heap inside a process");
    else if (lacking & HY_NEEDS_HEAP)
        victim_not_applicable(v, "needs a heap inside the process whose layout is known");
    else if (lacking & HY_NEEDS_USABLE_SIZE)
        victim_not_applicable(v, "it does not tell usable sizes");
    else if (lacking & HY_NEEDS_THREADS)
        victim_not_applicable(v, "it is for one thread at a time");
    else if (fault->only && strcmp(fault->only, v->allocator) != 0)
        victim_not_applicable(v, "is about the layout of %s", fault->only);
    else
        fault->run(v);
}

int main(int argc, char **argv) {
    if (argc < 3)
        return misused("a fault's name and fault or control are missing");
    hy_victim_page *const page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, HY_VICTIM_PAGE_FD, 0);
    if (page == MAP_FAILED)
        return misused("its shared page is missing");
    close(HY_VICTIM_PAGE_FD);
    hy_victim v = {.page = page, .control = strcmp(argv[2], "control") == 0, .allocator = ""};
    const int refused = victim_open(&v, argv[3]);
    if (refused)
        return refused;
    page->begun = 1;
    victim_stage(&v, HY_PREPARE);
    const hy_fault *const fault = argv[1][0] == '+' ? NULL : hy_fault_find(argv[1]);
    if (fault)
        run_fault(&v, fault);
    else if (argv[1][0] != '+' || !victim_probe(&v, argv[1] + 1))
        return misused("there is no such fault");
    victim_stage(&v, HY_AT_EXIT);
    return 0;
}
