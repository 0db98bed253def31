/* SPDX-License-Identifier: MIT
 *
 * timing.c - fork, exec, wait4 (see timing.h).
 *
 * A script is traced (ptrace), which costs it a stop for each signal that it gets: what it executes in its place is
 * looked at before it begins, for it may be a program whose malloc cannot be replaced.
 *
 * A measured run is waited for asleep, in ppoll: a child's change, a signal to stop and the end of the time given all
 * end that sleep, and none of them can slip in between the look and the sleep.  Four times a second it is looked how
 * much the program has said, since that is kept in memory.
 *
 * Processes whose parent has ended become our children meanwhile (a subreaper's), so that none is overlooked.
 */
#include "timing.h"

#include "clock.h"
#include "elfcheck.h"
#include "environment.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_NS 250000000u

/* Signals as they were, while a measured run holds them back except in its sleep. */
typedef struct watch {
    sigset_t before;
    struct sigaction child;
} watch;

/* ------------------------------------------------------------------------------------------------------- child ---- */

static bool is_script(const char *program) {
    char path[HY_PATH_SIZE];
    hy_error ignored;
    return hy_find_program(program, path, &ignored) == 0 && hy_is_script(path);
}

/* So much of what is said here moves the stack: see layout.h, which does the same to a cell. */
static void pad_environment(unsigned bytes) {
    char padding[4096 + 1];
    const size_t size = bytes < sizeof padding ? bytes : sizeof padding - 1;
    memset(padding, 'x', size);
    padding[size] = '\0';
    setenv("HEAPYARD_PAD", padding, 1);
}

/* A group of its own, so that all of it can be ended; it dies with us. */
static void stand_apart(const hy_timing_order *order, const watch *w) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    dup2(order->input, STDIN_FILENO);
    dup2(order->output, STDOUT_FILENO);
    dup2(order->complaints, STDERR_FILENO);
    hy_environment_forget();
    pad_environment(order->padding);
    sigprocmask(SIG_SETMASK, &w->before, NULL);
}

static void be_quiet(void) {
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
}

static bool tell_bindings(const char *file) {
    return !file || (setenv("LD_BIND_NOW", "1", 1) == 0 && setenv("LD_DEBUG", "bindings", 1) == 0 &&
                     setenv("LD_DEBUG_OUTPUT", file, 1) == 0);
}

/* Never returns.  What went wrong before exec goes through `tell`, which exec closes. */
static void become_program(const hy_timing_order *order, const watch *w, int tell) {
    if (order->measured)
        stand_apart(order, w);
    else if (order->quiet)
        be_quiet();
    if (is_script(order->argv[0]))
        ptrace(PTRACE_TRACEME, 0, NULL, NULL); /* where that is forbidden, nobody looks */
    errno = ENOMEM;
    if (hy_serving_apply(order->serving) == 0 && tell_bindings(order->bindings))
        execvp(order->argv[0], order->argv);
    const int failed = errno;
    const ssize_t ignored = write(tell, &failed, sizeof failed);
    (void)ignored;
    _exit(127);
}

/* ----------------------------------------------------------------------------------------------------- waiting ---- */

/* -ENOTSUP with the sentence: the process has become a program that cannot be served. */
static int look_at_image(pid_t child, hy_error *error) {
    char link[32], path[HY_PATH_SIZE];
    snprintf(link, sizeof link, "/proc/%d/exe", (int)child);
    const ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    return size > 0 && hy_can_preload(path, error) == -ENOTSUP ? -ENOTSUP : 0;
}

/* A traced process has stopped: for an exec, as it does `first`, or for a signal, which it gets. */
static int look_and_go_on(pid_t child, int status, bool first, hy_error *error) {
    const bool executed = first || status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
    const int r = executed ? look_at_image(child, error) : 0;
    if (r < 0)
        return r;
    if (first)
        ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(intptr_t)PTRACE_O_TRACEEXEC);
    ptrace(PTRACE_CONT, child, NULL, (void *)(intptr_t)(executed ? 0 : WSTOPSIG(status)));
    return 0;
}

static bool is_too_much(const hy_timing_order *order, int fd) {
    struct stat status;
    return order->most_said && fstat(fd, &status) == 0 && (uint64_t)status.st_blocks * 512 > order->most_said;
}

/* Until something happens that is worth a look; false: there is a reason to kill it, or we are to stop. */
static bool sleep_until_event(const hy_timing_order *order, const watch *w, uint64_t start, hy_timing *timing) {
    if (order->stop && *order->stop)
        return false;
    const uint64_t gone = hy_now() - start;
    timing->timed_out = order->timeout && gone >= order->timeout;
    timing->said_too_much = is_too_much(order, order->output) || is_too_much(order, order->complaints);
    if (timing->timed_out || timing->said_too_much)
        return false;
    uint64_t left = order->timeout ? order->timeout - gone : UINT64_MAX;
    left = order->most_said && left > LOOK_NS ? LOOK_NS : left;
    const struct timespec span = {.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
    ppoll(NULL, 0, left < UINT64_MAX ? &span : NULL, &w->before);
    return true;
}

/* As wait4, but with an eye on the clock and on `stop`; a run that goes on too long is killed, once. */
static pid_t wait_for_change(const hy_timing_order *order, const watch *w, pid_t child, uint64_t start,
                             hy_timing *timing, struct rusage *ret_usage) {
    for (bool killed = timing->timed_out || timing->said_too_much;;) {
        const pid_t changed = wait4(child, &timing->status, order->measured && !killed ? WNOHANG : 0, ret_usage);
        if (changed != 0 || killed)
            return changed;
        if (sleep_until_event(order, w, start, timing))
            continue;
        killed = true;
        kill(-child, SIGKILL);
        kill(child, SIGKILL);
    }
}

/* 0, or -errno with the sentence after having killed it. */
static int wait_for_end(const hy_timing_order *order, const watch *w, pid_t child, uint64_t start, hy_timing *timing,
                        struct rusage *ret_usage, hy_error *error) {
    int r = 0;
    for (bool first = true;;) {
        if (wait_for_change(order, w, child, start, timing, ret_usage) < 0) {
            if (errno != EINTR)
                return hy_fail(error, -errno, "cannot wait for a program: %s", strerror(errno));
            continue;
        }
        if (!WIFSTOPPED(timing->status))
            return r;
        if (r == 0)
            r = look_and_go_on(child, timing->status, first, error);
        if (r < 0)
            kill(child, SIGKILL);
        first = false;
    }
}

/* ------------------------------------------------------------------------------------------------------- whole ---- */

static void ignore_event(int signal_number) {
    (void)signal_number;
}

static void watch_begin(const hy_timing_order *order, watch *ret_watch) {
    const struct sigaction wake = {.sa_handler = ignore_event};
    sigset_t held;
    if (!order->measured)
        return;
    sigemptyset(&held);
    sigaddset(&held, SIGCHLD);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigaction(SIGCHLD, &wake, &ret_watch->child);
    sigprocmask(SIG_BLOCK, &held, &ret_watch->before);
}

static bool have_children(void) {
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void reap(pid_t whom, int flags) {
    do
        errno = 0;
    while (waitpid(whom, NULL, flags) > 0 || errno == EINTR);
}

/* What the program started and did not wait for has become ours, in its group or in one of its own.  It may take a
 * moment to end by itself, as a client that told the program to.  Whether there was any that did not. */
static bool end_group(pid_t group, bool had_children) {
    const struct timespec moment = {.tv_nsec = 2000000};
    const pid_t whom = had_children ? -group : -1;
    const uint64_t start = hy_now();
    bool left = true;
    while (left && hy_now() - start < LOOK_NS) {
        reap(whom, WNOHANG);
        left = kill(-group, 0) == 0 || (!had_children && have_children());
        if (left)
            nanosleep(&moment, NULL);
    }
    kill(-group, SIGKILL);
    reap(-group, 0);
    return left;
}

static void watch_end(const hy_timing_order *order, const watch *w) {
    if (!order->measured)
        return;
    sigaction(SIGCHLD, &w->child, NULL);
    sigprocmask(SIG_SETMASK, &w->before, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static double seconds(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void note_usage(const struct rusage *usage, hy_timing *timing) {
    timing->user = seconds(usage->ru_utime);
    timing->sys = seconds(usage->ru_stime);
    timing->peak = (uint64_t)usage->ru_maxrss * 1024;
    timing->minor = (uint64_t)usage->ru_minflt;
    timing->major = (uint64_t)usage->ru_majflt;
}

/* From fork to the end. */
static int start_and_wait(const hy_timing_order *order, const watch *w, hy_timing *timing, hy_error *error) {
    int ends[2], failed = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return hy_fail(error, -errno, "no pipe: %s", strerror(errno));
    const bool had_children = order->measured && have_children();
    const uint64_t start = hy_now();
    const pid_t child = fork();
    failed = child < 0 ? errno : 0;
    if (child == 0)
        become_program(order, w, ends[1]);
    close(ends[1]);
    const ssize_t told = child < 0 ? 0 : read(ends[0], &failed, sizeof failed);
    close(ends[0]);
    struct rusage usage = {0};
    const int r = child < 0 ? 0 : wait_for_end(order, w, child, start, timing, &usage, error);
    timing->wall = (double)(hy_now() - start) / 1e9;
    note_usage(&usage, timing);
    if (child > 0 && order->measured)
        timing->left_behind = end_group(child, had_children);
    if (child < 0 || told > 0)
        return hy_fail(error, -failed, "%s could not be started: %s", order->argv[0], strerror(failed));
    return r;
}

int hy_time_program(const hy_timing_order *order, hy_timing *ret_timing, hy_error *error) {
    hy_timing timing = {0};
    watch w = {0};
    watch_begin(order, &w);
    const int r = start_and_wait(order, &w, &timing, error);
    watch_end(order, &w);
    if (r == 0 && order->measured && order->stop && *order->stop)
        return -EINTR;
    if (r == 0)
        *ret_timing = timing;
    return r;
}
