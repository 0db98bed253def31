/* SPDX-License-Identifier: MIT
 *
 * malloc_limits.c - malloc when memory is out, and afterwards; runs under a preload library.
 */
#include "churn.h"
#include "tap.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>

static void *idle_thread(void *unused) {
    return unused;
}

/* Heaps may reserve address space beforehand, so the limit holds from the start of a program: this one anew, which runs
 * the case below of that name.  Replaces the calling child. */
static const char *start_limited(const char *name, size_t bytes) {
    const struct rlimit limit = {bytes, bytes};
    EXPECT(setrlimit(RLIMIT_AS, &limit) == 0);
    fflush(stdout);
    execl("/proc/self/exe", "malloc_limits", name, (char *)NULL);
    return "the program could not start itself";
}

/* A chain of blocks until there is no room; their number.  All are freed. */
static size_t exhaust(size_t size, int *ret_errno) {
    void **chain = NULL;
    size_t count = 0;
    for (;; count++) {
        errno = 0;
        void **const block = malloc(size);
        if (!block)
            break;
        *block = chain;
        chain = block;
    }
    *ret_errno = errno;
    while (chain) {
        void **const next = *chain;
        free(chain);
        chain = next;
    }
    return count;
}

/* No room, everything freed, and as much room again (for the same size: not every allocator joins small blocks). */
static const char *exhaust_twice(size_t size) {
    int error = 0;
    EXPECT(churn(1, 1000, 1000));
    const size_t first = exhaust(size, &error);
    EXPECT(error == ENOMEM);
    EXPECT(first * size > (size_t)16 << 20);
    const size_t second = exhaust(size, &error);
    EXPECT(error == ENOMEM);
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

static const tap_case limited[] = {TAP_CASE(limited_small), TAP_CASE(limited_middle), TAP_CASE(limited_large),
                                   TAP_CASE(limited_thread)};

static const char *recovery_from_no_room_for_small_blocks(void) {
    return start_limited("limited_small", (size_t)96 << 20);
}

static const char *recovery_from_no_room_for_middle_blocks(void) {
    return start_limited("limited_middle", (size_t)96 << 20);
}

static const char *recovery_from_no_room_for_large_blocks(void) {
    return start_limited("limited_large", (size_t)96 << 20);
}

static const char *no_thread_when_memory_is_out(void) {
    return start_limited("limited_thread", (size_t)48 << 20);
}

int main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < sizeof limited / sizeof *limited; i++)
        if (strcmp(argv[1], limited[i].name) == 0)
            tap_child(&limited[i]);
    static const tap_case tests[] = {
        TAP_CASE(recovery_from_no_room_for_small_blocks),
        TAP_CASE(recovery_from_no_room_for_middle_blocks),
        TAP_CASE(recovery_from_no_room_for_large_blocks),
        TAP_CASE(no_thread_when_memory_is_out),
    };
    return tap_run(tests, sizeof tests / sizeof *tests);
}
