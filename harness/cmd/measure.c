/* SPDX-License-Identifier: MIT
 *
 * measure.c - a campaign run for a person: the store, signals, warnings, a bar on a terminal, the answer.
 */
#include "measure.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number) {
    stopped = signal_number;
}

const volatile sig_atomic_t *cmd_listen_for_stop(void) {
    const struct sigaction action = {.sa_handler = on_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is a failed write, with its sentence */
    return &stopped;
}

/* "[#####.....] 45/110  first-fit on python, latency, 1 min 20 s left" */
void cmd_show_bar(size_t done, size_t total, uint64_t left_ns, const char *doing) {
    enum { WIDTH = 24 };
    const size_t full = total ? done * WIDTH / total : WIDTH;
    char bar[WIDTH + 1], left[64] = "";
    if (!isatty(STDERR_FILENO))
        return;
    for (size_t i = 0; i < WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[WIDTH] = '\0';
    const unsigned long long seconds = left_ns / 1000000000u;
    if (left_ns && seconds >= 60)
        snprintf(left, sizeof left, ", %llu min %llu s left", seconds / 60, seconds % 60);
    else if (left_ns)
        snprintf(left, sizeof left, ", %llu s left", seconds + 1);
    fprintf(stderr, "\r\033[K[%s] %zu/%zu", bar, done, total);
    doing ? fprintf(stderr, "  %s%s", doing, left) : fputc('\n', stderr);
}

static void show_progress(void *context, const hy_progress *p) {
    char doing[512];
    (void)context;
    snprintf(doing, sizeof doing, "%s on %s, %s", p->spec, p->trace, p->pass);
    cmd_show_bar(p->done, p->total, p->left, p->spec[0] ? doing : NULL);
}

static void warn(void *context, const char *sentence) {
    (void)context;
    cmd_warn(sentence);
}

static int measure(hy_replay_options *o, hy_store *store, cmd_answer *answer, void *context) {
    hy_error error;
    hy_campaign_end end;
    o->plan.stop = cmd_listen_for_stop();
    o->plan.warn = warn;
    o->plan.show_progress = isatty(STDERR_FILENO) ? show_progress : NULL;
    if (hy_campaign_run(&o->plan, store, &end, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = end.measured || !end.missing ? answer(context, store, &end) : HY_EXIT_INPUT;
    free(end.traces);
    if (!end.missing && !end.open)
        return r;
    fprintf(stderr, "heapyard: stopped with %zu of %zu%s cells in %s; the same command with --resume goes on\n",
            end.cells - end.missing, end.cells, end.open ? " or more" : "", o->database);
    return 128 + (int)stopped;
}

int cmd_measure(hy_replay_options *options, cmd_answer *answer, void *context) {
    hy_store *store = NULL;
    hy_error error;
    if (hy_store_open(options->database, true, &store, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = measure(options, store, answer, context);
    hy_store_close(store);
    return r;
}
