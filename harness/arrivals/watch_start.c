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

/* It may stop once more, at its exit. */
static void start_forget(pid_t pid) {
    int status;
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, __WALL) > 0 && !WIFEXITED(status) && !WIFSIGNALED(status))
        ptrace(PTRACE_CONT, pid, NULL, NULL);
}

int watch_start(const char *path, char *const *argv, hy_launch *ret_launch, hy_error *error) {
    hy_launch launch;
    const int r = hy_launch_make(path, argv, &launch, error);
    if (r < 0)
        return r;
    if (ptrace(PTRACE_SEIZE, launch.pid, NULL, WHAT_TO_TRACE) < 0) {
        const int code = errno;
        start_forget(launch.pid);
        hy_launch_cancel(&launch);
        return hy_fail(error, -EPERM, "this system does not let a process be traced by its parent (ptrace: %s)",
                       strerror(code));
    }
    *ret_launch = launch;
    return 0;
}

int watch_go(const hy_launch *launch, const char *program, hy_error *error) {
    const int r = hy_launch_tell(launch, program, error);
    if (r < 0)
        start_forget(launch->pid);
    return r;
}
