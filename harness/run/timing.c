/* SPDX-License-Identifier: MIT
 *
 * timing.c - fork, exec, wait4 (see timing.h).
 *
 * A script is traced (ptrace), which costs it a stop for each signal that it gets: what it executes in its place is
 * looked at before it begins, for it may be a program whose malloc cannot be replaced.
 */
#include "timing.h"

#include "clock.h"
#include "elfcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_script(const char *program) {
    char path[HY_PATH_SIZE];
    hy_error ignored;
    return hy_find_program(program, path, &ignored) == 0 && hy_is_script(path);
}

/* Never returns.  What went wrong before exec goes through `tell`, which exec closes. */
static void become_program(const hy_serving *serving, char *const *argv, bool quiet, int tell) {
    const int nothing = quiet ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    if (quiet) {
        dup2(nothing, STDIN_FILENO);
        dup2(nothing, STDOUT_FILENO);
    }
    if (is_script(argv[0]))
        ptrace(PTRACE_TRACEME, 0, NULL, NULL); /* where that is forbidden, nobody looks */
    errno = ENOMEM;
    if (hy_serving_apply(serving) == 0)
        execvp(argv[0], argv);
    const int failed = errno;
    const ssize_t ignored = write(tell, &failed, sizeof failed);
    (void)ignored;
    _exit(127);
}

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

/* 0, or -errno with the sentence after having killed it. */
static int wait_for_end(pid_t child, int *ret_status, struct rusage *ret_usage, hy_error *error) {
    int r = 0;
    for (bool first = true;;) {
        if (wait4(child, ret_status, 0, ret_usage) < 0) {
            if (errno != EINTR)
                return hy_fail(error, -errno, "cannot wait for a program: %s", strerror(errno));
            continue;
        }
        if (!WIFSTOPPED(*ret_status))
            return r;
        if (r == 0)
            r = look_and_go_on(child, *ret_status, first, error);
        if (r < 0)
            kill(child, SIGKILL);
        first = false;
    }
}

static double seconds(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int hy_time_program(const hy_serving *serving, char *const *argv, bool quiet, hy_timing *ret_timing, hy_error *error) {
    int ends[2], failed = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return hy_fail(error, -errno, "no pipe: %s", strerror(errno));
    const uint64_t start = hy_now();
    const pid_t child = fork();
    failed = child < 0 ? errno : 0;
    if (child == 0)
        become_program(serving, argv, quiet, ends[1]);
    close(ends[1]);
    const ssize_t told = child < 0 ? 0 : read(ends[0], &failed, sizeof failed);
    close(ends[0]);
    struct rusage usage;
    int status = 0;
    const int r = child < 0 ? 0 : wait_for_end(child, &status, &usage, error);
    const uint64_t end = hy_now();
    if (child < 0 || told > 0)
        return hy_fail(error, -failed, "%s could not be started: %s", argv[0], strerror(failed));
    if (r < 0)
        return r;
    *ret_timing = (hy_timing){.wall = (double)(end - start) / 1e9,
                              .user = seconds(usage.ru_utime),
                              .sys = seconds(usage.ru_stime),
                              .peak = (uint64_t)usage.ru_maxrss * 1024,
                              .minor = (uint64_t)usage.ru_minflt,
                              .major = (uint64_t)usage.ru_majflt,
                              .status = status};
    return 0;
}
