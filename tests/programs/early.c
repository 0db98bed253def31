/* SPDX-License-Identifier: MIT
 *
 * early.c - a library that calls malloc before main and after exit (see early.h).
 *
 * What is preloaded is initialized after the libraries that a program is linked with, so this constructor runs before
 * all of the malloc under test, and this destructor after.
 */
#include "early.h"

#include "blocks.h"
#include "churn.h"
#include "life.h"

#include <dlfcn.h>
#include <string.h>

#define SHOWN __attribute__((visibility("default")))

SHOWN unsigned char *early_blocks[EARLY_BLOCKS];
SHOWN bool early_constructed, early_handlers, early_handlers_failed;
SHOWN int early_file = -1;

static void *block_of_the_handler;

static void allocate_in_handler(void) {
    if (!early_handlers)
        return;
    block_of_the_handler = realloc(block_of_the_handler, 100000);
    void *const zeros = calloc(3, 100), *const aligned = aligned_alloc(256, 100);
    early_handlers_failed |= !block_of_the_handler || !zeros || !aligned || !churn(3, 200, 1000);
    free(zeros);
    free(aligned);
}

static void *churn_in_thread(void *seed) {
    return churn((uint32_t)(uintptr_t)seed, 1000, 3000) ? NULL : "a block lost its contents";
}

/* Whether a child that allocates ends well. */
static bool fork_and_churn(void) {
    const pid_t child = fork();
    if (child == 0)
        _exit(churn(2, 1000, 3000) ? 0 : 1);
    return child_ended_well(child);
}

static bool look_for_symbols(void) {
    void *const handle = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
    const bool found = handle && dlsym(handle, "cbrt") && !dlsym(handle, "no_such_function") && dlerror();
    return found && dlclose(handle) == 0;
}

__attribute__((constructor(101))) static void early_construct(void) {
    early_constructed = pthread_atfork(allocate_in_handler, allocate_in_handler, allocate_in_handler) == 0;
    for (size_t i = 0; i < EARLY_BLOCKS; i++) {
        early_blocks[i] = malloc(early_size(i));
        if (early_blocks[i])
            fill(early_blocks[i], early_size(i), (unsigned)i);
        early_constructed &= early_blocks[i] != NULL;
    }
    early_constructed &= look_for_symbols() && !run_threads(churn_in_thread, 2, NULL) && fork_and_churn();
}

__attribute__((destructor(101))) static void early_destruct(void) {
    bool good = churn(4, 2000, 5000);
    for (size_t i = 0; i < EARLY_BLOCKS; i++) {
        good &= filled(early_blocks[i], early_blocks[i] ? early_size(i) : 0, (unsigned)i);
        early_blocks[i] = realloc(early_blocks[i], early_size(i) * 2);
        free(early_blocks[i]);
    }
    if (early_file >= 0 && (!good || write(early_file, "", 1) != 1))
        _exit(1);
}
