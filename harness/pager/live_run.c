/* SPDX-License-Identifier: MIT
 *
 * live_run.c - one run under the live pager (see live_run.h).
 */
#include "live_run.h"

#include "fault_handover.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a run holds; -1 and NULL where it does not (yet). */
typedef struct run {
    const hy_live_job *job;
    int memory_fd;
    int socket[2]; /* ours, the child's: the handover, then lockstep */
    int faults_fd, end_fd;
    pid_t child;
    hy_board *board;
    hy_pager *pager;
    uint32_t *next_use;
    void *memory; /* of the policy */
    hy_live *live;
} run;

static bool run_is_lockstep(const hy_live_job *job) {
    return job->hear && job->policy->ops->expired;
}

/* ------------------------------------------------------------------------------------------------------ child ---- */

static int run_refuse(run *r, const hy_error *error) {
    snprintf(r->board->said, sizeof r->board->said, "%s", error->text);
    return 1;
}

static int run_child_workload(run *r) {
    const hy_live_job *const job = r->job;
    const size_t size = job->pages * HY_PAGE;
    hy_error error;
    void *const at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, r->memory_fd, 0);
    if (at == MAP_FAILED) {
        hy_fail(&error, -errno, "no room for a range of %zu pages: %s", job->pages, strerror(errno));
        return run_refuse(r, &error);
    }
    if (hy_handover_give(r->socket[1], at, size, false, &error) < 0)
        return run_refuse(r, &error);
    hy_paged paged = {.at = at,
                      .count = size / sizeof(uint64_t),
                      .board = r->board,
                      .log = job->log,
                      .timed = job->timed,
                      .step_fd = run_is_lockstep(job) ? r->socket[1] : -1};
    r->board->right = job->workload->run(&paged, &job->setup);
    r->board->finished = true;
    return 0;
}

/* The descriptors have the numbers that they have here. */
static int run_child_program(run *r) {
    hy_error error;
    char place[120];
    snprintf(place, sizeof place, "%d,%d,%d,%zu", (int)getpid(), r->socket[1], r->memory_fd, r->job->pages * HY_PAGE);
    setenv("HEAPYARD_PAGED", place, 1);
    setenv("LD_PRELOAD", r->job->library, 1);
    if (r->job->spec)
        setenv("HEAPYARD_SPEC", r->job->spec, 1);
    if (r->job->environment)
        hy_environment_apply(r->job->environment);
    hy_handover_keep(r->socket[1]);
    hy_handover_keep(r->memory_fd);
    execvp(r->job->program[0], r->job->program);
    hy_fail(&error, -errno, "cannot start %s: %s", r->job->program[0], strerror(errno));
    return run_refuse(r, &error);
}

static _Noreturn void run_child(run *r, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    close(r->socket[0]);
    fflush(NULL);
    _exit(r->job->workload ? run_child_workload(r) : run_child_program(r));
}

/* ------------------------------------------------------------------------------------------------------ pager ---- */

static int run_make_policy(run *r, hy_error *error) {
    const hy_live_job *const job = r->job;
    const hy_pager_ops *const ops = job->policy->ops;
    hy_pager_setup setup = {
        .params = job->policy->params, .frames = (uint32_t)job->frames, .pages = (uint32_t)job->pages};
    if (ops->flags & HY_PAGER_OFFLINE) {
        const int x = hy_paging_next_use(job->future, job->futures, &r->next_use, error);
        if (x < 0)
            return x;
        setup.next_use = r->next_use;
        setup.next_uses = job->futures;
    }
    const size_t size = (ops->memory(&setup) + 63) / 64 * 64 + 64;
    r->memory = aligned_alloc(64, size);
    if (!r->memory)
        return hy_fail(error, -ENOMEM, "no memory for the policy %s", ops->name);
    memset(r->memory, 0, size);
    r->pager = hy_pager_create(ops, &setup, r->memory);
    return 0;
}

static int run_make_memory(run *r, hy_error *error) {
    r->memory_fd = memfd_create("heapyard-paged", MFD_CLOEXEC);
    if (r->memory_fd < 0 || ftruncate(r->memory_fd, (off_t)(r->job->pages * HY_PAGE)) < 0)
        return hy_fail(error, -errno, "no shared memory of %zu pages: %s", r->job->pages, strerror(errno));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, r->socket) < 0)
        return hy_fail(error, -errno, "no pair of sockets: %s", strerror(errno));
    r->board = hy_board_open(r->job->log);
    return r->board ? 0 : hy_fail(error, -ENOMEM, "no memory for the log of references");
}

static int run_open(run *r, hy_error *error) {
    const hy_live_job *const job = r->job;
    int x = run_make_memory(r, error);
    if (x == 0)
        x = run_make_policy(r, error);
    if (x < 0)
        return x;
    const hy_live_plan plan = {.pages = job->pages,
                               .frames = job->frames,
                               .pager = r->pager,
                               .sample = job->sample,
                               .folder = job->folder,
                               .board = job->workload ? r->board : NULL,
                               .hear = job->hear};
    return hy_live_open(&plan, r->memory_fd, &r->live, error);
}

static void run_close(run *r) {
    hy_live_close(r->live);
    if (r->pager)
        hy_pager_destroy(r->pager);
    free(r->memory);
    free(r->next_use);
    const int fds[] = {r->memory_fd, r->socket[0], r->socket[1], r->faults_fd, r->end_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* To the core that we are on; the child inherits it. */
static void run_pin(bool pin, cpu_set_t *ret_before) {
    cpu_set_t one;
    const int core = sched_getcpu();
    if (!pin || core < 0 || sched_getaffinity(0, sizeof *ret_before, ret_before) < 0)
        return;
    CPU_ZERO(&one);
    CPU_SET((size_t)core, &one);
    sched_setaffinity(0, sizeof one, &one);
}

static int run_start(run *r, hy_error *error) {
    const pid_t self = getpid();
    fflush(NULL);
    r->child = fork();
    if (r->child < 0)
        return hy_fail(error, -errno, "fork: %s", strerror(errno));
    if (r->child == 0)
        run_child(r, self);
    close(r->socket[1]);
    r->socket[1] = -1;
    r->end_fd = (int)syscall(SYS_pidfd_open, r->child, 0);
    return r->end_fd < 0 ? hy_fail(error, -errno, "pidfd_open: %s", strerror(errno)) : 0;
}

/* The child has said why it gives nothing, or ended without a word. */
static int run_explain_nothing(run *r, int taken, hy_error *error) {
    waitpid(r->child, NULL, 0);
    r->child = 0;
    if (r->board->said[0])
        return hy_fail(error, taken == -ENOTSUP ? taken : -EINVAL, "%s", r->board->said);
    if (taken == -ENOTSUP)
        return hy_fail(error, taken, "%s cannot be given paged memory on this machine", r->job->program[0]);
    return hy_fail(error, -ECHILD, "%s ended before it had asked for paged memory",
                   r->job->workload ? "the workload" : r->job->program[0]);
}

static int run_serve(run *r, hy_live_outcome *ret, hy_error *error) {
    uintptr_t base = 0;
    const int taken = hy_handover_take(r->socket[0], &r->faults_fd, &base);
    if (taken < 0)
        return run_explain_nothing(r, taken, error);
    hy_live_attach(r->live, r->faults_fd, base);
    const uint64_t start = hy_now();
    hy_handover_begin(r->socket[0]); /* if it has gone meanwhile, its end is seen at once */
    const int x =
        hy_live_serve(r->live, r->end_fd, run_is_lockstep(r->job) || r->job->program ? r->socket[0] : -1, error);
    ret->elapsed = hy_now() - start;
    return x;
}

int hy_live_run(const hy_live_job *job, hy_live_outcome *ret_outcome, hy_error *error) {
    run r = {.job = job, .memory_fd = -1, .socket = {-1, -1}, .faults_fd = -1, .end_fd = -1};
    cpu_set_t before;
    int status = 0, x = run_open(&r, error);
    CPU_ZERO(&before);
    run_pin(x == 0 && job->pin, &before);
    if (x == 0)
        x = run_start(&r, error);
    if (x == 0)
        x = run_serve(&r, ret_outcome, error);
    if (r.child > 0) {
        if (x < 0)
            kill(r.child, SIGKILL);
        waitpid(r.child, &status, 0);
    }
    if (CPU_COUNT(&before) > 0)
        sched_setaffinity(0, sizeof before, &before);
    if (x == 0) {
        ret_outcome->counts = *hy_live_counted(r.live);
        ret_outcome->board = r.board;
        ret_outcome->log = job->log;
        ret_outcome->status = status;
    } else {
        hy_board_close(r.board, job->log);
    }
    run_close(&r);
    return x;
}

void hy_live_forget(hy_live_outcome *outcome) {
    hy_board_close(outcome->board, outcome->log);
    outcome->board = NULL;
}

bool hy_live_is_right(const hy_live_outcome *outcome, hy_error *error) {
    const hy_board *const board = outcome->board;
    if (WIFSIGNALED(outcome->status))
        hy_fail(error, 0, "the workload was ended by signal %d (%s)", WTERMSIG(outcome->status),
                strsignal(WTERMSIG(outcome->status)));
    else if (!board->finished)
        hy_fail(error, 0, "the workload stopped: %s", board->said);
    else if (!board->right)
        hy_fail(error, 0, "the workload's result is wrong: %s", board->said);
    return !WIFSIGNALED(outcome->status) && board->finished && board->right;
}
