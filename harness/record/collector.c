/* SPDX-License-Identifier: MIT
 *
 * collector.c - the loop of `heapyard record`.
 *
 * A round:
 *   1. Reap what ended; take in new images; note who is dead (before looking at rings, so that what the dead have
 *      written is complete when it is read).
 *   2. Fence, if there are threads to be ordered; look at every ring: how far it is written, and what that means for
 *      its image's horizon.  What is written is drawn (backlog.h).
 *   3. Merge each image's records up to its horizon, the dead ones first and to their end, the others so many that the
 *      next look is not far.  They are given back in portions.  A thread that is gone ends with its last record.
 *   4. Give rings of threads that are gone and entries of dead images back.
 * Beside it, the pump (pump.h) draws what is written meanwhile.  Between rounds, if all is merged, it sleeps until a
 * signal comes or a few milliseconds have passed; without a pump, until a ring fills up.
 */
#include "collector.h"

#include "clock.h"
#include "launch.h"
#include "pump.h"
#include "rings.h"
#include "signals.h"
#include "support.h"
#include "units.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AHEAD = 8, PORTION = 1024, MERGE_MOST = 65536, SHORT_NAP_US = 1000, LONG_NAP_US = 10000, PROGRESS_MS = 500 };

typedef struct collector {
    hy_share share;
    hy_images images;
    hy_ring *rings; /* HY_RECORD_RINGS of them */
    hy_backlog backlog;
    hy_pump pump;
    uint64_t looked; /* ticks; at the rings */
    bool behind;     /* the last round has left something that could have been merged */
    hy_launch launch;
    bool root_ended;
    int root_status;
    uint64_t last_progress, last_events; /* ns; events then */
    uint64_t merged;                     /* records in all */
} collector;

static void collector_pass_on(collector *c) {
    if (!c->root_ended)
        hy_signals_forward(c->launch.pid);
}

/* Orphans of the program are ours, so each is reaped, and known to be gone. */
static void collector_reap(collector *c) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid != c->launch.pid)
            continue;
        c->root_ended = true;
        c->root_status = status;
    }
}

/* ------------------------------------------------------------------------------------------------------ a look ---- */

static bool collector_has_threads(const collector *c) {
    for (uint32_t i = 0; i < hy_share_processes(&c->share); i++)
        if (c->images.all[i] && __atomic_load_n(&c->images.all[i]->process->threaded, __ATOMIC_ACQUIRE))
            return true;
    return false;
}

/* Up to this tick nothing new can come of any thread that shows up inactive.  A process with a single thread needs no
 * fence for that, for its ring is in order: a second one comes later, and the fence costs the program an interrupt. */
static uint64_t collector_now(const collector *c) {
    hy_share_beat(&c->share);
    const uint64_t now = hy_ticks();
    if (!collector_has_threads(c))
        return now - HY_RAW_LOOK_AHEAD;
    hy_share_fence(&c->share);
    return now;
}

static int collector_look_at_rings(collector *c, hy_error *error) {
    hy_ring_round round = {.backlog = &c->backlog, .draw = !c->behind || !hy_backlog_is_full(&c->backlog)};
    int r = 0;
    round.hungry = __atomic_exchange_n(&c->share.head->hungry, 0, __ATOMIC_RELAXED) != 0;
    round.now = c->looked = collector_now(c);
    pthread_mutex_lock(&c->backlog.lock);
    for (uint32_t i = 0; r == 0 && i < hy_share_rings(&c->share); i++)
        r = hy_ring_look(&c->rings[i], &c->images, &round, error);
    pthread_mutex_unlock(&c->backlog.lock);
    return r;
}

static int collector_look(collector *c, hy_error *error) {
    for (uint32_t i = 0; i < hy_share_processes(&c->share); i++) {
        hy_image *const image = c->images.all[i];
        if (!image)
            continue;
        image->horizon = UINT64_MAX;
        hy_order_reset(&image->order);
    }
    const int r = collector_look_at_rings(c, error);
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < hy_share_processes(&c->share); i++) {
        hy_image *const image = c->images.all[i];
        if (image && !image->dead && image->horizon > c->looked)
            image->horizon = c->looked;
    }
    return 0;
}

/* ----------------------------------------------------------------------------------------------------- merging ---- */

/* At most so many records, and what must wait for others does not count. */
static int collector_merge(collector *c, hy_image *image, uint64_t most, hy_error *error) {
    const hy_raw_record *record;
    hy_order_source *source;
    while (most > 0 && (record = hy_order_next(&image->order, image->horizon, &source))) {
        hy_ring *const ring = HY_CONTAINER_OF(source, hy_ring, source);
        if (source->head - source->tail > AHEAD)
            hy_addresses_expect(&image->stream.living,
                                hy_slots_address(hy_raw_ring_at(source->ring, source->tail + AHEAD)));
        const uint64_t ticks = record->ticks;
        ring->thread.ring = source->ring;
        int r = hy_images_take(&c->images, image, &ring->thread, record, source->put_back, error);
        if (r > 0) {
            hy_order_put_back(&image->order);
            continue;
        }
        hy_order_advance(&image->order);
        if (r == 0 && hy_ring_is_over(ring))
            r = hy_ring_release(ring, &c->images, &c->backlog, ticks, error);
        if (r < 0)
            return r;
        c->merged++;
        most--;
        if (source->read - ring->given >= PORTION)
            hy_ring_give_back(ring, &c->backlog);
    }
    c->behind |= most == 0;
    return 0;
}

static int collector_finish_image(collector *c, uint32_t index, hy_error *error) {
    for (uint32_t i = 0; i < hy_share_rings(&c->share); i++) {
        hy_ring *const ring = &c->rings[i];
        if (ring->owner == 0 || hy_ring_image(ring) != index)
            continue;
        const int r = hy_ring_release(ring, &c->images, &c->backlog, 0, error);
        if (r < 0)
            return r;
    }
    return hy_images_finish(&c->images, index, error);
}

/* The dead one that started first, so that the images of one process follow each other.  false: there is none. */
static bool collector_next_dead(collector *c, uint64_t now, uint32_t *ret_index) {
    const hy_image *first = NULL;
    for (uint32_t i = 0; i < hy_share_processes(&c->share); i++) {
        hy_image *const image = c->images.all[i];
        if (!image || !image->dead || !hy_image_ready(&c->images, image, now))
            continue;
        if (first && image->stream.start >= first->stream.start)
            continue;
        first = image;
        *ret_index = i;
    }
    return first != NULL;
}

/* Up to this tick all is merged, but for what waits. */
static uint64_t collector_merged_to(const collector *c) {
    uint64_t to = c->looked;
    for (uint32_t i = 0; i < hy_share_processes(&c->share); i++) {
        const hy_image *const image = c->images.all[i];
        if (image && !image->waiting && image->order.count > 0 && image->order.heap[0]->next.ticks < to)
            to = image->order.heap[0]->next.ticks;
    }
    return to;
}

static int collector_merge_all(collector *c, hy_error *error) {
    const uint64_t now = collector_merged_to(c);
    int r = 0;
    c->behind = false;
    for (uint32_t i; r == 0 && collector_next_dead(c, now, &i);) {
        r = collector_merge(c, c->images.all[i], UINT64_MAX, error);
        if (r == 0)
            r = collector_finish_image(c, i, error);
    }
    for (uint32_t i = 0; r == 0 && i < hy_share_processes(&c->share); i++) {
        hy_image *const image = c->images.all[i];
        if (image && !image->dead && hy_image_ready(&c->images, image, now))
            r = collector_merge(c, image, MERGE_MOST, error);
    }
    return r;
}

static int collector_give_back(collector *c, hy_error *error) {
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < hy_share_rings(&c->share); i++) {
        hy_ring_give_back(&c->rings[i], &c->backlog);
        if (hy_ring_is_over(&c->rings[i]))
            r = hy_ring_release(&c->rings[i], &c->images, &c->backlog, 0, error);
    }
    return r;
}

static int collector_round(collector *c, hy_error *error) {
    collector_pass_on(c);
    collector_reap(c);
    int r = hy_images_attach(&c->images, error);
    if (r < 0)
        return r;
    hy_images_bury(&c->images, c->root_ended);
    r = collector_look(c, error);
    if (r == 0)
        r = collector_merge_all(c, error);
    return r < 0 ? r : collector_give_back(c, error);
}

/* --------------------------------------------------------------------------------------------------- the whole ---- */

static void collector_progress(collector *c) {
    const uint64_t now = hy_now();
    if (!c->images.options->progress || now - c->last_progress < PROGRESS_MS * 1000000ull)
        return;
    const double rate = (double)(c->merged - c->last_events) * 1e9 / (double)(now - c->last_progress);
    if (c->root_ended)
        fputs("\r\033[KThe program has ended, but not all that it started (Ctrl-C ends the recording).", stderr);
    else
        fprintf(stderr, "\r\033[Krecording: %s records, %s a second, %u process%s", hy_show_count(c->merged).text,
                hy_show_count((uint64_t)rate).text, c->images.living, c->images.living == 1 ? "" : "es");
    c->last_progress = now;
    c->last_events = c->merged;
}

/* With children followed, until no descendant is left: one may exist and not have come to its first event. */
static bool collector_is_over(const collector *c) {
    if (!c->root_ended)
        return hy_signals_asked() >= 3;
    if (!c->images.options->follow || hy_signals_asked() > 0)
        return true;
    return waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

/* Whatever is left is read to its end, whoever may still be running. */
static int collector_close(collector *c, hy_error *error) {
    hy_share_stop(&c->share);
    int r = hy_images_attach(&c->images, error);
    for (uint32_t i = 0; i < HY_RECORD_PROCESSES; i++)
        if (c->images.all[i])
            c->images.all[i]->dead = true;
    if (r == 0)
        r = collector_look(c, error);
    return r < 0 ? r : collector_merge_all(c, error);
}

static void collector_sleep(const collector *c, uint32_t bell, unsigned microseconds) {
    if (c->pump.running)
        usleep(microseconds);
    else
        hy_share_sleep(&c->share, bell, microseconds);
}

static int collector_run(collector *c, hy_error *error) {
    int r = 0;
    unsigned nap = SHORT_NAP_US;
    if (c->images.options->sites == 0)
        hy_pump_start(&c->pump);
    while (r == 0) {
        const uint32_t bell = __atomic_load_n(&c->share.head->bell, __ATOMIC_SEQ_CST);
        const uint64_t before = c->merged;
        r = collector_round(c, error);
        collector_progress(c);
        if (r < 0 || collector_is_over(c))
            break;
        nap = c->merged != before ? SHORT_NAP_US : nap < LONG_NAP_US ? 2 * nap : LONG_NAP_US;
        if (!c->behind)
            collector_sleep(c, bell, nap);
    }
    hy_pump_stop(&c->pump);
    if (r == 0)
        r = collector_close(c, error);
    if (c->images.options->progress && c->last_events > 0)
        fputs("\r\033[K", stderr);
    return r;
}

/* Even if recording has failed, the program is let run to its end. */
static void collector_wait(collector *c) {
    hy_share_stop(&c->share);
    while (!c->root_ended && hy_signals_asked() < 3) {
        collector_pass_on(c);
        collector_reap(c);
        usleep(c->root_ended ? 0 : LONG_NAP_US);
    }
}

static int collector_exit_code(const collector *c) {
    if (!c->root_ended)
        return 128 + SIGINT;
    return WIFSIGNALED(c->root_status) ? 128 + WTERMSIG(c->root_status) : WEXITSTATUS(c->root_status);
}

static int collector_start(collector *c, hy_error *error) {
    for (uint32_t i = 0; i < HY_RECORD_RINGS; i++)
        c->rings[i] = hy_ring_at(&c->share, i);
    int r = hy_launch_prepare(c->images.options->argv, &c->share, &c->launch, error);
    if (r < 0)
        return r;
    c->share.head->root = c->images.root = (uint32_t)c->launch.pid;
    r = hy_images_begin(&c->images, error);
    if (r < 0) {
        hy_launch_cancel(&c->launch);
        return r;
    }
    c->images.tick = hy_tick_length(20);
    c->last_progress = hy_now();
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    hy_signals_catch();
    return hy_launch_go(&c->launch, c->images.options->argv[0], error);
}

/* What an error has left unread. */
static void collector_forget(collector *c) {
    for (uint32_t i = 0; i < HY_RECORD_RINGS; i++) {
        hy_backlog_spare(&c->backlog, c->rings[i].pieces, NULL);
        hy_backlog_spare(&c->backlog, c->rings[i].tray.first, NULL);
    }
}

int hy_record(const hy_record_options *options, hy_record_outcome *ret_outcome, hy_error *error) {
    collector *const c = calloc(1, sizeof *c);
    hy_ring *const rings = calloc(HY_RECORD_RINGS, sizeof *rings);
    if (!c || !rings) {
        free(c);
        free(rings);
        return hy_fail(error, -ENOMEM, "no memory to record");
    }
    c->rings = rings;
    c->pump = (hy_pump){.share = &c->share, .backlog = &c->backlog, .rings = rings};
    hy_backlog_init(&c->backlog);
    c->images.options = options;
    int r = hy_share_create(options->follow, &c->share, error);
    if (r == 0) {
        c->images.share = &c->share;
        c->share.head->sites = options->sites;
        r = collector_start(c, error);
        if (r == 0) {
            r = collector_run(c, error);
            collector_wait(c);
            c->images.outcome.exit_code = collector_exit_code(c);
            c->images.outcome.signal = c->root_ended && WIFSIGNALED(c->root_status) ? WTERMSIG(c->root_status) : 0;
            *ret_outcome = c->images.outcome;
        }
        hy_images_end(&c->images);
        if (r == 0)
            ret_outcome->uncounted = c->images.outcome.uncounted;
        collector_forget(c);
        hy_share_destroy(&c->share);
    }
    hy_backlog_destroy(&c->backlog);
    free(rings);
    free(c);
    return r;
}
