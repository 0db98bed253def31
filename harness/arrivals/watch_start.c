/* SPDX-License-Identifier: MIT
 *
 * watch_start.c - starting a job so that nothing of it goes unseen (see watch_start.h).
 *
 *  1. The new process waits for a word; so it is traced (PTRACE_SEIZE) before it does anything.
 *  2. Then it executes the job.  If it cannot, it says why through a second pipe, which an exec closes.
 */
#include "watch_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define WHAT_TO_TRACE                                                                                                  \
    (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT)

_Noreturn static void start_child(const char *path, char *const *argv, int go, int status) {
    char word;
    if (read(go, &word, 1) != 1)
        _exit(127);
    execv(path, argv);
    const int code = errno;
    const ssize_t written = write(status, &code, sizeof code);
    _exit(written == sizeof code ? 127 : 126);
}

/* It may stop once more, at its exit. */
static void start_forget(pid_t pid) {
    int status;
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, __WALL) > 0 && !WIFEXITED(status) && !WIFSIGNALED(status))
        ptrace(PTRACE_CONT, pid, NULL, NULL);
}

int watch_start(const char *path, char *const *argv, pid_t *ret_pid, int ret_pipes[2], hy_error *error) {
    int go[2], status[2];
    if (pipe2(go, O_CLOEXEC) < 0 || pipe2(status, O_CLOEXEC) < 0)
        return hy_fail(error, -errno, "cannot make a pipe: %s", strerror(errno));
    const pid_t pid = fork();
    if (pid < 0)
        return hy_fail(error, -errno, "cannot make a process: %s", strerror(errno));
    if (pid == 0) {
        close(go[1]);
        close(status[0]);
        start_child(path, argv, go[0], status[1]);
    }
    close(go[0]);
    close(status[1]);
    if (ptrace(PTRACE_SEIZE, pid, NULL, WHAT_TO_TRACE) < 0) {
        const int code = errno;
        close(go[1]);
        close(status[0]);
        start_forget(pid);
        return hy_fail(error, -EPERM, "this system does not let a process be traced by its parent (ptrace: %s)",
                       strerror(code));
    }
    *ret_pid = pid;
    ret_pipes[0] = status[0];
    ret_pipes[1] = go[1];
    return 0;
}

int watch_go(pid_t pid, const int pipes[2], const char *program, hy_error *error) {
    int code = 0;
    const ssize_t written = write(pipes[1], "g", 1);
    close(pipes[1]);
    const ssize_t got = read(pipes[0], &code, sizeof code);
    close(pipes[0]);
    if (written == 1 && got == 0)
        return 0;
    start_forget(pid);
    if (got != sizeof code)
        return hy_fail(error, -ECHILD, "the process for %s died before it could start", program);
    return hy_fail(error, -code, "cannot execute %s: %s", program, strerror(code));
}
