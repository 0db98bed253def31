/* SPDX-License-Identifier: MIT */
#include "signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t signals_pending; /* to be forwarded */
static volatile sig_atomic_t signals_count;

/* The terminal sends Ctrl-C to the program as well; what comes from elsewhere is passed on. */
static void signals_on_end(int number, siginfo_t *info, void *context) {
    signals_count = signals_count + 1;
    if (info->si_code <= 0)
        signals_pending = number;
}

/* Does nothing but interrupt a sleep. */
static void signals_on_child(int number) {
}

void hy_signals_catch(void) {
    struct sigaction caught = {.sa_sigaction = signals_on_end, .sa_flags = SA_SIGINFO};
    const struct sigaction child = {.sa_handler = signals_on_child, .sa_flags = SA_NOCLDSTOP};
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &caught, NULL);
    sigaction(SIGCHLD, &child, NULL);
}

void hy_signals_forward(pid_t pid) {
    const int number = signals_pending;
    signals_pending = 0;
    if (number)
        kill(pid, number);
}

int hy_signals_asked(void) {
    return signals_count;
}
