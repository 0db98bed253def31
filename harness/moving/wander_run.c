/* SPDX-License-Identifier: MIT
 *
 * wander_run.c - one run of the wanderer, from fork to burial: see wander.h.
 *
 * What is found out is written to memory shared with the parent as it comes, so that it outlives a crash.
 */
#include "wander_inside.h"

#include "wanderer_model.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAFEPOINTS_A_MOVE 200u /* more than so many, and it is told to end */
#define PRICED_AFTER 3u        /* rounds */
#define MOVED_AFTER 8u         /* rounds: by then it has something to lose */
#define SECONDS 20u            /* and for moves in all: */
#define MOVES_A_SECOND 200u    /* at least, on a slow machine */

const char *const hy_wander_outcomes[] = {"right", "wrong", "crash", "hangs", "cannot"};

/* --------------------------------------------------------------------------------------------------- the child ---- */

static int run_move(wander *self, hy_error *error) {
    switch (self->order->strategy->how) {
    case HY_WANDER_STAY: self->result->moves++; return 0;
    case HY_WANDER_SLIDE: return wander_slide(self, error);
    case HY_WANDER_FRAMES: return wander_frames_move(self, error);
    default: return wander_mesh(self, error);
    }
}

/* At a safepoint; 1: the program shall come to an end. */
static int run_safepoint(wander *self, uint64_t *safepoints, hy_error *error) {
    hy_wander_result *const result = self->result;
    if (hy_wander_argument > 0)
        result->rounds = hy_wander_argument;
    if (hy_wander_argument == PRICED_AFTER) {
        result->follow = wander_price(self, "wanderer_price_follow");
        result->pair = wander_price(self, "wanderer_price_pair");
    }
    const uint64_t most = self->order->moves;
    if (result->rounds < MOVED_AFTER || (result->moves == 0 && hy_wander_argument > 0)) /* first in the middle of one */
        return most == 0 && hy_wander_argument == PRICED_AFTER;
    if (result->moves >= most || ++*safepoints > most * SAFEPOINTS_A_MOVE)
        return 1;
    const int r = run_move(self, error);
    return r < 0 ? r : result->moves >= most;
}

static int run_wanderer(wander *self, hy_error *error) {
    uint64_t safepoints = 0;
    for (int answer = 0; answer >= 0;) {
        const uint64_t call = hy_wander_go_on((uint64_t)answer);
        if (call == HY_WANDER_ENDED)
            return 0;
        if (call == WANDERER_WANTS_PAGE)
            answer = self->order->strategy->how == HY_WANDER_MESH && wander_mesh_part(self, hy_wander_argument);
        else
            answer = run_safepoint(self, &safepoints, error);
        if (answer < 0)
            return answer;
    }
    return 0;
}

/* Mappings that lie in the program's range. */
static uint64_t run_maps(const wander *self) {
    FILE *const maps = fopen("/proc/self/maps", "re");
    const uint64_t start = (uint64_t)(uintptr_t)self->base;
    char line[512];
    uint64_t count = 0;
    while (maps && fgets(line, sizeof line, maps)) {
        const uint64_t from = strtoull(line, NULL, 16);
        count += from >= start && from < start + self->size;
    }
    if (maps)
        fclose(maps);
    return count;
}

static int run_all(wander *self, hy_error *error) {
    hy_wander_result *const result = self->result;
    int r = wander_load(self, error);
    if (r == 0 && (self->order->strategy->how == HY_WANDER_FRAMES || self->order->strategy->how == HY_WANDER_MESH))
        r = wander_frames_start(self, error);
    if (r < 0)
        return r;
    result->extra = wander_extra(self);
    r = run_wanderer(self, error);
    if (r < 0)
        return r;
    result->answer = hy_wander_argument;
    result->expected = hy_wanderer_answer(result->rounds);
    result->outcome = result->answer == result->expected ? HY_WANDER_RIGHT : HY_WANDER_WRONG;
    result->maps = run_maps(self);
    result->pages = *(const uint64_t *)wander_at(self, "wanderer_opened");
    result->frames = wander_mesh_frames(self);
    if (result->frames > result->most_frames)
        result->most_frames = result->frames;
    return 0;
}

/* Whatever a sanitizer or an embedding program does on these signals, a crash here is an outcome. */
static void run_plain_signals(uint64_t moves) {
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGALRM};
    const struct rlimit no_core = {0, 0};
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        signal(crashes[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &no_core);
    alarm(SECONDS + (unsigned)(moves / MOVES_A_SECOND));
}

__attribute__((noreturn)) static void run_child(const hy_wander_order *order, hy_wander_result *result) {
    wander self = {.order = order, .result = result, .memory = -1};
    hy_error error = {""};
    run_plain_signals(order->moves);
    const int r = run_all(&self, &error);
    if (r < 0) {
        result->outcome = HY_WANDER_CANNOT;
        snprintf(result->why, sizeof result->why, "%s", error.text);
    }
    _exit(0);
}

/* -------------------------------------------------------------------------------------------------- the parent ---- */

/* Our own end is exit code 0 and says an outcome; with any other there is no answer. */
static void run_judge(hy_wander_result *result, int status) {
    if (!WIFSIGNALED(status)) {
        result->outcome = WEXITSTATUS(status) == 0 ? result->outcome : HY_WANDER_WRONG;
        return;
    }
    result->signal = WTERMSIG(status);
    result->outcome = result->signal == SIGALRM ? HY_WANDER_HANGS : HY_WANDER_CRASH;
}

int hy_wander_run(const hy_wander_order *order, hy_wander_result *ret_result, hy_error *error) {
#if !defined(__x86_64__)
    (void)order, (void)error;
    *ret_result = (hy_wander_result){.outcome = HY_WANDER_CANNOT, .why = "the program that is moved is for x86-64"};
    return 0;
#else
    hy_wander_result *const shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return hy_fail(error, -errno, "no memory for a result: %s", strerror(errno));
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0)
        run_child(order, shared);
    int status = 0, r = child < 0 ? -errno : 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (r == 0)
        run_judge(shared, status);
    *ret_result = *shared;
    munmap(shared, sizeof *shared);
    return r < 0 ? hy_fail(error, r, "no child process: %s", strerror(-r)) : 0;
#endif
}
