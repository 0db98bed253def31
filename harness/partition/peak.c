/* SPDX-License-Identifier: MIT
 *
 * peak.c - see peak.h.
 *
 * The child is traced (ptrace) only to be stopped as it ends, when its memory is still there and /proc can be asked for
 * the peaks.  What wait4 tells would not do: it begins with what the child had before it became the program.
 */
#include "peak.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHILD_NO_TRACE = 126, CHILD_NO_EXEC = 127 };

static __attribute__((noreturn)) void become(char *const *argv) {
    const int nothing = open("/dev/null", O_RDWR);
    setpgid(0, 0);
    dup2(nothing, 0);
    dup2(nothing, 1);
    dup2(nothing, 2);
    if (unshare(CLONE_NEWNET) != 0)
        (void)!unshare(CLONE_NEWUSER | CLONE_NEWNET);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        _exit(CHILD_NO_TRACE);
    raise(SIGSTOP);
    execvp(argv[0], argv);
    _exit(CHILD_NO_EXEC);
}

/* "VmHWM: 2048 kB" of /proc/PID/status (a tab, blanks), in bytes. */
static void read_status(pid_t pid, hy_peak *ret) {
    char path[64], line[256];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *const in = fopen(path, "re");
    while (in && fgets(line, sizeof line, in)) {
        if (sscanf(line, "VmHWM: %llu kB", &kib) == 1)
            ret->resident = kib * 1024;
        if (sscanf(line, "VmPeak: %llu kB", &kib) == 1)
            ret->mapped = kib * 1024;
    }
    if (in)
        fclose(in);
}

static bool is_event(int status, int event) {
    return status >> 8 == (SIGTRAP | (event << 8));
}

/* Lets the child go on after a stop. */
static void go_on(pid_t pid, int status, hy_peak *ret) {
    int signal = WSTOPSIG(status);
    ret->started |= is_event(status, PTRACE_EVENT_EXEC);
    if (is_event(status, PTRACE_EVENT_EXIT) && ret->started)
        read_status(pid, ret);
    if (status >> 16)
        signal = 0; /* an event, not a signal */
    ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void watch(pid_t pid, unsigned milliseconds, hy_peak *ret) {
    const double end = seconds() + 1e-3 * milliseconds;
    for (int status = 0;;) {
        const pid_t got = waitpid(pid, &status, ret->timed_out ? __WALL : __WALL | WNOHANG);
        if (got < 0 && errno != EINTR)
            return;
        if (got == pid && (WIFEXITED(status) || WIFSIGNALED(status))) {
            ret->status = status;
            return;
        }
        if (got == pid && WIFSTOPPED(status))
            go_on(pid, status, ret);
        if (got != pid && !ret->timed_out)
            nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
        if (!ret->timed_out && seconds() > end) {
            ret->timed_out = true;
            kill(pid, SIGKILL);
        }
    }
}

int hy_measure_peak(char *const *argv, unsigned milliseconds, hy_peak *ret, hy_error *error) {
    int status = 0;
    hy_peak peak = {.resident = 0};
    const pid_t pid = fork();
    if (pid < 0)
        return hy_fail(error, -errno, "cannot start a process: %s", strerror(errno));
    if (pid == 0)
        become(argv);
    if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
        return hy_fail(error, -EPERM, "this machine does not let a process be watched (ptrace)");
    ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL));
    ptrace(PTRACE_CONT, pid, NULL, NULL);
    watch(pid, milliseconds, &peak);
    kill(-pid, SIGKILL); /* whatever it started */
    if (!peak.started)
        return hy_fail(error, -ENOENT, "%s cannot be run", argv[0]);
    *ret = peak;
    return 0;
}
