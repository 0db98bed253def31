/* SPDX-License-Identifier: MIT
 *
 * forks.c - many forks of a process whose other threads allocate without a pause.
 *
 *     LD_PRELOAD=libheapyard-segregated.so forks --forks 10000 --threads 8
 *
 * Each child allocates, starts a thread that does, too, and exits; every tenth verifies all blocks that it inherited
 * and frees them.  A fork or a child that takes longer than --patience seconds hangs, and is ended by SIGALRM.
 */
#include "stress_fail.h"
#include "stress_options.h"
#include "stress_random.h"
#include "stress_sizes.h"
#include "stress_slots.h"
#include "stress_work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_OPERATIONS 20u
#define VERIFY_EACH 10u

static uint64_t forks = 500, patience = 60, threads = 8, seed = 1;

static void *child_thread(void *context) {
    work_some(0, CHILD_OPERATIONS, (uintptr_t)context);
    return NULL;
}

static __attribute__((noreturn)) void child_life(uint64_t i) {
    pthread_t thread;
    uint64_t rng = random_mixed(seed + i);
    alarm((unsigned)patience);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    slots_inherit(i % VERIFY_EACH == 0 ? stress_the_plan.seats + 1 : 0);
    stress_here.call = "pthread_create in a child";
    STRESS_EXPECT(pthread_create(&thread, NULL, child_thread, (void *)(uintptr_t)rng) == 0, "no thread");
    work_some(1, CHILD_OPERATIONS, i);
    pthread_join(thread, NULL);
    if (i % VERIFY_EACH == 0)
        slots_clear(stress_the_plan.seats + 1, &rng);
    if (i % 2 == 0)
        exit(0);
    _exit(0);
}

static void fork_once(uint64_t i) {
    int status = 0;
    alarm((unsigned)patience * 2); /* the child's own comes first */
    stress_here.operation = i;
    stress_here.call = "fork";
    const pid_t child = fork();
    if (child == 0)
        child_life(i);
    STRESS_EXPECT(child > 0 && waitpid(child, &status, 0) == child, "cannot fork");
    STRESS_EXPECT(!WIFSIGNALED(status), "child %llu died of SIG%s", (unsigned long long)i,
                  sigabbrev_np(WTERMSIG(status)));
    STRESS_EXPECT(status == 0, "child %llu ended with exit code %d", (unsigned long long)i, WEXITSTATUS(status));
}

int main(int count, char **words) {
    static const stress_option options[] = {{"forks", &forks, 1, UINT64_MAX},
                                            {"threads", &threads, 2, SEATS - 1},
                                            {"patience", &patience, 1, 3600},
                                            {"seed", &seed, 0, UINT64_MAX},
                                            {NULL, NULL, 0, 0}};
    char title[160];
    options_read(count, words, options);
    stress_the_plan = (stress_plan){
        .seed = seed, .seats = (unsigned)threads, .end = UINT64_MAX, .most_live = (size_t)8 << 20, .nice = 10};
    snprintf(title, sizeof title, "%llu forks beside %llu busy threads", (unsigned long long)forks,
             (unsigned long long)threads);
    stress_open(seed, title);
    work_start();
    for (uint64_t i = 0; i < forks; i++)
        fork_once(i);
    work_end();
    work_join();
    alarm(0);
    stress_tap(true, 2, title);
    const bool none = waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
    stress_tap(none, 3, "no child is left behind");
    stress_tap_plan(3);
    return none ? 0 : 1;
}
