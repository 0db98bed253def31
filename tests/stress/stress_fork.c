/* SPDX-License-Identifier: MIT
 *
 * stress_fork.c - a process under stress forks, from any thread, while the others go on.
 *
 * The child has one thread, a copy of the table and of the map.  It verifies every block that was full, works a little,
 * starts threads that work on the same blocks, sometimes forks once more, frees everything, and ends.
 */
#include "stress_fail.h"
#include "stress_random.h"
#include "stress_slots.h"
#include "stress_work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_SECONDS 120u
#define CHILD_THREADS 2u
#define CHILD_OPERATIONS 300u

static unsigned generation; /* 0: the first process */

typedef struct child_thread {
    pthread_t thread;
    unsigned seat;
    uint64_t seed;
} child_thread;

static void *child_work(void *context) {
    const child_thread *const c = context;
    stress_here.seat = c->seat;
    work_some(c->seat, CHILD_OPERATIONS, c->seed);
    return NULL;
}

static void child_threads(uint64_t *rng) {
    child_thread threads[CHILD_THREADS];
    for (unsigned i = 0; i < CHILD_THREADS; i++) {
        threads[i] = (child_thread){.seat = i % stress_the_plan.seats, .seed = random_next(rng)};
        stress_here.call = "pthread_create in a child";
        STRESS_EXPECT(pthread_create(&threads[i].thread, NULL, child_work, &threads[i]) == 0, "no thread");
    }
    for (unsigned i = 0; i < CHILD_THREADS; i++)
        pthread_join(threads[i].thread, NULL);
}

static __attribute__((noreturn)) void child_life(uint64_t rng) {
    alarm(CHILD_SECONDS);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    generation++;
    stress_the_plan.fork_each = 0;
    stress_here.call = "fork";
    slots_inherit(stress_the_plan.seats + 1);
    work_some(stress_here.seat, CHILD_OPERATIONS, random_next(&rng));
    child_threads(&rng);
    if (generation == 1 && random_once_in(&rng, 4))
        fork_and_wait(&rng);
    slots_clear(stress_the_plan.seats + 1, &rng);
    if (random_once_in(&rng, 2))
        exit(0);
    _exit(0);
}

void fork_and_wait(uint64_t *rng) {
    const uint64_t seed = random_next(rng);
    int status = 0;
    stress_here.call = "fork";
    const pid_t child = fork();
    if (child == 0)
        child_life(seed);
    STRESS_EXPECT(child > 0 && waitpid(child, &status, 0) == child, "cannot fork");
    STRESS_EXPECT(!WIFSIGNALED(status), "the forked child %d died of SIG%s", (int)child,
                  sigabbrev_np(WTERMSIG(status)));
    STRESS_EXPECT(status == 0, "the forked child %d ended with exit code %d", (int)child, WEXITSTATUS(status));
}
