/* SPDX-License-Identifier: MIT
 *
 * stress_fail.c - the last words of a process under stress (see stress_fail.h).
 */
#include "stress_fail.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Thread_local stress_place stress_here;

static uint64_t fail_seed;
static const char *fail_title;
static pid_t fail_first; /* the process that speaks TAP */
static bool fail_said;

static void say(int file, const char *text) {
    const ssize_t ignored = write(file, text, strlen(text));
    (void)ignored;
}

static void say_place(const char *what) {
    char line[512];
    const stress_place *const at = &stress_here;
    snprintf(line, sizeof line,
             "# seed %llu, seat %u, life %u, operation %llu, process %d, in %s: ", (unsigned long long)fail_seed,
             at->seat, at->life, (unsigned long long)at->operation, (int)getpid(), at->call ? at->call : "no call");
    say(STDERR_FILENO, line);
    say(STDERR_FILENO, what);
    say(STDERR_FILENO, "\n");
    if (getpid() == fail_first) {
        say(STDOUT_FILENO, "not ok - ");
        say(STDOUT_FILENO, fail_title);
        say(STDOUT_FILENO, "\n");
    }
}

static void last_words(int number) {
    if (!__atomic_exchange_n(&fail_said, true, __ATOMIC_RELAXED))
        say_place(number == SIGABRT   ? "the library ended the process"
                  : number == SIGALRM ? "nothing moved any more: a hang"
                                      : "a crash");
    signal(number, SIG_DFL);
    raise(number); /* so that the parent sees it */
}

void stress_fail_init(uint64_t seed, const char *title) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM};
    const struct sigaction action = {.sa_handler = last_words};
    fail_seed = seed;
    fail_title = title;
    fail_first = getpid();
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

void stress_fail(const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (!__atomic_exchange_n(&fail_said, true, __ATOMIC_RELAXED))
        say_place(text);
    abort();
}

void stress_tap(bool good, unsigned number, const char *name) {
    char line[256];
    snprintf(line, sizeof line, "%s %u - %s\n", good ? "ok" : "not ok", number, name);
    say(STDOUT_FILENO, line);
}
