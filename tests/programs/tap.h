/* SPDX-License-Identifier: MIT
 *
 * tap.h - test cases as TAP lines, for programs that run under a malloc that is itself under test.
 *
 * A case is a function that returns NULL, or the sentence that says what is wrong.  Each runs in a child of its own, so
 * that a crash or a hang is the failure of one case.
 */
#ifndef HY_TAP_H
#define HY_TAP_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAP_SECONDS 40

typedef struct tap_case {
    const char *name;
    const char *(*run)(void);
} tap_case;

#define TAP_CASE(function)                                                                                             \
    { #function, function }

/* "left == right" in the source is what the reader sees. */
#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return "expected " #condition;                                                                             \
    } while (0)

static inline void tap_child(const tap_case *test) {
    alarm(TAP_SECONDS);
    const char *const wrong = test->run();
    if (wrong)
        printf("# %s: %s\n", test->name, wrong);
    fflush(stdout);
    exit(wrong ? 1 : 0);
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
        failed |= status != 0;
        printf("%s %zu - %s\n", status == 0 ? "ok" : "not ok", i + 1, tests[i].name);
    }
    return failed;
}

#endif
