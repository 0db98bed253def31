/* SPDX-License-Identifier: MIT
 *
 * Every call of the family, and odd moments to call it.
 */
#include "recorded.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* The frees that libc does not declare, found as a program would that knows them only at run time. */
static void free_by_other_names(void) {
    void (*const old)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, "cfree");
    void (*const sized)(void *, size_t) = (void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "free_sized");
    void (*const aligned)(void *, size_t, size_t) =
        (void (*)(void *, size_t, size_t))dlsym(RTLD_DEFAULT, "free_aligned_sized");
    if (!old || !sized || !aligned)
        give_up("a free is missing");
    old(keep(malloc(7039)));
    sized(keep(malloc(7043)), 7043);
    aligned(keep(aligned_alloc(64, 7168)), 64, 7168);
    sized(NULL, 0);
    expect("free", 7039, 1);
    expect("free", 7043, 1);
    expect("free", 7168, 1);
}

static void run_family(const char *argument) {
    void *block = NULL;
    free_by_other_names();
    free(keep(malloc(7001)));
    free(keep(calloc(7, 1009)));
    free(keep(aligned_alloc(64, 7104)));
    free(keep(memalign(256, 7009)));
    if (posix_memalign(&block, 4096, 7013) != 0)
        give_up("posix_memalign");
    free(keep(block));
    free(keep(valloc(7019)));
    free(keep(pvalloc(7027)));
    free(keep(reallocarray(NULL, 7, 1021)));
    free(NULL);
    expect("malloc", 7001, 1);
    expect("free", 7001, 1);
    expect("calloc", 7063, 1);
    expect("free", 7063, 1);
    expect("aligned", 7104, 1);
    expect("aligned", 7009, 1);
    expect("aligned", 7013, 1);
    expect("aligned", 7019, 1);
    expect("aligned", 8192, 1);
    expect("free", 8192, 1);
    expect("malloc", 7147, 1);
    expect("free", 7147, 1);
    expect("calloc", 33081, 1); /* before main */
    expect("malloc", 33091, 1); /* after it */
    expect("free", 33091, 1);
}

static void run_realloc(const char *argument) {
    char *block = keep(realloc(NULL, 8011));
    memset(block, 'x', 8011);
    block = keep(realloc(block, 80021));
    block = keep(realloc(block, 8039));
    if (block[8010] != 'x')
        give_up("realloc lost the contents");
    volatile size_t huge = PTRDIFF_MAX;
    errno = 0;
    if (realloc(block, huge) || errno != ENOMEM)
        give_up("a huge realloc succeeded");
    block = keep(reallocarray(block, 3, 8053));
    block = keep(realloc(block, 0));
    if (block)
        give_up("realloc to 0 gave a block");
    expect("malloc", 8011, 1);
    expect("realloc", 80021, 1);
    expect("realloc", 8039, 1);
    expect("realloc", 24159, 1);
    expect("realloc", (size_t)PTRDIFF_MAX, 0);
    expect("free", 24159, 1);
    expect("free", 8011, 0);
}

static void run_failures(const char *argument) {
    volatile size_t huge = SIZE_MAX / 2;
    void *block = NULL;
    errno = 0;
    if (malloc(huge) || errno != ENOMEM || calloc(huge, 3) || posix_memalign(&block, 3, 8) != EINVAL || block)
        give_up("an impossible request succeeded");
    errno = 77;
    free(keep(malloc(8081)));
    if (errno != 77)
        give_up("errno changed");
    expect("malloc", huge, 0);
    expect("malloc", 8081, 1);
}

/* More events than a ring holds, many times over: stalls must lose nothing. */
static void run_many(const char *argument) {
    static void *blocks[64];
    for (size_t i = 0; i < 300000; i++) {
        free(blocks[i % 64]);
        blocks[i % 64] = malloc(9001 + 2 * (i % 3));
    }
    for (size_t i = 0; i < 64; i++)
        free(blocks[i]);
    for (size_t i = 0; i < 3; i++) {
        expect("malloc", 9001 + 2 * i, 100000);
        expect("free", 9001 + 2 * i, 100000);
    }
}

static void run_dlopen(const char *library) {
    for (int i = 0; i < 20; i++) {
        void *const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
        if (!handle)
            give_up(dlerror());
        void *(*make)(void) = (void *(*)(void))dlsym(handle, "make");
        if (dlsym(handle, "no_such_symbol") || !dlerror())
            give_up("dlsym");
        free(make());
        dlclose(handle);
    }
    expect("malloc", 12007, 20);
    expect("free", 12007, 20);
}

static void on_alarm(int number) {
    (void)number;
}

/* Signals interrupt the recorder at any place; their handler allocates nothing. */
static void run_signals(const char *argument) {
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGPROF, &action, NULL);
    for (size_t i = 0; i < 20000; i++) {
        void *const block = keep(malloc(13001));
        if (i % 16 == 0)
            raise(SIGPROF);
        free(block);
    }
    expect("malloc", 13001, 20000);
    expect("free", 13001, 20000);
}

/* The address space is smaller than the shared memory. */
static void run_limited(const char *argument) {
    free(keep(malloc(14009)));
    expect("malloc", 14009, 1);
    expect("free", 14009, 1);
}

static void run_crash(const char *argument) {
    for (size_t i = 0; i < 1000; i++)
        keep(malloc(15013));
    expect("malloc", 15013, 1000);
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

/* Counts in memory that outlives it, until it is killed. */
static void run_endless(const char *file) {
    (void)file;
    volatile uint64_t *const count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, STDIN_FILENO, 0);
    if (count == MAP_FAILED)
        give_up("mmap");
    count[2] = (uint64_t)getpid();
    for (;;) {
        void *const block = keep(malloc(16001));
        count[0]++;
        free(block);
        count[1]++;
    }
}

const recorded_mode recorded_calls[] = {{"family", run_family},     {"realloc", run_realloc},
                                        {"failures", run_failures}, {"many", run_many},
                                        {"dlopen", run_dlopen},     {"signals", run_signals},
                                        {"limited", run_limited},   {"crash", run_crash},
                                        {"endless", run_endless},   {NULL, NULL}};
