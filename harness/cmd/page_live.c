/* SPDX-License-Identifier: MIT
 *
 * page_live.c - `heapyard page live`: a real workload in less memory than it needs.
 */
#include "page_live.h"

#include "shell_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* The references of the workload, as the first run that logged them did; it makes the same with every policy. */
typedef struct live_string {
    hy_page_reference *ref;
    uint64_t count;
} live_string;

static hy_live_job live_job(const live_options *o, const hy_pager_choice *policy, uint64_t frames) {
    return (hy_live_job){.workload = o->workload,
                         .setup = {.seed = o->seed,
                                   .threads = o->threads,
                                   .rounds = o->rounds,
                                   .reference = o->string,
                                   .references = o->references},
                         .program = o->program,
                         .library = o->libraries,
                         .spec = o->serving.settings[0] ? o->serving.settings : NULL,
                         .environment = o->program ? &o->serving.environment : NULL,
                         .policy = policy,
                         .pages = o->pages,
                         .frames = frames,
                         .sample = o->hearing == HY_HEARING_SAMPLE ? o->sample : 0,
                         .log = !o->no_log,
                         .hear = o->hearing == HY_HEARING_ALL,
                         .timed = o->threads == 1,
                         .pin = o->threads == 1 && !o->no_pin,
                         .folder = o->folder};
}

static int live_fail(int r, const hy_error *error) {
    cmd_fail("%s", error->text);
    return r == -ENOTSUP ? HY_EXIT_CANNOT : HY_EXIT_INPUT;
}

static void live_keep_string(live_string *string, const hy_board *board) {
    if (string->ref)
        return;
    string->ref = malloc((board->references + 1) * sizeof *string->ref);
    if (!string->ref)
        abort();
    memcpy(string->ref, board->log, board->references * sizeof *string->ref);
    string->count = board->references;
}

/* A run under FIFO tells who must know what will come. */
static int live_foresee(const live_options *o, uint64_t frames, live_string *string) {
    static hy_pager_choice fifo;
    hy_error error;
    if (string->ref)
        return 0;
    hy_live_outcome *const outcome = calloc(1, sizeof *outcome);
    if (!outcome || hy_pager_choose((hy_text){"fifo", 4}, &fifo, &error) < 0)
        abort();
    const hy_live_job job = live_job(o, &fifo, frames);
    const int r = hy_live_run(&job, outcome, &error);
    if (r == 0) {
        live_keep_string(string, outcome->board);
        hy_live_forget(outcome);
    }
    free(outcome);
    return r < 0 ? live_fail(r, &error) : 0;
}

/* Takes what is wanted from the outcome, and simulates its string. */
static int live_judge(const hy_live_job *job, live_row *row, hy_error *error) {
    const hy_board *const board = row->outcome->board;
    hy_error wrong = {""};
    if (job->workload) {
        row->right = hy_live_is_right(row->outcome, &wrong);
        snprintf(row->said, sizeof row->said, "%s", row->right ? board->said : wrong.text);
        memcpy(row->seen, board->seen, sizeof board->seen);
    } else {
        const int status = row->outcome->status;
        row->right = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        snprintf(row->said, sizeof row->said, "%s %d", WIFSIGNALED(status) ? "signal" : "exit code",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    row->references = board->references;
    row->simulated = job->log && row->right;
    if (!row->simulated)
        return 0;
    return hy_paging_simulate(job->policy->ops, job->policy->params, (uint32_t)job->frames, board->log,
                              board->references, &row->simulation, error);
}

static int live_run_one(const live_options *o, live_row *row, live_string *string) {
    hy_error error;
    hy_live_job job = live_job(o, row->policy, row->frames);
    if (row->policy->ops->flags & HY_PAGER_OFFLINE) {
        const int r = live_foresee(o, row->frames, string);
        if (r != 0)
            return r;
        job.future = string->ref;
        job.futures = string->count;
    }
    row->hearing = o->hearing;
    row->outcome = calloc(1, sizeof *row->outcome);
    row->seen = calloc(HY_SERVED_KINDS, sizeof *row->seen);
    if (!row->outcome || !row->seen)
        return cmd_fail("no memory for the figures of a run");
    int r = hy_live_run(&job, row->outcome, &error);
    if (r == 0) {
        r = live_judge(&job, row, &error);
        if (job.log)
            live_keep_string(string, row->outcome->board);
        hy_live_forget(row->outcome);
    }
    return r < 0 ? live_fail(r, &error) : 0;
}

/* With the simulator, on the same references. */
static int live_compare(const live_row *row) {
    const hy_live_counts *const counts = &row->outcome->counts;
    const struct {
        const char *name;
        uint64_t live, simulated;
    } each[] = {{"faults", counts->missing, row->simulation.faults},
                {"evictions", counts->evictions, row->simulation.evictions},
                {"write-backs", counts->write_backs, row->simulation.writebacks}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        if (each[i].live != each[i].simulated) {
            cmd_fail("%s with %llu frames: %llu %s, but the simulator has %llu", row->policy->spec,
                     (unsigned long long)row->frames, (unsigned long long)each[i].live, each[i].name,
                     (unsigned long long)each[i].simulated);
            return HY_EXIT_MEASURED;
        }
    return HY_EXIT_OK;
}

/* HY_EXIT_OK, or HY_EXIT_MEASURED with the first thing that is not as it must be. */
static int live_check(const live_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const live_row *const row = &rows[i];
        if (!row->right) {
            cmd_fail("%s with %llu frames: %s", row->policy->spec, (unsigned long long)row->frames, row->said);
            return HY_EXIT_MEASURED;
        }
        const int r = row->simulated && row->hearing == HY_HEARING_ALL ? live_compare(row) : HY_EXIT_OK;
        if (r != HY_EXIT_OK)
            return r;
    }
    return HY_EXIT_OK;
}

static int live_run_all(const live_options *o, live_row *rows, size_t *ret_count) {
    live_string string = {NULL, 0};
    int r = 0;
    for (size_t p = 0; r == 0 && p < o->policies; p++)
        for (size_t f = 0; r == 0 && f < o->frame_counts; f++) {
            live_row *const row = &rows[(*ret_count)++];
            row->policy = &o->policy[p];
            row->frames = o->frames[f];
            r = live_run_one(o, row, &string);
        }
    free(string.ref);
    return r;
}

static int live_tell(const live_options *o, const live_row *rows, size_t count) {
    int r = live_print(o, rows, count);
    if (r == 0 && o->page)
        r = live_write_page(o, rows, count);
    return r != 0 ? r : live_check(rows, count);
}

int page_live(int argc, char **argv) {
    char typed[1024];
    live_options o;
    size_t count = 0;
    snprintf(typed, sizeof typed, "heapyard %s", argv[0]);
    for (int i = 1; i < argc; i++)
        hy_shell_add(typed, sizeof typed, argv[i]);
    int r = live_open_options(&o);
    o.command = typed;
    if (r == 0)
        r = live_parse(argc, argv, &o);
    live_row *const rows = calloc(o.policies * o.frame_counts + 1, sizeof *rows);
    if (r == 0)
        r = rows ? live_run_all(&o, rows, &count) : cmd_fail("no memory for the figures of all runs");
    if (r == 0)
        r = live_tell(&o, rows, count);
    for (size_t i = 0; i < count; i++) {
        free(rows[i].outcome);
        free(rows[i].seen);
    }
    free(rows);
    live_close_options(&o);
    return r;
}
