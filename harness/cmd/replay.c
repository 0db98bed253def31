/* SPDX-License-Identifier: MIT
 *
 * replay.c - `heapyard replay`: traces on allocators, measured, stored, and told in a table and a sentence.
 */
#include "replay_options.h"
#include "replay_print.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number) {
    stopped = signal_number;
}

static void listen_for_stop(void) {
    const struct sigaction action = {.sa_handler = on_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* "[#####.....] 45/110  first-fit on python, latency, 1 min 20 s left" */
static void show_progress(void *context, const hy_progress *p) {
    (void)context;
    enum { WIDTH = 24 };
    const size_t full = p->total ? p->done * WIDTH / p->total : WIDTH;
    char bar[WIDTH + 1], left[64] = "";
    for (size_t i = 0; i < WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[WIDTH] = '\0';
    const unsigned long long seconds = p->left / 1000000000u;
    if (p->left && seconds >= 60)
        snprintf(left, sizeof left, ", %llu min %llu s left", seconds / 60, seconds % 60);
    else if (p->left)
        snprintf(left, sizeof left, ", %llu s left", seconds + 1);
    fprintf(stderr, "\r\033[K[%s] %zu/%zu", bar, p->done, p->total);
    if (p->spec[0])
        fprintf(stderr, "  %s on %s, %s%s", p->spec, p->trace, p->pass, left);
    else
        fputc('\n', stderr);
}

static void warn(void *context, const char *sentence) {
    (void)context;
    fprintf(stderr, "heapyard: warning: %s\n", sentence);
}

static bool something_failed(const hy_rows *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rows[i].count; j++)
            if (rows[i].row[j].failed)
                return true;
    return false;
}

static int answer(const hy_replay_options *o, hy_store *store, const hy_campaign_end *end) {
    hy_rows *const rows = calloc(o->trace_count, sizeof *rows);
    hy_error error;
    int r = rows ? 0 : cmd_fail("no memory for the answer");
    size_t count = 0;
    for (; r == 0 && count < o->trace_count; count++)
        if (replay_rows_read(store, end->campaign, end->traces[count], o->specs.text, o->specs.count, &rows[count],
                             &error) < 0)
            r = cmd_fail("%s", error.text);
    if (r == 0)
        replay_print(rows, count, o->format);
    const bool prose = o->format == HY_FORMAT_TEXT || o->format == HY_FORMAT_MARKDOWN;
    for (size_t i = 0; r == 0 && prose && i < count; i++)
        replay_print_sentence(&rows[i]);
    if (r == 0 && something_failed(rows, count))
        r = HY_EXIT_MEASURED;
    for (size_t i = 0; rows && i < count; i++)
        replay_rows_free(&rows[i]);
    free(rows);
    return r;
}

static int measure(hy_replay_options *o, hy_store *store) {
    hy_error error;
    hy_campaign_end end;
    o->plan.stop = &stopped;
    o->plan.warn = warn;
    o->plan.show_progress = isatty(STDERR_FILENO) ? show_progress : NULL;
    listen_for_stop();
    if (hy_campaign_run(&o->plan, store, &end, &error) < 0)
        return cmd_fail("%s", error.text);
    int r = end.measured || !end.missing ? answer(o, store, &end) : HY_EXIT_INPUT;
    free(end.traces);
    if (!end.missing)
        return r;
    fprintf(stderr, "heapyard: stopped with %zu of %zu cells in %s; the same command with --resume goes on\n",
            end.cells - end.missing, end.cells, o->database);
    return 128 + (int)stopped;
}

static int run(int argc, char **argv) {
    hy_replay_options options;
    hy_store *store = NULL;
    hy_error error;
    int r = replay_options_read(argc, argv, &options);
    if (r == 0 && hy_store_open(options.database, true, &store, &error) < 0)
        r = cmd_fail("%s", error.text);
    if (r == 0)
        r = measure(&options, store);
    hy_store_close(store);
    replay_options_free(&options);
    return r;
}

const hy_command cmd_replay = {
    .name = "replay",
    .family = "measure",
    .usage = "replay TRACE… -a SPEC,…",
    .summary = "traces on allocators: time, latency, footprint",
    .examples = {"heapyard replay traces/python.hyt", "heapyard replay t.hyt -a first-fit,jemalloc -r 20",
                 "heapyard replay t.hyt -a ./my.so --verify --pass footprint", NULL},
    .run = run,
};
