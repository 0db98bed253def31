/* SPDX-License-Identifier: MIT
 *
 * malloc_life.c - malloc in the life of a process: threads, fork, libraries, signals; runs under a preload library.
 */
#include "churn.h"
#include "life.h"
#include "tap.h"

#include <dlfcn.h>
#include <limits.h>
#include <malloc.h>
#include <semaphore.h>
#include <spawn.h>
#include <sys/time.h>

extern char **environ;

static void *churn_thread(void *seed) {
    return churn((uint32_t)(uintptr_t)seed, 20000, 2000) ? NULL : "a block lost its contents";
}

/* ---------------------------------------------------------------------------------------------------- threads ---- */

static const char *four_threads_at_once(void) {
    return run_threads(churn_thread, 4, NULL);
}

/* A queue with one place: blocks made by one thread, resized and freed by the other. */
static unsigned char *handed;
static sem_t filled_place, empty_place;

static void *take_blocks(void *unused) {
    (void)unused;
    const char *wrong = NULL;
    for (size_t i = 1; i <= 3000; i++) {
        sem_wait(&filled_place);
        unsigned char *block = handed;
        sem_post(&empty_place);
        if (block[i - 1] != (unsigned char)i)
            wrong = "contents were lost between threads";
        if (i % 3 == 0)
            block = realloc(block, i * 2);
        if (!block || block[i - 1] != (unsigned char)i)
            wrong = "contents were lost in a realloc by another thread";
        free(block);
    }
    return (void *)(uintptr_t)wrong;
}

static const char *free_and_realloc_by_another_thread(void) {
    pthread_t taker;
    void *wrong = NULL;
    sem_init(&filled_place, 0, 0);
    sem_init(&empty_place, 0, 1);
    EXPECT(pthread_create(&taker, NULL, take_blocks, NULL) == 0);
    for (size_t i = 1; i <= 3000; i++) {
        unsigned char *const block = malloc(i);
        EXPECT(block);
        block[i - 1] = (unsigned char)i;
        sem_wait(&empty_place);
        handed = block;
        sem_post(&filled_place);
    }
    pthread_join(taker, &wrong);
    return wrong;
}

static pthread_key_t late_key;
static int late_rounds;

/* Allocates while its thread ends, and asks to be called once more. */
static void late_destructor(void *block) {
    free(block);
    void *const another = malloc(200);
    memset(another, 1, 200);
    if (__atomic_add_fetch(&late_rounds, 1, __ATOMIC_RELAXED) % 3 != 0)
        pthread_setspecific(late_key, another);
    else
        free(another);
}

static void *late_thread(void *unused) {
    (void)unused;
    pthread_setspecific(late_key, malloc(100));
    return NULL;
}

static const char *allocation_in_thread_exit_destructors(void) {
    EXPECT(pthread_key_create(&late_key, late_destructor) == 0);
    for (int i = 0; i < 200; i++) {
        const char *const wrong = run_threads(late_thread, 1, NULL);
        if (wrong)
            return wrong;
    }
    EXPECT(late_rounds == 600);
    return NULL;
}

static void *short_thread(void *seed) {
    return churn((uint32_t)(uintptr_t)seed, 100, 3000) ? NULL : "a block lost its contents";
}

static const char *short_threads_leave_memory_flat(void) {
    size_t before = 0;
    for (int i = 0; i < 3000; i++) {
        if (i == 500)
            before = resident();
        const char *const wrong = run_threads(short_thread, 1, NULL);
        if (wrong)
            return wrong;
    }
    EXPECT(resident() < before + ((size_t)2 << 20));
    return NULL;
}

/* The longest ways through malloc, which must do with little of that stack. */
static void *thrifty_thread(void *seed) {
    void *block = aligned_alloc((size_t)1 << 20, 100);
    for (size_t size = 1; block && size < (size_t)100 << 20; size *= 6)
        block = realloc(block, size);
    free(block);
    free(calloc(3000, 1000));
    mallinfo2();
    malloc_trim(0);
    return block ? short_thread(seed) : "no room";
}

static const char *threads_with_the_smallest_stack(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    EXPECT(pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN) == 0);
    const char *const wrong = run_threads(thrifty_thread, 2, &attributes);
    return wrong ? wrong : run_threads(short_thread, 8, &attributes);
}

/* ------------------------------------------------------------------------------------------------------- fork ---- */

static bool stop_now;

static void *churn_with_seeds(void *seed) {
    bool good = true;
    for (uint32_t i = 0; !__atomic_load_n(&stop_now, __ATOMIC_RELAXED); i++)
        good &= churn((uint32_t)(uintptr_t)seed + i, 100, 2000);
    return good ? NULL : "a block lost its contents";
}

/* In the child: allocate, start threads, fork again. */
static void forked_life(void) {
    alarm(TAP_SECONDS);
    if (!churn(7, 2000, 3000) || run_threads(short_thread, 2, NULL))
        _exit(1);
    const pid_t grandchild = fork();
    if (grandchild == 0)
        _exit(churn(8, 500, 3000) ? 0 : 1);
    _exit(child_ended_well(grandchild) ? 0 : 1);
}

static const char *fork_while_threads_allocate(void) {
    pthread_t threads[2];
    for (uintptr_t i = 0; i < 2; i++)
        EXPECT(pthread_create(&threads[i], NULL, churn_with_seeds, (void *)(i * 1000)) == 0);
    const char *wrong = NULL;
    for (int i = 0; i < 40 && !wrong; i++) {
        const pid_t child = fork();
        if (child == 0)
            forked_life();
        if (!child_ended_well(child))
            wrong = "a child of a fork did not end well";
    }
    __atomic_store_n(&stop_now, true, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++) {
        void *said = NULL;
        pthread_join(threads[i], &said);
        wrong = wrong ? wrong : said;
    }
    return wrong;
}

static void *block_of_the_handler;

static void allocate_before_fork(void) {
    block_of_the_handler = realloc(block_of_the_handler, 3000);
}

static void allocate_after_fork(void) {
    free(block_of_the_handler);
    block_of_the_handler = malloc(100);
}

static const char *fork_handlers_of_others_may_allocate(void) {
    EXPECT(pthread_atfork(allocate_before_fork, allocate_after_fork, allocate_after_fork) == 0);
    const pid_t child = fork();
    if (child == 0)
        forked_life();
    EXPECT(child_ended_well(child));
    return NULL;
}

/* Several threads fork at a time, each child does, too. */
static void *fork_often(void *seed) {
    for (uint32_t i = 0; i < 12; i++) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(TAP_SECONDS);
            const bool good = churn((uint32_t)(uintptr_t)seed + i, 200, 3000) && !run_threads(short_thread, 1, NULL);
            exit(good ? 0 : 1); /* with all that happens then */
        }
        if (!child_ended_well(child))
            return "a child of a fork did not end well";
        if (!churn(i, 200, 3000))
            return "a block lost its contents";
    }
    return NULL;
}

static const char *several_threads_fork(void) {
    fflush(stdout);
    return run_threads(fork_often, 4, NULL);
}

/* The child of a vfork is in our memory until it executes something. */
static __attribute__((noinline)) pid_t execute_true(void) {
    const pid_t child = vfork();
    if (child == 0) {
        execlp("true", "true", (char *)NULL);
        _exit(1);
    }
    return child;
}

static const char *vfork_and_execute(void) {
    for (uint32_t i = 0; i < 10; i++) {
        void *const block = malloc(1000);
        EXPECT(child_ended_well(execute_true()));
        free(block);
        EXPECT(churn(i, 100, 1000));
    }
    return NULL;
}

static const char *spawn_and_system(void) {
    char *arguments[] = {"true", NULL};
    for (int i = 0; i < 10; i++) {
        pid_t child = -1;
        EXPECT(posix_spawnp(&child, "true", NULL, NULL, arguments, environ) == 0);
        EXPECT(child_ended_well(child));
        EXPECT(system("exit 0") == 0);
        EXPECT(churn((uint32_t)i, 100, 1000));
    }
    return NULL;
}

/* --------------------------------------------------------------------------------------- libraries and signals ---- */

static const char *libraries_come_and_go(void) {
    static const char *const files[] = {"libz.so.1", "libm.so.6", "libstdc++.so.6", "libsqlite3.so.0"};
    for (int i = 0; i < 40; i++) {
        void *const handle = dlopen(files[i % 4], RTLD_NOW | RTLD_LOCAL);
        EXPECT(churn((uint32_t)i, 200, 2000));
        if (handle)
            EXPECT(dlclose(handle) == 0);
    }
    EXPECT(dlopen("/does/not/exist.so", RTLD_NOW) == NULL && dlerror() != NULL);
    return NULL;
}

static void churn_at_exit(void) {
    if (!churn(9, 1000, 5000))
        _exit(1);
}

static const char *allocation_at_exit(void) {
    EXPECT(atexit(churn_at_exit) == 0); /* a failure there is the exit code of this case */
    return NULL;
}

static void count_signal(int number) {
    (void)number;
}

static const char *a_storm_of_signals(void) {
    const struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
    signal(SIGPROF, count_signal);
    EXPECT(setitimer(ITIMER_PROF, &often, NULL) == 0);
    const char *const wrong = run_threads(churn_thread, 4, NULL);
    setitimer(ITIMER_PROF, &never, NULL);
    return wrong;
}

static const char *closed_standard_files_stay_closed(void) {
    const pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 3; i++)
            close(i);
        const bool good = churn(4, 20000, 100000);
        _exit(good && write(0, "", 1) < 0 && write(1, "", 1) < 0 && write(2, "", 1) < 0 ? 0 : 1);
    }
    EXPECT(child_ended_well(child));
    return NULL;
}

int main(void) {
    static const tap_case tests[] = {
        TAP_CASE(four_threads_at_once),
        TAP_CASE(free_and_realloc_by_another_thread),
        TAP_CASE(allocation_in_thread_exit_destructors),
        TAP_REUSE_CASE(short_threads_leave_memory_flat),
        TAP_CASE(threads_with_the_smallest_stack),
        TAP_REUSE_CASE(fork_while_threads_allocate),
        TAP_CASE(fork_handlers_of_others_may_allocate),
        TAP_CASE(several_threads_fork),
        TAP_CASE(vfork_and_execute),
        TAP_CASE(spawn_and_system),
        TAP_CASE(libraries_come_and_go),
        TAP_CASE(allocation_at_exit),
        TAP_CASE(a_storm_of_signals),
        TAP_CASE(closed_standard_files_stay_closed),
    };
    return tap_run(tests, sizeof tests / sizeof *tests);
}
