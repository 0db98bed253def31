/* SPDX-License-Identifier: MIT
 *
 * timing.c - fork, exec, wait4 (see timing.h).
 */
#include "timing.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Never returns.  What went wrong before exec goes through `tell`, which exec closes. */
static void become_program(const hy_serving *serving, char *const *argv, bool quiet, int tell) {
    const int nothing = quiet ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    if (quiet) {
        dup2(nothing, STDIN_FILENO);
        dup2(nothing, STDOUT_FILENO);
    }
    errno = ENOMEM;
    if (hy_serving_apply(serving) == 0)
        execvp(argv[0], argv);
    const int failed = errno;
    const ssize_t ignored = write(tell, &failed, sizeof failed);
    (void)ignored;
    _exit(127);
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
    if (child == 0)
        become_program(serving, argv, quiet, ends[1]);
    close(ends[1]);
    const ssize_t told = child < 0 ? 0 : read(ends[0], &failed, sizeof failed);
    close(ends[0]);
    struct rusage usage;
    int status = 0;
    while (child > 0 && wait4(child, &status, 0, &usage) < 0 && errno == EINTR)
        continue;
    const uint64_t end = hy_now();
    if (child < 0 || told > 0)
        return hy_fail(error, -(child < 0 ? errno : failed), "%s could not be started: %s", argv[0],
                       strerror(child < 0 ? errno : failed));
    *ret_timing = (hy_timing){.wall = (double)(end - start) / 1e9,
                              .user = seconds(usage.ru_utime),
                              .sys = seconds(usage.ru_stime),
                              .peak = (uint64_t)usage.ru_maxrss * 1024,
                              .minor = (uint64_t)usage.ru_minflt,
                              .major = (uint64_t)usage.ru_majflt,
                              .status = status};
    return 0;
}
