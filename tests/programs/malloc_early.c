/* SPDX-License-Identifier: MIT
 *
 * malloc_early.c - malloc before main and after exit, and where libraries come and go; runs under a preload library.
 *
 * malloc_early VISITOR THROWER: two libraries to open (visitor.c, thrower.cc).  Another one, early.c, is linked.
 */
#include "blocks.h"
#include "churn.h"
#include "early.h"
#include "life.h"
#include "tap.h"

#include <dlfcn.h>
#include <malloc.h>

static const char *visitor_file, *thrower_file;

/* ---------------------------------------------------------------------------------------------------- before ---- */

static const char *constructors_allocate_fork_and_start_threads(void) {
    EXPECT(early_constructed);
    for (size_t i = 0; i < EARLY_BLOCKS; i++) {
        EXPECT(filled(early_blocks[i], early_size(i), (unsigned)i));
        EXPECT(malloc_usable_size(early_blocks[i]) >= early_size(i));
    }
    return NULL;
}

static const char *blocks_of_constructors_are_like_others(void) {
    for (size_t i = 0; i < EARLY_BLOCKS; i++) {
        early_blocks[i] = realloc(early_blocks[i], i % 2 ? 100000 : 10);
        EXPECT(early_blocks[i]);
        EXPECT(filled(early_blocks[i], early_size(i) < 10 ? early_size(i) : 10, (unsigned)i));
        free(early_blocks[i]);
        early_blocks[i] = NULL;
    }
    return NULL;
}

static bool stop_now;

/* They run while malloc is at rest for the fork: the worst moment to call it. */
static const char *fork_handlers_from_before_the_first_malloc_may_allocate(void) {
    pthread_t thread;
    void *wrong = NULL;
    EXPECT(pthread_create(&thread, NULL, churn_until_stopped, &stop_now) == 0);
    early_handlers = true;
    for (int i = 0; i < 20; i++) {
        const pid_t child = fork();
        if (child == 0)
            _exit(churn(5, 500, 3000) && !early_handlers_failed ? 0 : 1);
        EXPECT(child_ended_well(child) && !early_handlers_failed);
        EXPECT(churn(6, 500, 3000));
    }
    __atomic_store_n(&stop_now, true, __ATOMIC_RELAXED);
    pthread_join(thread, &wrong);
    return wrong;
}

static void *fork_in_thread(void *unused) {
    (void)unused;
    const pid_t child = fork();
    if (child == 0)
        _exit(early_handlers_failed ? 1 : 0);
    return child_ended_well(child) ? NULL : "a child did not end well";
}

/* That never called malloc before. */
static const char *such_handlers_run_in_new_threads_too(void) {
    early_handlers = true;
    for (int i = 0; i < 10; i++) {
        const char *const wrong = run_threads(fork_in_thread, 3, NULL);
        if (wrong)
            return wrong;
    }
    EXPECT(!early_handlers_failed);
    return NULL;
}

/* ----------------------------------------------------------------------------------------------------- after ---- */

static void churn_at_exit(void) {
    if (!churn(9, 1000, 5000))
        _exit(1);
}

static void *end_after_main(void *main_thread) {
    pthread_join(*(pthread_t *)main_thread, NULL);
    if (!churn(10, 1000, 3000))
        _exit(1);
    return NULL;
}

/* Lives through exit in a child, and says whether the last destructor did. */
static const char *end_of_a_child(void (*life)(void)) {
    int ends[2];
    char byte = 1;
    EXPECT(pipe(ends) == 0);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(TAP_SECONDS);
        early_file = ends[1];
        if (atexit(churn_at_exit) == 0)
            life();
        _exit(1);
    }
    EXPECT(child_ended_well(child));
    close(ends[1]);
    EXPECT(read(ends[0], &byte, 1) == 1 && byte == 0);
    close(ends[0]);
    return NULL;
}

static void life_to_exit(void) {
    exit(0);
}

static pthread_t main_thread;

static void life_to_the_last_thread(void) {
    pthread_t thread;
    main_thread = pthread_self();
    if (pthread_create(&thread, NULL, end_after_main, &main_thread) == 0)
        pthread_exit(NULL);
}

static void *exit_now(void *unused) {
    (void)unused;
    free(malloc(100));
    exit(0);
}

static void life_to_exit_in_a_thread(void) {
    pthread_t busy, thread;
    if (pthread_create(&busy, NULL, churn_until_stopped, &stop_now) == 0 &&
        pthread_create(&thread, NULL, exit_now, NULL) == 0)
        pthread_join(busy, NULL);
}

static const char *the_last_destructor_allocates_and_frees(void) {
    return end_of_a_child(life_to_exit);
}

/* exit runs in a thread whose own destructors have run. */
static const char *the_main_thread_may_end_first(void) {
    return end_of_a_child(life_to_the_last_thread);
}

static const char *any_thread_may_call_exit(void) {
    return end_of_a_child(life_to_exit_in_a_thread);
}

/* -------------------------------------------------------------------------------------------------- libraries ---- */

static void *handle_of_the_visitor;

static void *touch_visitor(void *value) {
    bool (*const touch)(unsigned char) = (bool (*)(unsigned char))dlsym(handle_of_the_visitor, "visitor_touch");
    return touch && touch((unsigned char)(uintptr_t)value) ? NULL : "memory of a thread in a library is not zero";
}

static const char *libraries_with_memory_for_each_thread(void) {
    size_t before = 0;
    for (int i = 0; i < 300; i++) {
        if (i == 100)
            before = resident();
        handle_of_the_visitor = dlopen(visitor_file, RTLD_NOW | RTLD_LOCAL);
        EXPECT(handle_of_the_visitor);
        const char *const wrong = run_threads(touch_visitor, 2, NULL);
        if (wrong)
            return wrong;
        EXPECT(!touch_visitor(&before) && dlclose(handle_of_the_visitor) == 0);
    }
    EXPECT(resident() < before + ((size_t)1 << 20));
    return NULL;
}

static void *look_in_vain(void *unused) {
    (void)unused;
    if (dlsym(RTLD_DEFAULT, "no_such_function") || dlopen("/no/such/library.so", RTLD_NOW))
        return "something was found that is not there";
    return NULL; /* what dlerror would say is freed as the last of the thread */
}

static const char *errors_of_dlsym_die_with_their_thread(void) {
    size_t before = 0;
    for (int i = 0; i < 1000; i++) {
        if (i == 200)
            before = resident();
        const char *const wrong = run_threads(look_in_vain, 1, NULL);
        if (wrong)
            return wrong;
    }
    EXPECT(resident() < before + ((size_t)1 << 20));
    return NULL;
}

/* The C++ runtime is not among the program's own libraries: operator new must find it to throw. */
static const char *a_library_catches_bad_alloc(void) {
    void *const handle = dlopen(thrower_file, RTLD_NOW | RTLD_LOCAL);
    EXPECT(handle);
    const char *(*const wrong)(void) = (const char *(*)(void))dlsym(handle, "thrower_wrong");
    EXPECT(wrong);
    const char *const sentence = wrong();
    EXPECT(sentence || dlclose(handle) == 0);
    return sentence;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    visitor_file = argv[1];
    thrower_file = argv[2];
    static const tap_case tests[] = {
        TAP_CASE(constructors_allocate_fork_and_start_threads),
        TAP_CASE(blocks_of_constructors_are_like_others),
        TAP_REUSE_CASE(fork_handlers_from_before_the_first_malloc_may_allocate),
        TAP_CASE(such_handlers_run_in_new_threads_too),
        TAP_CASE(the_last_destructor_allocates_and_frees),
        TAP_CASE(the_main_thread_may_end_first),
        TAP_REUSE_CASE(any_thread_may_call_exit),
        TAP_REUSE_CASE(libraries_with_memory_for_each_thread),
        TAP_REUSE_CASE(errors_of_dlsym_die_with_their_thread),
        TAP_CASE(a_library_catches_bad_alloc),
    };
    return tap_run(tests, sizeof tests / sizeof *tests);
}
