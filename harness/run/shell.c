/* SPDX-License-Identifier: MIT
 *
 * shell.c - see shell.h.
 */
#include "shell.h"

#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Never returns. */
static void become(char *const *argv, int input, int output, int complaints) {
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(input < 0 ? nothing : input, STDIN_FILENO);
    dup2(output < 0 ? nothing : output, STDOUT_FILENO);
    dup2(complaints, STDERR_FILENO);
    execvp(argv[0], argv);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static int judge_end(const char *name, int status, int complaints, hy_error *error) {
    char words[256];
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    hy_capture_last_line(complaints, words, sizeof words);
    const char *const colon = words[0] ? ": " : "";
    if (WIFSIGNALED(status))
        return hy_fail(error, -ECANCELED, "%.200s: killed by SIG%s%s%s", name, sigabbrev_np(WTERMSIG(status)), colon,
                       words);
    return hy_fail(error, -ECANCELED, "%.200s: exit code %d%s%s", name, WEXITSTATUS(status), colon, words);
}

int hy_run_aside(const char *name, char *const *argv, int input, int output, hy_error *error) {
    const int complaints = hy_capture_open(error);
    if (complaints < 0)
        return complaints;
    int status = 0;
    const pid_t child = fork();
    if (child == 0)
        become(argv, input, output, complaints);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    const int r = child < 0 ? hy_fail(error, -errno, "no process: %s", strerror(errno))
                            : judge_end(name, status, complaints, error);
    close(complaints);
    return r;
}

int hy_run_shell(const char *name, const char *line, int input, int output, hy_error *error) {
    char *const argv[] = {"sh", "-c", (char *)(size_t)line, NULL};
    return hy_run_aside(name, argv, input, output, error);
}
