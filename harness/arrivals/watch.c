/* SPDX-License-Identifier: MIT
 *
 * watch.c - the loop of `heapyard record --programs`.
 *
 *  1. A thread stops and waits for us: at a fork, an exec, its exit, a signal, or because it is new.
 *  2. What /proc says of it then is kept: at its exit the peaks are final, and memory is still there to be asked about.
 *  3. An exec ends one program and begins another.  The old memory is gone by then; its peak is what the kernel keeps
 * as the process's maximum, if the process had neither another program nor a child before, and else what was read at
 *     its last stop: at least so much.
 *  4. It goes on.  A new thread that stops before its parent has told of it stands still until then.
 *
 * ptrace(2) tells the order of things that this rests on.  Bad at: jobs that are traced already or trace others (gdb,
 * strace, sanitizers that look for leaks), and set-user-id programs, which run without their rights while traced.
 */
#include "watch.h"

#include "elfcheck.h"
#include "paths.h"
#include "process_facts.h"
#include "signals.h"
#include "watch_start.h"
#include "watch_table.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct watch {
    watch_table table;
    FILE *out;
    pid_t root;
    bool root_ended;
    int root_status;
    uint64_t begun; /* ns of the clock at the first exec; 0: not yet */
    hy_watch_outcome outcome;
} watch;

/* ----------------------------------------------------------------------------------------------------------- facts
 * ---- */

static uint64_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t watch_time(watch *w) {
    w->outcome.time = w->begun ? clock_now() - w->begun : 0;
    return w->outcome.time;
}

/* Takes what is known of a program now.  Who shares its parent's memory has none. */
static void measure(watch_process *process, pid_t tid) {
    hy_program *const program = &process->program;
    hy_process_facts facts;
    if (!hy_process_facts_read(tid, &facts))
        return;
    if (facts.faults > process->faults_before)
        program->faults = facts.faults - process->faults_before;
    if (process->shares)
        return;
    program->resident = facts.resident > program->resident ? facts.resident : program->resident;
    program->space = facts.space > program->space ? facts.space : program->space;
}

/* If the kernel's maximum has grown since this program began, that is its peak.  False: it may be more than is known.
 */
static bool measure_maximum(watch_process *process, const struct rusage *usage) {
    const uint64_t most = (uint64_t)usage->ru_maxrss * 1024;
    const bool is_its_own = process->childless && !process->shares && most > process->maximum;
    if (is_its_own && most > process->program.resident)
        process->program.resident = most;
    process->maximum = most > process->maximum ? most : process->maximum;
    return is_its_own || process->shares;
}

static void write_end(watch *w, watch_process *process, hy_program_end how, uint32_t code) {
    hy_program *const program = &process->program;
    if (program->process == 0)
        return;
    program->how = how;
    program->code = code;
    w->outcome.cut += how == HY_PROGRAM_CUT;
    w->outcome.unmeasured += program->resident == 0 && program->kind != HY_PROGRAM_VFORK;
    hy_arrivals_write_end(w->out, watch_time(w), program);
}

/* ---------------------------------------------------------------------------------------------------------- events
 * ---- */

static void go_on(pid_t tid, int number) {
    ptrace(PTRACE_CONT, tid, NULL, (void *)(intptr_t)number); /* it may have been killed meanwhile: no matter */
}

/* A process that `parent` made: now its number is known. */
static watch_process *begin_process(watch *w, const watch_process *parent, pid_t pid, hy_program_kind kind) {
    watch_process *const process = watch_new_process(pid);
    process->shares = kind == HY_PROGRAM_VFORK;
    process->program = (hy_program){.process = ++w->outcome.processes, .kind = kind};
    w->outcome.programs += kind == HY_PROGRAM_FORK;
    hy_arrivals_write_fork(w->out, watch_time(w), kind, process->program.process, parent->program.process);
    return process;
}

/* A new thread or process is said to be `parent`'s. */
static void adopt(watch *w, watch_process *parent, pid_t tid, hy_program_kind kind) {
    hy_process_facts facts;
    watch_task *task = watch_find(&w->table, tid);
    if ((task && task->process) || !hy_process_facts_read(tid, &facts))
        return;
    const bool held = task != NULL;
    task = held ? task : watch_add(&w->table, tid, NULL);
    if (facts.process == parent->pid) {
        task->process = parent;
    } else {
        parent->childless = false;
        task->process = begin_process(w, parent, tid, kind);
        measure(task->process, tid);
    }
    if (held)
        go_on(tid, 0);
}

/* A vfork?  Some systems do not tell. */
static hy_program_kind kind_of(pid_t child, pid_t parent) {
    return syscall(SYS_kcmp, child, parent, KCMP_VM, 0, 0) == 0 ? HY_PROGRAM_VFORK : HY_PROGRAM_FORK;
}

/* Those who wait for a parent that can no longer speak: it was killed on the way. */
static void adopt_orphans(watch *w, watch_process *dead) {
    for (size_t i = 0; i < w->table.count; i++) {
        const watch_task task = w->table.tasks[i];
        hy_process_facts facts;
        if (task.process || !hy_process_facts_read(task.tid, &facts))
            continue;
        watch_process *const own = facts.process == task.tid ? NULL : watch_find_process(&w->table, facts.process);
        watch_process *const parent = own ? own : watch_find_process(&w->table, facts.parent);
        adopt(w, parent ? parent : dead, task.tid, kind_of(task.tid, facts.parent));
    }
}

static void on_birth(watch *w, watch_process *parent, pid_t tid, hy_program_kind kind) {
    unsigned long born = 0;
    measure(parent, tid);
    if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &born) == 0 && born > 0)
        adopt(w, parent, (pid_t)born, kind);
}

static void on_exec(watch *w, pid_t tid, const struct rusage *usage) {
    unsigned long before = 0;
    char file[HY_PATH_SIZE];
    ptrace(PTRACE_GETEVENTMSG, tid, NULL, &before);
    const watch_task *const task = watch_find(&w->table, tid);
    watch_process *const process = task ? task->process : NULL;
    if (!process)
        return;
    watch_remove_process(&w->table, process, tid); /* other threads are gone */
    w->outcome.at_least += !measure_maximum(process, usage) && process->program.process != 0;
    hy_process_facts facts = {.faults = 0};
    hy_process_facts_read(tid, &facts);
    if (facts.faults > process->faults_before)
        process->program.faults = facts.faults - process->faults_before;
    process->program.faults = process->shares ? 0 : process->program.faults;
    w->begun = w->begun ? w->begun : clock_now();
    write_end(w, process, HY_PROGRAM_REPLACED, 0);
    const uint32_t number = process->program.process ? process->program.process : ++w->outcome.processes;
    process->program = (hy_program){.process = number, .kind = HY_PROGRAM_EXEC};
    process->shares = false;
    process->faults_before = facts.faults;
    hy_process_file(tid, file, sizeof file);
    uint64_t loadable, guess;
    hy_process_sizes(tid, &loadable, &guess);
    hy_arrivals_write_exec(w->out, watch_time(w), number, loadable, guess, file);
    measure(process, tid); /* it may be the last time that it stops before the next exec */
    w->outcome.programs++;
    w->outcome.executed++;
}

static void on_death(watch *w, watch_task *task, int status, const struct rusage *usage) {
    watch_process *const process = task->process;
    const pid_t tid = task->tid;
    if (tid == w->root) {
        w->root_ended = true;
        w->root_status = status;
    }
    if (!process || process->pid != tid) {
        watch_remove(&w->table, tid);
        return;
    }
    measure_maximum(process, usage);
    adopt_orphans(w, process);
    if (WIFSIGNALED(status))
        write_end(w, process, HY_PROGRAM_SIGNALLED, (uint32_t)WTERMSIG(status));
    else
        write_end(w, process, HY_PROGRAM_EXITED, (uint32_t)WEXITSTATUS(status));
    watch_remove_process(&w->table, process, 0);
}

static void on_stop(watch *w, const watch_task *task, int status, const struct rusage *usage) {
    const pid_t tid = task->tid;
    const int event = status >> 16, number = WSTOPSIG(status);
    switch (event) {
    case PTRACE_EVENT_FORK: on_birth(w, task->process, tid, HY_PROGRAM_FORK); break;
    case PTRACE_EVENT_VFORK: on_birth(w, task->process, tid, HY_PROGRAM_VFORK); break;
    case PTRACE_EVENT_CLONE: on_birth(w, task->process, tid, HY_PROGRAM_FORK); break;
    case PTRACE_EVENT_EXEC: on_exec(w, tid, usage); break;
    case PTRACE_EVENT_EXIT: measure(task->process, tid); break;
    default: break;
    }
    if (event == PTRACE_EVENT_STOP && number != SIGTRAP)
        ptrace(PTRACE_LISTEN, tid, NULL, NULL); /* the job was stopped by a signal, and stays so */
    else
        go_on(tid, event ? 0 : number);
}

static void handle(watch *w, pid_t tid, int status, const struct rusage *usage) {
    watch_task *const task = watch_find(&w->table, tid);
    w->outcome.stops++;
    if (!task) {
        if (WIFSTOPPED(status))
            watch_add(&w->table, tid, NULL);
    } else if (!WIFSTOPPED(status)) {
        on_death(w, task, status, usage);
    } else if (task->process) {
        on_stop(w, task, status, usage);
    }
}

/* ------------------------------------------------------------------------------------------------------------ loop
 * ---- */

static void on_child(int number) {
}

/* Signals come only while we sleep, so that none is missed; then they do, whatever whoever started us has blocked. */
static void block_signals(sigset_t *ret_asleep) {
    static const int numbers[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, ret_asleep);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigdelset(ret_asleep, numbers[i]);
    hy_signals_catch();
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_child}, NULL); /* for stops, too */
}

static void watch_all(watch *w, const sigset_t *while_asleep) {
    while (w->table.count > 0 && !(w->root_ended && hy_signals_asked() > 0)) {
        struct rusage usage;
        int status;
        const pid_t tid = wait4(-1, &status, __WALL | WNOHANG, &usage);
        if (tid < 0 && errno != EINTR)
            return;
        if (tid > 0) {
            handle(w, tid, status, &usage);
            continue;
        }
        sigsuspend(while_asleep);
        if (!w->root_ended)
            hy_signals_forward(w->root);
    }
}

/* Whoever is still there goes on without us. */
static void write_cut(watch *w) {
    for (size_t i = 0; i < w->table.count; i++) {
        watch_process *const process = w->table.tasks[i].process;
        if (!process || process->pid != w->table.tasks[i].tid)
            continue;
        measure(process, process->pid);
        write_end(w, process, HY_PROGRAM_CUT, 0);
    }
}

static void write_head(FILE *out, char *const *argv) {
    char command[512] = "", machine[256];
    struct utsname name;
    size_t used = 0;
    for (char *const *word = argv; *word && used + 1 < sizeof command; word++)
        used += (size_t)snprintf(command + used, sizeof command - used, "%s%s", used ? " " : "", *word);
    uname(&name);
    snprintf(machine, sizeof machine, "%s %s %s", name.sysname, name.release, name.machine);
    hy_arrivals_write_head(out, command, machine, (uint64_t)sysconf(_SC_PAGESIZE));
}

/* The process of the job exists and is told to go. */
static int begin_job(watch *w, const char *path, char *const *argv, hy_error *error) {
    hy_launch launch;
    const int r = watch_start(path, argv, &launch, error);
    if (r < 0)
        return r;
    w->root = launch.pid;
    watch_add(&w->table, w->root, watch_new_process(w->root));
    return watch_go(&launch, argv[0], error);
}

/* A file that was there is kept until the job runs; of a job that cannot run nothing is left. */
static int begin(watch *w, const hy_watch_options *options, hy_error *error) {
    char path[HY_PATH_SIZE];
    int r = hy_find_program(options->argv[0], path, error);
    if (r < 0)
        return r;
    const bool fresh = access(options->output, F_OK) < 0;
    w->out = fopen(options->output, "ae");
    if (!w->out)
        return hy_fail(error, -errno, "cannot write %s: %s", options->output, strerror(errno));
    r = begin_job(w, path, options->argv, error);
    if (r < 0) {
        fclose(w->out);
        if (fresh)
            unlink(options->output);
        return r;
    }
    if (ftruncate(fileno(w->out), 0) < 0 && errno != EINVAL) /* EINVAL: no plain file, so nothing old is in it */
        return hy_fail(error, -errno, "cannot empty %s: %s", options->output, strerror(errno));
    setvbuf(w->out, NULL, _IOLBF, 1 << 16); /* whole lines: what was read stays, whatever becomes of us */
    write_head(w->out, options->argv);
    return 0;
}

int hy_watch(const hy_watch_options *options, hy_watch_outcome *ret_outcome, hy_error *error) {
    watch w = {.root = 0};
    sigset_t asleep;
    int r = begin(&w, options, error);
    if (r == 0) {
        block_signals(&asleep);
        watch_all(&w, &asleep);
        write_cut(&w);
        const bool failed = ferror(w.out) != 0;
        if (fclose(w.out) != 0 || failed)
            r = hy_fail(error, -EIO, "cannot write all of %s", options->output);
        w.outcome.exit_code = WIFSIGNALED(w.root_status) ? 128 + WTERMSIG(w.root_status) : WEXITSTATUS(w.root_status);
        *ret_outcome = w.outcome;
    }
    watch_free(&w.table);
    return r;
}
