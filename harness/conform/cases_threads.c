/* SPDX-License-Identifier: MIT
 *
 * cases_threads.c - several threads (with the lock layer where the heap is not safe by itself), and fork.
 */
#include "crowd.h"
#include "shadow_heap.h"

#include "support.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4u
#define THREAD_STEPS 20000u
#define MAILBOXES 64u

typedef struct gathering {
    subject *s;
    letter *box[MAILBOXES]; /* blocks on their way from one thread to another */
    bool stop;
    size_t largest;
} gathering;

typedef struct member {
    gathering *crowd;
    uint64_t number;
    pthread_t thread;
} member;

static letter *write_letter(gathering *crowd, uint64_t id, size_t size) {
    return letter_write(crowd->s->heap, crowd->s->align, id, size);
}

static void read_letter(gathering *crowd, letter *block) {
    letter_read(crowd->s, crowd->s->heap, block, crowd->largest);
}

/* Writes, hands on through a random mailbox, frees what lay there: mostly another thread's block. */
static void *work(void *context) {
    member *const m = context;
    gathering *const crowd = m->crowd;
    subject own = {.rng = m->number + crowd->s->seed};
    for (unsigned i = 0; i < THREAD_STEPS && !__atomic_load_n(&crowd->stop, __ATOMIC_RELAXED); i++) {
        letter *const block = write_letter(crowd, m->number << 32 | i, letter_size(&own, crowd->largest));
        letter **const box = &crowd->box[subject_below(&own, MAILBOXES)];
        read_letter(crowd, __atomic_exchange_n(box, block, __ATOMIC_ACQ_REL));
    }
    crowd_leave(crowd->s->heap);
    return NULL;
}

static void gather(gathering *crowd, subject *s) {
    *crowd = (gathering){.s = s, .largest = crowd_open(s, MAILBOXES * 4)};
    if (subject_has(s, HY_NO_REUSE | HY_REGIONS))
        crowd->largest = hy_min(s->room / (2 * THREADS * THREAD_STEPS), crowd->largest);
    subject_needs(s, crowd->largest > sizeof(letter) + 8, "it has no room for what the threads do");
}

static void crowd_start(gathering *crowd, member *members, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        members[i] = (member){.crowd = crowd, .number = i + 1};
        EXPECT(crowd->s, pthread_create(&members[i].thread, NULL, work, &members[i]) == 0, "no thread");
    }
}

static void crowd_join(member *members, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        pthread_join(members[i].thread, NULL);
}

static void crowd_clear(gathering *crowd) {
    for (unsigned i = 0; i < MAILBOXES; i++)
        read_letter(crowd, __atomic_exchange_n(&crowd->box[i], NULL, __ATOMIC_ACQ_REL));
}

static void run_threads(subject *s) {
    gathering crowd;
    member members[THREADS];
    gather(&crowd, s);
    crowd_start(&crowd, members, THREADS);
    crowd_join(members, THREADS);
    crowd_clear(&crowd);
    crowd_expect_empty(s, s->heap);
    subject_close(s);
}

enum { KEPT_BACK = 1000 };

/* Many short threads leave nothing behind. */
static void run_short_threads(subject *s) {
    gathering crowd;
    member members[THREADS];
    gather(&crowd, s);
    subject_needs_own_pages(s);
    subject_needs(s, !subject_has(s, HY_NO_REUSE | HY_REGIONS), "it gives nothing back while something lives");
    crowd.stop = true; /* threads allocate nothing by themselves */
    for (unsigned i = 0; i < KEPT_BACK; i++)
        read_letter(&crowd, write_letter(&crowd, i, crowd.largest)); /* a quarantine is full from now on */
    size_t peak = 0;
    for (unsigned i = 0; i < 400; i++) {
        crowd_start(&crowd, members, THREADS);
        letter *const block = write_letter(&crowd, i, crowd.largest);
        crowd_join(members, THREADS);
        read_letter(&crowd, block);
        peak = i == 20 ? s->data->committed + s->meta->committed : peak;
    }
    EXPECT(s, s->data->committed + s->meta->committed <= 2 * peak, "memory grows with every thread that came and went");
    subject_close(s);
}

/* ------------------------------------------------------------------------------------------------------- fork ---- */

static void tell_fork(subject *s, hy_fork when) {
    if (s->heap->ops->fork)
        s->heap->ops->fork(s->heap, when);
}

/* In the forked child: everything is there, and the heap goes on; then once more, a generation down.  A child that
 * hangs must not outlive who waits for it. */
static void __attribute__((noreturn)) live_on(subject *s, shadow_heap *shadow, gathering *crowd, unsigned generations) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    shadow_verify(shadow);
    if (crowd)
        crowd_clear(crowd); /* blocks of threads that are not here any more */
    for (unsigned i = 0; i < 500; i++)
        shadow_step(shadow);
    if (generations > 0) {
        tell_fork(s, HY_FORK_BEFORE);
        const pid_t child = fork();
        tell_fork(s, child == 0 ? HY_FORK_CHILD : HY_FORK_PARENT);
        if (child == 0)
            live_on(s, shadow, crowd, generations - 1);
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT(s, !WIFSIGNALED(status), "the child of a forked child died of SIG%s", sigabbrev_np(WTERMSIG(status)));
        if (status != 0)
            _exit(1); /* it has said why */
    }
    shadow_verify(shadow);
    _exit(0);
}

/* `crowd`: the other threads, or NULL. */
static void fork_once(subject *s, shadow_heap *shadow, gathering *crowd) {
    int status = 0;
    tell_fork(s, HY_FORK_BEFORE);
    audit_hold(s->data);
    audit_hold(s->meta);
    const pid_t child = fork();
    audit_let_go(s->meta);
    audit_let_go(s->data);
    tell_fork(s, child == 0 ? HY_FORK_CHILD : HY_FORK_PARENT);
    if (child == 0)
        live_on(s, shadow, crowd, 1);
    EXPECT(s, child > 0 && waitpid(child, &status, 0) == child, "cannot fork");
    EXPECT(s, !WIFSIGNALED(status), "the forked child died of SIG%s", sigabbrev_np(WTERMSIG(status)));
    if (status != 0)
        _exit(0); /* the child has said why */
}

static void run_fork(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs_contents(s);
    shadow_init(&shadow, s, s->heap, 200);
    shadow.most = s->room / 4;
    for (unsigned i = 0; i < 10; i++) {
        for (unsigned j = 0; j < 200; j++)
            shadow_step(&shadow);
        fork_once(s, &shadow, NULL);
    }
    shadow_verify(&shadow);
    shadow_drop(&shadow);
    subject_close(s);
}

static void run_fork_threads(subject *s) {
    gathering crowd;
    member members[THREADS - 1];
    shadow_heap shadow;
    gather(&crowd, s);
    if (subject_has(s, HY_NO_REUSE | HY_REGIONS))
        subject_skip(s, "what the threads do would use up its memory");
    shadow_init(&shadow, s, s->heap, 100);
    shadow.most = s->room / 8;
    shadow.largest = hy_min(shadow.largest, 4096);
    crowd_start(&crowd, members, THREADS - 1);
    for (unsigned i = 0; i < 10; i++) {
        for (unsigned j = 0; j < 50; j++)
            shadow_step(&shadow);
        fork_once(s, &shadow, &crowd);
    }
    __atomic_store_n(&crowd.stop, true, __ATOMIC_RELAXED);
    crowd_join(members, THREADS - 1);
    crowd_clear(&crowd);
    shadow_verify(&shadow);
    shadow_free_all(&shadow);
    shadow_drop(&shadow);
    subject_close(s);
}

const conform_case cases_threads[] = {
    {"threads", "several threads allocate, and free each other's blocks", run_threads},
    {"short-threads", "threads that come and go leave memory flat", run_short_threads},
    {"fork", "a forked child has everything and goes on", run_fork},
    {"fork-threads", "the same while other threads allocate", run_fork_threads},
    {NULL, NULL, NULL},
};
