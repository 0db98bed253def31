/* SPDX-License-Identifier: MIT */
#include "pump.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAP_US = 100000, TURN_NS = 100000 };

/* It runs for some microseconds at a time, and a program that waits for it waits less if it need not wait for the end
 * of another thread's turn: the kernel gives way to short turns, where it knows of them (Linux 6.12). */
static void pump_hurry(void) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = sizeof attributes};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) < 0)
        return;
    attributes.runtime = TURN_NS;
    syscall(SYS_sched_setattr, 0, &attributes, 0);
}

/* What cannot be drawn is left to the merging thread, which says why. */
static void pump_draw(hy_pump *pump) {
    pthread_mutex_lock(&pump->backlog->lock);
    for (uint32_t i = 0; i < hy_share_rings(pump->share) && !hy_backlog_is_full(pump->backlog); i++) {
        hy_tray *const tray = &pump->rings[i].tray;
        hy_backlog_draw(pump->backlog, tray, __atomic_load_n(&tray->shared->head, __ATOMIC_ACQUIRE));
    }
    pthread_mutex_unlock(&pump->backlog->lock);
}

static void *pump_run(void *start) {
    hy_pump *const pump = start;
    pump_hurry();
    while (!__atomic_load_n(&pump->stop, __ATOMIC_ACQUIRE)) {
        const uint32_t bell = __atomic_load_n(&pump->share->head->bell, __ATOMIC_SEQ_CST);
        hy_share_beat(pump->share);
        pump_draw(pump);
        hy_share_sleep(pump->share, bell, NAP_US);
    }
    return NULL;
}

/* Signals are for the thread that starts it. */
void hy_pump_start(hy_pump *pump) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pump->backlog->pumped = true;
    pump->running = pthread_create(&pump->thread, NULL, pump_run, pump) == 0;
    if (!pump->running)
        pump->backlog->pumped = false;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void hy_pump_stop(hy_pump *pump) {
    if (!pump->running)
        return;
    __atomic_store_n(&pump->stop, 1, __ATOMIC_RELEASE);
    hy_share_ring(pump->share);
    pthread_join(pump->thread, NULL);
    pump->running = false;
}
