/* SPDX-License-Identifier: MIT
 *
 * tap.h - test cases as TAP lines, for programs that run under a malloc that is itself under test.
 *
 * A case is a function that returns NULL, or the sentence that says what is wrong; "SKIP ..." says what
 * cannot be here.  Each runs in a child of its own, so that a crash or a hang is the failure of one case.
 */
#ifndef HY_TAP_H
#define HY_TAP_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAP_SECONDS 40

/* The exit code of a case that cannot run here. */
#define TAP_SKIPPED 77

/* The argument with which a program runs its cases once more, in so little address space that no heap can reserve what
 * it would like to. */
#define TAP_LIMITED "limited"
#define TAP_ADDRESS_SPACE ((size_t)256 << 20)

typedef struct tap_case {
    const char *name;
    const char *(*run)(void);
    bool reuse; /* skipped where TAP_NO_REUSE is in the environment: memory must come back after free */
} tap_case;

#define TAP_NO_REUSE "HEAPYARD_TEST_NO_REUSE"

#define TAP_CASE(function)                                                                                             \
    { #function, function, false }
#define TAP_REUSE_CASE(function)                                                                                       \
    { #function, function, true }

/* "left == right" in the source is what the reader sees. */
#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return "expected " #condition;                                                                             \
    } while (0)

static inline void tap_child(const tap_case *test) {
    alarm(TAP_SECONDS);
    const char *const wrong =
        test->reuse && getenv(TAP_NO_REUSE) ? "SKIP this allocator never reuses memory" : test->run();
    if (wrong)
        printf("# %s: %s\n", test->name, wrong);
    fflush(stdout);
    exit(!wrong ? 0 : strncmp(wrong, "SKIP ", 5) == 0 ? TAP_SKIPPED : 1);
}

/* Starts this program anew under a limit, for heaps may reserve address space as soon as they are there.  Returns on
 * failure only. */
static inline void tap_restart(int resource, size_t bytes, const char *name) {
    const struct rlimit limit = {bytes, bytes};
    fflush(stdout);
    if (setrlimit((__rlimit_resource_t)resource, &limit) == 0)
        execl("/proc/self/exe", "malloc", name, (char *)NULL);
}

static inline bool tap_is_limited(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur == TAP_ADDRESS_SPACE;
}

/* To be called first in main. */
static inline void tap_limit(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], TAP_LIMITED) == 0 && !tap_is_limited()) {
        tap_restart(RLIMIT_AS, TAP_ADDRESS_SPACE, TAP_LIMITED);
        exit(1);
    }
}

/* Runs all cases; the exit code of the program. */
static inline int tap_run(const tap_case *tests, size_t count) {
    int failed = 0;
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        int status = 0;
        fflush(stdout);
        const pid_t child = fork();
        if (child == 0)
            tap_child(&tests[i]);
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status))
            printf("# %s: ended by signal %d (%s)\n", tests[i].name, WTERMSIG(status), strsignal(WTERMSIG(status)));
        const bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == TAP_SKIPPED;
        failed |= status != 0 && !skipped;
        printf("%s %zu - %s%s\n", status == 0 || skipped ? "ok" : "not ok", i + 1, tests[i].name,
               skipped ? " # SKIP not here" : "");
    }
    return failed;
}

#endif
