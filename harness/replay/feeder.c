/* SPDX-License-Identifier: MIT
 *
 * feeder.c - see feeder.h.
 *
 * Nothing is decoded ahead: while a window is timed, this thread sleeps, so that the child has the machine's caches and
 * its memory to itself.  That costs elapsed time, and no measured time.
 */
#include "feeder.h"

#include "clock.h"
#include "feed.h"
#include "source.h"
#include "trace.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct hy_feeder {
    const hy_prepared *prepared;
    int program, ours, theirs;
    pthread_t thread;
    bool runs;
    uint64_t spent;   /* on windows that are done */
    uint64_t working; /* since then on one that is not; 0: nobody waits */
    hy_compiler *compiler;
    hy_trace_reader *reader;
    const hy_event *events; /* of the block that was read last */
    size_t count, at;
    hy_program_head head;
};

/* ------------------------------------------------------------------------------------------------------ a window ----
 */

/* 1: there is an event at hand; 0: there is none any more; -errno with the sentence. */
static int feeder_read(hy_feeder *f, hy_error *error) {
    if (f->at < f->count)
        return 1;
    f->at = f->count = 0;
    size_t marks = 0;
    const int r = hy_trace_next(f->reader, &f->events, &f->count, error);
    const hy_mark *const mark = hy_trace_marks(f->reader, &marks);
    hy_compiler_expect(f->compiler, mark, r > 0 ? marks : 0);
    return r;
}

static int feeder_changed(const hy_feeder *f, hy_error *error) {
    return hy_fail(error, -EINVAL, "%s has changed since it was prepared", f->prepared->what.path);
}

/* What the tables of the child have no room for would be written beyond them. */
static int feeder_check(const hy_feeder *f, hy_error *error) {
    hy_program_head now;
    hy_compiler_head(f->compiler, &now);
    if (now.slots > f->head.slots || now.lanes > f->head.lanes || now.room > f->head.room)
        return feeder_changed(f, error);
    return 0;
}

/* After the last window: all figures are over what was counted when the trace was prepared. */
static int feeder_check_all(const hy_feeder *f, hy_error *error) {
    hy_program_head now;
    hy_compiler_head(f->compiler, &now);
    const hy_program_facts *const is = &now.facts, *const was = &f->head.facts;
    return is->operations == was->operations && is->objects == was->objects && is->total_bytes == was->total_bytes &&
                   is->peak_bytes == was->peak_bytes
               ? 0
               : feeder_changed(f, error);
}

/* As feeder_read. */
static int feeder_window(hy_feeder *f, hy_error *error) {
    int r = 1;
    while (r > 0 && hy_compiler_entries(f->compiler) < f->prepared->window && (r = feeder_read(f, error)) > 0)
        r = hy_compiler_add(f->compiler, &f->events[f->at++], error) < 0 ? -EINVAL : 1;
    if (r >= 0 && hy_compiler_entries(f->compiler) == 0)
        return feeder_check_all(f, error);
    r = r < 0 ? r : feeder_check(f, error);
    r = r < 0 ? r : hy_compiler_window(f->compiler, f->program, &f->head, error);
    return r < 0 ? r : 1;
}

static int feeder_open(hy_feeder *f, hy_error *error) {
    if (f->compiler)
        return 0;
    f->compiler = hy_compiler_new(f->prepared->what.form);
    if (!f->compiler)
        return hy_fail(error, -ENOMEM, "no memory to prepare the trace");
    if (f->prepared->what.timed)
        hy_compiler_keep_times(f->compiler);
    return hy_source_can_block(f->prepared->what.path) ? feeder_changed(f, error)
                                                       : hy_trace_open(f->prepared->what.path, &f->reader, error);
}

static void *feeder_run(void *argument) {
    hy_feeder *const f = argument;
    char asked;
    while (recv(f->ours, &asked, 1, 0) == 1) {
        const uint64_t start = hy_now();
        __atomic_store_n(&f->working, start, __ATOMIC_SEQ_CST);
        hy_feed_answer answer = {.status = 0};
        int r = feeder_open(f, &answer.error);
        r = r < 0 ? r : feeder_window(f, &answer.error);
        answer.status = r;
        __atomic_fetch_add(&f->spent, hy_now() - start, __ATOMIC_SEQ_CST);
        __atomic_store_n(&f->working, 0, __ATOMIC_SEQ_CST);
        if (send(f->ours, &answer, sizeof answer, MSG_NOSIGNAL) < 0 || r < 0)
            break;
    }
    shutdown(f->ours, SHUT_RDWR); /* who asks once more is not kept waiting */
    return NULL;
}

/* --------------------------------------------------------------------------------------------------- start, end ----
 */

static int feeder_make(hy_feeder *f, hy_error *error) {
    int ends[2];
    f->head = f->prepared->head;
    f->program = memfd_create("heapyard-window", MFD_CLOEXEC);
    const size_t entry = sizeof(hy_op) + (f->head.timed ? sizeof(uint64_t) : 0);
    if (f->program < 0 || ftruncate(f->program, (off_t)(sizeof f->head + f->head.room * entry)) < 0 ||
        pwrite(f->program, &f->head, sizeof f->head, 0) != (ssize_t)sizeof f->head)
        return hy_fail(error, -errno, "no shared memory for a window of the trace: %s", strerror(errno));
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return hy_fail(error, -errno, "no socket to feed a child: %s", strerror(errno));
    f->ours = ends[0];
    f->theirs = ends[1];
    return 0;
}

int hy_feeder_new(const hy_prepared *prepared, hy_feeder **ret_feeder, hy_error *error) {
    hy_feeder *const f = calloc(1, sizeof *f);
    if (!f)
        return hy_fail(error, -ENOMEM, "no memory to feed a child");
    *f = (hy_feeder){.prepared = prepared, .program = -1, .ours = -1, .theirs = -1};
    const int r = feeder_make(f, error);
    if (r == 0)
        *ret_feeder = f;
    else
        hy_feeder_free(f);
    return r;
}

int hy_feeder_program(const hy_feeder *feeder) {
    return feeder->program;
}

int hy_feeder_socket(const hy_feeder *feeder) {
    return feeder->theirs;
}

/* Signals are for the thread that watches the child. */
int hy_feeder_start(hy_feeder *f, hy_error *error) {
    sigset_t all, before;
    close(f->theirs);
    f->theirs = -1;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int r = pthread_create(&f->thread, NULL, feeder_run, f);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    f->runs = r == 0;
    return r == 0 ? 0 : hy_fail(error, -r, "no thread to feed a child: %s", strerror(r));
}

/* In this order, so that a window is rather counted twice for a moment than not at all. */
uint64_t hy_feeder_spent(const hy_feeder *feeder) {
    const uint64_t since = __atomic_load_n(&feeder->working, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&feeder->spent, __ATOMIC_SEQ_CST) + (since ? hy_now() - since : 0);
}

void hy_feeder_free(hy_feeder *f) {
    if (!f)
        return;
    if (f->ours >= 0)
        shutdown(f->ours, SHUT_RDWR);
    if (f->runs)
        pthread_join(f->thread, NULL);
    const int fds[] = {f->program, f->ours, f->theirs};
    for (size_t i = 0; i < 3; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    hy_compiler_free(f->compiler);
    hy_trace_close(f->reader);
    free(f);
}
