/* SPDX-License-Identifier: MIT
 *
 * malloc_limits.c - malloc when memory is out, and afterwards; runs under a preload library.
 */
#include "blocks.h"
#include "churn.h"
#include "life.h"
#include "tap.h"

#include <malloc.h>
#include <sys/mman.h>

static void *idle_thread(void *unused) {
    return unused;
}

/* This program anew, which runs the case below of that name under a limit.  Replaces the calling child. */
static const char *start_limited(const char *name, int resource, size_t bytes) {
    tap_restart(resource, bytes, name);
    return "the program could not start itself";
}

/* A chain of blocks until there is no room, errno set; *ret_count: their number. */
static void **exhaust(size_t size, size_t *ret_count) {
    void **chain = NULL;
    for (*ret_count = 0;; ++*ret_count) {
        errno = 0;
        void **const block = malloc(size);
        if (!block)
            return chain;
        *block = chain;
        chain = block;
    }
}

static void free_chain(void **chain) {
    while (chain) {
        void **const next = *chain;
        free(chain);
        chain = next;
    }
}

/* No room, everything freed, and as much room again (for the same size: not every allocator joins small blocks). */
static const char *exhaust_twice(size_t size) {
    size_t first = 0, second = 0;
    EXPECT(churn(1, 1000, 1000));
    void **chain = exhaust(size, &first);
    EXPECT(errno == ENOMEM);
    free_chain(chain);
    EXPECT(errno == ENOMEM); /* as free leaves it */
    EXPECT(first * size > (size_t)16 << 20);
    chain = exhaust(size, &second);
    EXPECT(errno == ENOMEM);
    free_chain(chain);
    EXPECT(second >= first / 10 * 9);
    return NULL;
}

static const char *limited_small(void) {
    return exhaust_twice(100);
}

static const char *limited_middle(void) {
    return exhaust_twice(5000);
}

static const char *limited_large(void) {
    return exhaust_twice((size_t)1 << 20);
}

static const char *limited_thread(void) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    EXPECT(pthread_attr_setstacksize(&attributes, (size_t)64 << 20) == 0);
    EXPECT(pthread_create(&thread, &attributes, idle_thread, NULL) == EAGAIN);
    EXPECT(churn(3, 1000, 1000));
    return NULL;
}

/* Nobody has room for a page any more. */
static void **exhaust_wholly(void) {
    void **chain = NULL;
    for (size_t size = (size_t)1 << 20; size >= 16; size /= 4) {
        size_t count;
        void **const more = exhaust(size, &count);
        if (!more)
            continue;
        void **last = more;
        while (*last)
            last = *last;
        *last = chain;
        chain = more;
    }
    return chain;
}

/* Every member of the family says so, and leaves everything as it is. */
static const char *limited_family(void) {
    unsigned char *const block = malloc(3000), *const large = malloc(500000);
    fill(block, 3000, 1);
    fill(large, 500000, 2);
    void **const chain = exhaust_wholly();
    int marker;
    void *untouched = &marker;
    errno = 0;
    EXPECT(refused(malloc(100000)) && refused(calloc(100, 1000)) && refused(realloc(NULL, 100000)));
    EXPECT(refused(realloc(block, 1000000)) && refused(reallocarray(block, 1000, 1000)));
    EXPECT(refused(aligned_alloc(64, 100000)) && refused(memalign(4096, 100000)));
    EXPECT(refused(valloc(100000)) && refused(pvalloc(100000)));
    EXPECT(posix_memalign(&untouched, 64, 100000) == ENOMEM && untouched == &marker && errno == 0);
    EXPECT(filled(block, 3000, 1));
    /* A block can always become smaller. */
    unsigned char *const smaller = realloc(large, 1000), *const smallest = realloc(block, 10);
    EXPECT(smaller && smallest && errno == 0);
    EXPECT(filled(smaller, 1000, 2) && filled(smallest, 10, 1));
    free(smaller);
    free(smallest);
    free_chain(chain);
    EXPECT(errno == 0 && churn(4, 1000, 1000));
    return NULL;
}

/* A thread that there is room for lives and ends; for another, there is none. */
static const char *limited_threads(void) {
    size_t started = 0;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    EXPECT(pthread_attr_setstacksize(&attributes, 65536) == 0);
    void **const chain = exhaust_wholly();
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        const int error = pthread_create(&thread, &attributes, idle_thread, NULL);
        EXPECT(error == 0 || error == EAGAIN);
        started += error == 0;
        if (error == 0)
            EXPECT(pthread_join(thread, NULL) == 0);
    }
    free_chain(chain);
    EXPECT(started < 20 && churn(4, 1000, 1000));
    return NULL;
}

static pthread_barrier_t meeting;

/* Its first call of malloc comes when there is no room; then there is. */
static void *late_caller(void *unused) {
    (void)unused;
    pthread_barrier_wait(&meeting);
    for (size_t size = 1; size < 100000; size = size * 5 + 1) {
        errno = 0;
        void *const block = malloc(size);
        if (!block && errno != ENOMEM)
            return "errno is not ENOMEM";
        free(block);
    }
    pthread_barrier_wait(&meeting);
    pthread_barrier_wait(&meeting);
    return churn(5, 1000, 1000) ? NULL : "no room, though all was freed";
}

static const char *limited_first_call(void) {
    pthread_t threads[3];
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_barrier_init(&meeting, NULL, 4);
    EXPECT(pthread_attr_setstacksize(&attributes, 65536) == 0);
    for (int i = 0; i < 3; i++)
        EXPECT(pthread_create(&threads[i], &attributes, late_caller, NULL) == 0);
    void **const chain = exhaust_wholly();
    pthread_barrier_wait(&meeting);
    pthread_barrier_wait(&meeting);
    free_chain(chain);
    pthread_barrier_wait(&meeting);
    for (int i = 0; i < 3; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        if (wrong)
            return wrong;
    }
    return NULL;
}

/* A child that has no room frees, and has. */
static const char *limited_fork(void) {
    void **const chain = exhaust_wholly();
    for (int i = 0; i < 2; i++) {
        const pid_t child = fork();
        if (child == 0) {
            free_chain(chain);
            _exit(churn(6, 1000, 1000) ? 0 : 1);
        }
        EXPECT(child_ended_well(child));
    }
    free_chain(chain);
    EXPECT(churn(7, 1000, 1000));
    return NULL;
}

static void **handed;

static void *free_what_is_handed(void *unused) {
    pthread_barrier_wait(&meeting);
    free_chain(handed);
    return unused;
}

/* Freeing what is another thread's needs no memory, and makes room.  What this thread keeps lies beside it. */
static const char *exhaust_and_hand_over(size_t size) {
    pthread_t thread;
    pthread_attr_t attributes;
    size_t first = 0, second = 0;
    pthread_attr_init(&attributes);
    pthread_barrier_init(&meeting, NULL, 2);
    EXPECT(pthread_attr_setstacksize(&attributes, 65536) == 0);
    EXPECT(pthread_create(&thread, &attributes, free_what_is_handed, NULL) == 0);
    void **const chain = exhaust(size, &first), **last = chain;
    for (size_t i = 0; i < first / 10; i++)
        last = *last;
    handed = *last;
    *last = NULL;
    pthread_barrier_wait(&meeting);
    pthread_join(thread, NULL);
    void **const more = exhaust(size, &second);
    EXPECT(second >= first / 10 * 8);
    free_chain(chain);
    free_chain(more);
    return NULL;
}

static const char *limited_foreign_small(void) {
    return exhaust_and_hand_over(100);
}

static const char *limited_foreign_middle(void) {
    return exhaust_and_hand_over(5000);
}

static const tap_case limited[] = {TAP_CASE(limited_small),         TAP_CASE(limited_middle),
                                   TAP_CASE(limited_large),         TAP_CASE(limited_thread),
                                   TAP_CASE(limited_threads),       TAP_CASE(limited_family),
                                   TAP_CASE(limited_first_call),    TAP_CASE(limited_fork),
                                   TAP_CASE(limited_foreign_small), TAP_CASE(limited_foreign_middle)};

#define MIB ((size_t)1 << 20)

static const char *recovery_from_no_room_for_small_blocks(void) {
    return start_limited("limited_small", RLIMIT_AS, 96 * MIB);
}

static const char *recovery_from_no_room_for_middle_blocks(void) {
    return start_limited("limited_middle", RLIMIT_AS, 96 * MIB);
}

static const char *recovery_from_no_room_for_large_blocks(void) {
    return start_limited("limited_large", RLIMIT_AS, 96 * MIB);
}

/* Not all of the address space, but all that can be written counts. */
static const char *recovery_from_no_data_for_small_blocks(void) {
    return start_limited("limited_small", RLIMIT_DATA, 64 * MIB);
}

static const char *recovery_from_no_data_for_large_blocks(void) {
    return start_limited("limited_large", RLIMIT_DATA, 64 * MIB);
}

static const char *no_thread_with_a_larger_stack_than_there_is_room(void) {
    return start_limited("limited_thread", RLIMIT_AS, 48 * MIB);
}

static const char *threads_when_memory_is_out(void) {
    return start_limited("limited_threads", RLIMIT_AS, 64 * MIB);
}

static const char *the_whole_family_when_memory_is_out(void) {
    return start_limited("limited_family", RLIMIT_AS, 64 * MIB);
}

static const char *the_first_call_of_a_thread_when_memory_is_out(void) {
    return start_limited("limited_first_call", RLIMIT_AS, 64 * MIB);
}

static const char *fork_when_memory_is_out(void) {
    return start_limited("limited_fork", RLIMIT_AS, 64 * MIB);
}

static const char *small_frees_by_another_thread_when_memory_is_out(void) {
    return start_limited("limited_foreign_small", RLIMIT_AS, 64 * MIB);
}

static const char *middle_frees_by_another_thread_when_memory_is_out(void) {
    return start_limited("limited_foreign_middle", RLIMIT_AS, 64 * MIB);
}

/* Memory that is locked cannot be given back page by page: what is kept instead is not zero. */
static const char *locked_memory(void) {
    const struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0 || mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
        return "SKIP memory cannot be locked here";
    for (size_t size = 100; size < 3 * MIB; size = size * 5 / 2) {
        unsigned char *dirty[4], *clean[4];
        for (size_t i = 0; i < 4; i++) {
            dirty[i] = malloc(size);
            EXPECT(dirty[i]);
            memset(dirty[i], 1, size);
        }
        for (size_t i = 0; i < 4; i++)
            free(dirty[i]);
        malloc_trim(0);
        for (size_t i = 0; i < 4; i++) {
            clean[i] = calloc(size, 1);
            EXPECT(clean[i] && clean[i][0] == 0 && memcmp(clean[i], clean[i] + 1, size - 1) == 0);
        }
        for (size_t i = 0; i < 4; i++)
            free(clean[i]);
    }
    EXPECT(churn(9, 1000, 100000));
    return NULL;
}

int main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < sizeof limited / sizeof *limited; i++)
        if (strcmp(argv[1], limited[i].name) == 0)
            tap_child(&limited[i]);
    static const tap_case tests[] = {
        TAP_CASE(recovery_from_no_room_for_small_blocks),
        TAP_CASE(recovery_from_no_room_for_middle_blocks),
        TAP_CASE(recovery_from_no_room_for_large_blocks),
        TAP_CASE(recovery_from_no_data_for_small_blocks),
        TAP_CASE(recovery_from_no_data_for_large_blocks),
        TAP_CASE(no_thread_with_a_larger_stack_than_there_is_room),
        TAP_CASE(threads_when_memory_is_out),
        TAP_CASE(the_whole_family_when_memory_is_out),
        TAP_CASE(the_first_call_of_a_thread_when_memory_is_out),
        TAP_CASE(fork_when_memory_is_out),
        TAP_CASE(small_frees_by_another_thread_when_memory_is_out),
        TAP_CASE(middle_frees_by_another_thread_when_memory_is_out),
        TAP_CASE(locked_memory),
    };
    return tap_run(tests, sizeof tests / sizeof *tests);
}
