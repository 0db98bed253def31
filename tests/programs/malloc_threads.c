/* SPDX-License-Identifier: MIT
 *
 * malloc_threads.c - malloc where threads come, meet, and go in any order; runs under a preload library.
 *
 * malloc_threads crowd: with 1500 at once where it is 300 otherwise; many: with 3000, one after the other, too.
 */
#include "blocks.h"
#include "churn.h"
#include "life.h"
#include "tap.h"

#include <malloc.h>
#include <string.h>
#include <sys/time.h>

static size_t many = 300, crowd = 300;

/* ------------------------------------------------------------------------------------------------------ errno ---- */

/* Locks, signals and unmapping go on below; none of it is the caller's business. */
static void *watch_errno(void *seed) {
    uint32_t state = (uint32_t)(uintptr_t)seed;
    errno = 77;
    for (int i = 0; i < 3000; i++) {
        const size_t size = next_random(&state) % 20 ? next_random(&state) % 3000 : 3000000;
        void *block = i % 2 ? malloc(size) : calloc(size, 1);
        block = i % 3 ? block : realloc(block, size * 2 + 1);
        const bool kept = errno == 77;
        free(block);
        if (!kept || errno != 77)
            return "errno was changed by a call that went well";
    }
    return NULL;
}

static void count_signal(int number) {
    (void)number;
}

static const char *errno_is_kept_where_threads_meet(void) {
    const struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
    signal(SIGPROF, count_signal);
    EXPECT(setitimer(ITIMER_PROF, &often, NULL) == 0);
    const char *const wrong = run_threads(watch_errno, 4, NULL);
    setitimer(ITIMER_PROF, &never, NULL);
    return wrong;
}

/* ------------------------------------------------------------------------------------------- the end of threads ----
 */

#define KEYS 12

static pthread_key_t keys[KEYS];
static int rounds_of_destructors;

/* Frees what its thread left, by whatever way, and leaves something again, for as long as it is asked. */
static void allocate_again(void *block) {
    const int round = __atomic_add_fetch(&rounds_of_destructors, 1, __ATOMIC_RELAXED);
    block = realloc(block, (size_t)(round % 50) * 100 + 1);
    free(block);
    void *const other = round % 2 ? calloc(3, 100) : aligned_alloc(64, 1000);
    free(malloc(malloc_usable_size(other)));
    for (size_t i = 0; i < KEYS; i++)
        if (round % 3 == 0 && !pthread_getspecific(keys[i])) {
            pthread_setspecific(keys[i], other);
            return;
        }
    free(other);
}

static void *leave_blocks(void *unused) {
    (void)unused;
    for (size_t i = 0; i < KEYS; i++)
        pthread_setspecific(keys[i], malloc(100 + i * 300));
    return NULL;
}

/* Some registered before the thread's own of the allocator run, some after; the C library asks four times. */
static const char *destructors_of_many_keys(void) {
    size_t before = 0;
    for (size_t i = 0; i < KEYS; i++)
        EXPECT(pthread_key_create(&keys[i], allocate_again) == 0);
    for (size_t i = 0; i < many; i++) {
        if (i == many / 3)
            before = resident();
        const char *const wrong = run_threads(leave_blocks, 2, NULL);
        if (wrong)
            return wrong;
    }
    EXPECT(rounds_of_destructors >= (int)many * 2 * KEYS);
    EXPECT(resident() < before + ((size_t)4 << 20));
    return NULL;
}

int __cxa_thread_atexit_impl(void (*destroy)(void *), void *object, void *library);
extern void *__dso_handle __attribute__((visibility("hidden")));

static void destroy_object(void *block) {
    free(block);
    free(calloc(10, 1000));
}

static void *leave_objects(void *unused) {
    (void)unused;
    for (size_t i = 0; i < 10; i++)
        if (__cxa_thread_atexit_impl(destroy_object, malloc(i * 500), &__dso_handle) != 0)
            return "an object could not be registered";
    return NULL;
}

static const char *destructors_of_thread_local_objects(void) {
    for (int i = 0; i < 100; i++) {
        const char *const wrong = run_threads(leave_objects, 2, NULL);
        if (wrong)
            return wrong;
    }
    return NULL;
}

/* ------------------------------------------------------------------------------- blocks that outlive their thread ----
 */

#define LEFT 200
static unsigned char *left[64][LEFT];

static size_t left_size(size_t thread, size_t i) {
    return (thread * 37 + i * i) % 5000 + 1;
}

static void *leave_filled(void *number) {
    const size_t thread = (size_t)(uintptr_t)number - 1;
    for (size_t i = 0; i < LEFT; i++) {
        left[thread][i] = malloc(left_size(thread, i));
        if (!left[thread][i])
            return "no room";
        fill(left[thread][i], left_size(thread, i), (unsigned)(thread + i));
    }
    return NULL;
}

/* Takes over the blocks of the next thread, and frees half of them. */
static void *take_over(void *number) {
    const size_t thread = (size_t)(uintptr_t)number % 8;
    for (size_t i = 0; i < LEFT; i++) {
        if (!filled(left[thread][i], left_size(thread, i), (unsigned)(thread + i)))
            return "a block did not outlive its thread";
        if (i % 2)
            continue;
        free(left[thread][i]);
        left[thread][i] = NULL;
    }
    return NULL;
}

static const char *blocks_outlive_their_threads(void) {
    size_t mapped = 0, bytes = 0, more_mapped = 0, more_bytes = 0;
    for (size_t round = 0; round < many / 4; round++) {
        if (round == many / 12)
            own_memory(&mapped, &bytes);
        const char *wrong = run_threads(leave_filled, 8, NULL);
        wrong = wrong ? wrong : run_threads(take_over, 8, NULL);
        if (wrong)
            return wrong;
        for (size_t i = 0; i < LEFT * 8; i++)
            free(left[i % 8][i / 8]);
    }
    own_memory(&more_mapped, &more_bytes);
    EXPECT(more_bytes < bytes + ((size_t)8 << 20));
    EXPECT(more_mapped < mapped + ((size_t)1 << 40)); /* what is reserved for threads is used again */
    return NULL;
}

/* ---------------------------------------------------------------------------------------------- many at a time ---- */

static pthread_barrier_t all_there;
static void **slots;

static void *stand_by(void *number) {
    const size_t own = (size_t)(uintptr_t)number, next = (own + 1) % crowd;
    slots[own] = malloc(own % 3000 + 1);
    if (slots[own])
        memset(slots[own], (int)own, own % 3000 + 1);
    pthread_barrier_wait(&all_there);
    const bool good = slots[next] && *(unsigned char *)slots[next] == (unsigned char)next;
    free(slots[next]);
    free(malloc(50));
    return good ? NULL : "no room, or a block of another thread lost its contents";
}

/* All alive at once, each with a block that another frees; twice, for what the first left behind. */
static const char *many_threads_at_once(void) {
    pthread_t *const threads = calloc(crowd, sizeof *threads);
    slots = calloc(crowd, sizeof *slots);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    EXPECT(threads && slots && pthread_attr_setstacksize(&attributes, 65536) == 0);
    for (int round = 0; round < 2; round++) {
        const char *wrong = NULL;
        pthread_barrier_init(&all_there, NULL, (unsigned)crowd);
        for (size_t i = 0; i < crowd; i++)
            EXPECT(pthread_create(&threads[i], &attributes, stand_by, (void *)(uintptr_t)i) == 0);
        for (size_t i = 0; i < crowd; i++) {
            void *said = NULL;
            pthread_join(threads[i], &said);
            wrong = wrong ? wrong : said;
        }
        if (wrong)
            return wrong;
    }
    free(threads);
    free(slots);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------ cancellation ---- */

static void free_at_cancel(void *block) {
    free(*(void **)block);
}

static void churn_until_cancelled(uint32_t seed, void **ret_block) {
    while (churn(seed++, 50, 3000)) {
        *ret_block = realloc(*ret_block, seed % 7 * 3000 + 1);
        pthread_testcancel();
    }
}

static void *live_until_cancelled(void *seed) {
    static __thread void *block;
    block = malloc(3000);
    pthread_cleanup_push(free_at_cancel, &block);
    churn_until_cancelled((uint32_t)(uintptr_t)seed, &block);
    pthread_cleanup_pop(1);
    return "a block lost its contents";
}

static const char *cancelled_threads_leave_all_in_order(void) {
    for (int i = 0; i < 30; i++) {
        pthread_t threads[3];
        for (uintptr_t k = 0; k < 3; k++)
            EXPECT(pthread_create(&threads[k], NULL, live_until_cancelled, (void *)k) == 0);
        EXPECT(churn((uint32_t)i, 2000, 3000));
        for (int k = 0; k < 3; k++) {
            void *said = NULL;
            EXPECT(pthread_cancel(threads[k]) == 0 && pthread_join(threads[k], &said) == 0);
            EXPECT(said == PTHREAD_CANCELED);
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "crowd") == 0)
        crowd = 1500;
    if (argc == 2 && strcmp(argv[1], "many") == 0)
        many = crowd = 3000;
    static const tap_case tests[] = {
        TAP_CASE(errno_is_kept_where_threads_meet),
        TAP_REUSE_CASE(destructors_of_many_keys),
        TAP_CASE(destructors_of_thread_local_objects),
        TAP_REUSE_CASE(blocks_outlive_their_threads),
        TAP_CASE(many_threads_at_once),
        TAP_REUSE_CASE(cancelled_threads_leave_all_in_order),
    };
    return tap_run(tests, sizeof tests / sizeof *tests);
}
