/* SPDX-License-Identifier: MIT
 *
 * program_runner.c - see program_runner.h.
 */
#include "program_runner.h"

#include "capture.h"
#include "elfcheck.h"
#include "random.h"
#include "shell.h"
#include "units.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_SAID ((uint64_t)256 << 20) /* what says more may never come to an end; it is kept in memory */

/* ------------------------------------------------------------------------------------------------ preparations ---- */

static int open_streams(hy_program_runner *self, hy_error *error) {
    const hy_program_plan *const plan = self->plan;
    const char *const input = plan->input ? plan->input : "/dev/null";
    self->input = open(input, O_RDONLY | O_CLOEXEC);
    if (self->input < 0)
        return hy_fail(error, -errno, "%s: cannot be read: %s", input, strerror(errno));
    self->output = plan->check.output ? hy_capture_open(error) : open("/dev/null", O_WRONLY | O_CLOEXEC);
    self->complaints = self->output < 0 ? self->output : hy_capture_open(error);
    return self->complaints < 0 ? self->complaints : 0;
}

static int prove_all(hy_program_runner *self, hy_error *error) {
    const hy_program_plan *const plan = self->plan;
    int r = hy_can_preload(plan->argv[0], error);
    self->serving = calloc(plan->spec_count, sizeof *self->serving);
    if (!self->serving)
        abort();
    for (size_t i = 0; r == 0 && i < plan->spec_count; i++) {
        if (plan->serving)
            self->serving[i] = plan->serving[i];
        else
            r = hy_serving_plan(plan->specs[i], &self->serving[i], error);
        self->serving[i].served_by[0] = '\0';
        if (r == 0)
            r = hy_serving_prove(&self->serving[i], plan->argv, error);
    }
    return r;
}

void hy_program_runner_close(hy_program_runner *self) {
    const int fds[] = {self->input, self->output, self->complaints};
    for (size_t i = 0; i < 3; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(self->serving);
    self->serving = NULL;
}

int hy_program_runner_open(const hy_program_plan *plan, hy_program_runner *ret_runner, hy_error *error) {
    hy_program_runner runner = {.plan = plan, .input = -1, .output = -1, .complaints = -1};
    int r = prove_all(&runner, error);
    if (r == 0)
        r = open_streams(&runner, error);
    if (r < 0)
        hy_program_runner_close(&runner);
    else
        *ret_runner = runner;
    return r;
}

/* ---------------------------------------------------------------------------------------------------- one run ---- */

/* 0 to 4080, in steps of a stack's alignment; the numbers of the shuffle are of another seed. */
static unsigned padding_at(const hy_program_runner *self, size_t position) {
    return 16 * (unsigned)hy_random_below(~self->seed, position, 256);
}

/* Everything is as it was before the first run. */
static int clear_up(const hy_program_runner *self, hy_error *error) {
    const hy_program_plan *const plan = self->plan;
    lseek(self->input, 0, SEEK_SET);
    if (plan->check.output)
        hy_capture_clear(self->output);
    hy_capture_clear(self->complaints);
    hy_program_check_clear(&plan->check);
    return plan->before ? hy_run_shell(plan->before, plan->before, -1, -1, error) : 0;
}

/* bindings: see timing.h; NULL: nobody asks. */
static int time_once(const hy_program_runner *self, size_t spec, size_t position, const char *bindings,
                     hy_timing *ret_timing, hy_error *error) {
    const hy_timing_order order = {.serving = &self->serving[spec],
                                   .argv = self->plan->argv,
                                   .measured = true,
                                   .input = self->input,
                                   .output = self->output,
                                   .complaints = self->complaints,
                                   .padding = padding_at(self, position),
                                   .timeout = self->plan->timeout,
                                   .most_said = MOST_SAID,
                                   .bindings = bindings,
                                   .stop = self->plan->stop};
    const int r = clear_up(self, error);
    return r == 0 ? hy_time_program(&order, ret_timing, error) : r;
}

static void note_end(const hy_program_runner *self, const hy_timing *t, hy_program_run *run) {
    char words[256];
    hy_capture_last_line(self->complaints, words, sizeof words);
    const char *const colon = words[0] ? ": " : "";
    run->status = WIFSIGNALED(t->status) ? 128 + WTERMSIG(t->status) : WEXITSTATUS(t->status);
    const char *outcome = "ok";
    if (t->timed_out) {
        outcome = "timeout";
        snprintf(run->detail, sizeof run->detail, "not ready after %s", hy_show_time((double)self->plan->timeout).text);
    } else if (t->said_too_much) {
        outcome = "crash";
        snprintf(run->detail, sizeof run->detail, "killed: said more than %s", hy_show_bytes(MOST_SAID).text);
    } else if (WIFSIGNALED(t->status)) {
        outcome = "crash";
        snprintf(run->detail, sizeof run->detail, "SIG%s, %s%s%s", sigabbrev_np(WTERMSIG(t->status)),
                 strsignal(WTERMSIG(t->status)), colon, words);
    } else if (run->status != 0) {
        outcome = "failed";
        snprintf(run->detail, sizeof run->detail, "exit code %d%s%s", run->status, colon, words);
    }
    snprintf(run->outcome, sizeof run->outcome, "%s", outcome);
}

static int note_output(const hy_program_runner *self, hy_program_run *run, hy_error *error) {
    uint64_t hash = 0;
    hy_error why;
    if (!hy_program_checks(&self->plan->check))
        return 0;
    const int r = hy_program_check_hash(&self->plan->check, self->output, &hash, &why);
    if (r < 0 && r != -ENOENT)
        return hy_fail(error, r, "%s", why.text);
    if (r == 0) {
        snprintf(run->output, sizeof run->output, "%016" PRIx64, hash);
    } else if (strcmp(run->outcome, "ok") == 0) {
        snprintf(run->outcome, sizeof run->outcome, "failed");
        snprintf(run->detail, sizeof run->detail, "%s", why.text);
    }
    return 0;
}

int hy_program_run_once(const hy_program_runner *self, size_t spec, size_t position, hy_program_run *run,
                        hy_error *error) {
    hy_timing timing;
    int r = time_once(self, spec, position, NULL, &timing, error);
    if (r < 0)
        return r;
    run->wall = timing.wall;
    run->user = timing.user;
    run->sys = timing.sys;
    run->peak = timing.peak;
    run->minor = timing.minor;
    run->major = timing.major;
    note_end(self, &timing, run);
    return note_output(self, run, error);
}

/* ------------------------------------------------------------------------------------------------------ workers ----
 */

static void remove_folder(const char *path) {
    DIR *const folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(path);
}

static int prove_workers_of(const hy_program_runner *self, size_t spec, hy_error *error) {
    const char *const temporary = getenv("TMPDIR");
    char folder[HY_PATH_SIZE / 2], file[HY_PATH_SIZE];
    hy_serving *const serving = &self->serving[spec];
    hy_timing timing;
    snprintf(folder, sizeof folder, "%s/heapyard-proof-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        return hy_fail(error, -errno, "no folder for the loader's words: %s", strerror(errno));
    snprintf(file, sizeof file, "%s/process", folder);
    int r = time_once(self, spec, 0, file, &timing, error);
    const size_t used = strlen(serving->served_by);
    if (r == 0 && (timing.status == 0 || spec == self->plan->baseline))
        r = hy_serving_prove_workers(serving, self->plan->workers, folder, error);
    else /* its runs will tell what is wrong */
        snprintf(serving->served_by + used, sizeof serving->served_by - used, " (its workers failed, unproven)");
    remove_folder(folder);
    return r;
}

static int prove_workers(const hy_program_runner *self, hy_error *error) {
    int r = 0;
    for (size_t i = 0; r == 0 && self->plan->workers && self->plan->workers[0] && i < self->plan->spec_count; i++)
        r = prove_workers_of(self, i, error);
    return r;
}

/* ---------------------------------------------------------------------------------------------------- warm up ---- */

static int judge_first(const hy_program_runner *self, const hy_timing *timing, hy_error *error) {
    hy_program_run run = {.spec = self->plan->specs[self->plan->baseline]};
    note_end(self, timing, &run);
    const int r = note_output(self, &run, error);
    if (r < 0)
        return r;
    if (strcmp(run.outcome, "ok") != 0)
        return hy_fail(error, -ECANCELED, "fails under %s: %s", run.spec, run.detail);
    return timing->left_behind ? hy_fail(error, -ECANCELED,
                                         "leaves processes behind, whose time nobody would count; expected it to "
                                         "wait for what it starts")
                               : 0;
}

int hy_program_warm_up(hy_program_runner *self, size_t position, hy_error *error) {
    hy_timing timing;
    if (self->warm)
        return 0;
    int r = time_once(self, self->plan->baseline, position, NULL, &timing, error);
    if (r == 0 && self->plan->must_succeed)
        r = judge_first(self, &timing, error);
    if (r == 0)
        r = prove_workers(self, error);
    self->warm = r == 0;
    return r;
}
