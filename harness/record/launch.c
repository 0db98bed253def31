/* SPDX-License-Identifier: MIT */
#include "launch.h"

#include "elfcheck.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In front of what is preloaded anyway: so the recorder stands before the allocator that the program shall use. */
static int launch_environment(const char *library, const hy_share *share, hy_error *error) {
    const char *const given = getenv("LD_PRELOAD");
    char value[2 * HY_PATH_SIZE], where[128];
    if (strpbrk(library, " :"))
        return hy_fail(error, -EINVAL, "%s cannot be preloaded: there is a blank or a colon in its path", library);
    const bool more = given && *given;
    const int n = snprintf(value, sizeof value, "%s%s%s", library, more ? ":" : "", more ? given : "");
    if (n >= (int)sizeof value)
        return hy_fail(error, -E2BIG, "LD_PRELOAD is too long to be extended");
    hy_share_describe(share, where, sizeof where);
    if (setenv("LD_PRELOAD", value, 1) < 0 || setenv(HY_RECORD_VARIABLE, where, 1) < 0)
        return hy_fail(error, -ENOMEM, "no memory for the environment");
    return 0;
}

_Noreturn static void launch_child(const char *path, char *const *argv, int go, int status) {
    char word;
    if (read(go, &word, 1) != 1)
        _exit(127);
    execv(path, argv);
    const int code = errno;
    const ssize_t written = write(status, &code, sizeof code);
    _exit(written == sizeof code ? 127 : 126);
}

int hy_launch_make(const char *path, char *const *argv, hy_launch *ret_launch, hy_error *error) {
    int go[2], status[2];
    if (pipe2(go, O_CLOEXEC) < 0 || pipe2(status, O_CLOEXEC) < 0)
        return hy_fail(error, -errno, "cannot make a pipe: %s", strerror(errno));
    const pid_t pid = fork();
    if (pid < 0)
        return hy_fail(error, -errno, "cannot make a process: %s", strerror(errno));
    if (pid == 0) {
        close(go[1]);
        launch_child(path, argv, go[0], status[1]);
    }
    close(go[0]);
    close(status[1]);
    *ret_launch = (hy_launch){pid, go[1], status[0]};
    return 0;
}

int hy_launch_prepare(char *const *argv, const hy_share *share, hy_launch *ret_launch, hy_error *error) {
    char path[HY_PATH_SIZE], library[HY_PATH_SIZE];
    int r = hy_can_preload(argv[0], error);
    if (r == 0)
        r = hy_find_program(argv[0], path, error);
    if (r == 0)
        r = hy_find_part(HY_PART_LIBRARY, "libheapyard-record.so", library, error);
    if (r == 0)
        r = launch_environment(library, share, error);
    return r < 0 ? r : hy_launch_make(path, argv, ret_launch, error);
}

int hy_launch_tell(const hy_launch *launch, const char *program, hy_error *error) {
    int code = 0;
    const ssize_t written = write(launch->go, "g", 1);
    close(launch->go);
    const ssize_t got = read(launch->status, &code, sizeof code);
    close(launch->status);
    if (written == 1 && got == 0)
        return 0;
    if (got != sizeof code)
        return hy_fail(error, -ECHILD, "the process for %s died before it could start", program);
    return hy_fail(error, -code, "cannot execute %s: %s", program, strerror(code));
}

int hy_launch_go(const hy_launch *launch, const char *program, hy_error *error) {
    const int r = hy_launch_tell(launch, program, error);
    if (r < 0)
        waitpid(launch->pid, NULL, 0);
    return r;
}

void hy_launch_cancel(hy_launch *launch) {
    close(launch->go);
    close(launch->status);
    waitpid(launch->pid, NULL, 0);
}
