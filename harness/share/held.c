/* SPDX-License-Identifier: MIT
 *
 * held.c - see held.h.
 */
#include "held.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELD_PATIENCE 20000 /* ms until it must be ready */

extern char **environ;

static int held_spawn(char *const *argv, int input, int output, pid_t *ret_process) {
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    const int r = posix_spawn(ret_process, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -r;
}

/* One line, without its end.  0 or -errno: it ended or did not come. */
static int held_listen(int output, char *ret, size_t size) {
    size_t got = 0;
    while (got + 1 < size) {
        struct pollfd wait = {.fd = output, .events = POLLIN};
        const int ready = poll(&wait, 1, HELD_PATIENCE);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return ready == 0 ? -ETIMEDOUT : -errno;
        if (read(output, ret + got, 1) != 1)
            return -EPIPE;
        if (ret[got] == '\n')
            break;
        got++;
    }
    ret[got] = '\0';
    return 0;
}

int hy_held_start(char *const *argv, hy_held *ret_held, hy_error *error) {
    int in[2], out[2];
    hy_held held = {.process = 0};
    if (pipe2(in, O_CLOEXEC) < 0)
        return hy_fail(error, -errno, "no pipe: %s", strerror(errno));
    if (pipe2(out, O_CLOEXEC) < 0) {
        const int code = -errno;
        close(in[0]);
        close(in[1]);
        return hy_fail(error, code, "no pipe: %s", strerror(-code));
    }
    int r = held_spawn(argv, in[0], out[1], &held.process);
    close(in[0]);
    close(out[1]);
    held.input = in[1];
    if (r < 0) {
        close(in[1]);
        hy_fail(error, r, "%s: cannot be started: %s", argv[0], strerror(-r));
    } else if ((r = held_listen(out[0], held.said, sizeof held.said)) < 0) {
        kill(held.process, SIGKILL);
        hy_held_end(&held);
        hy_fail(error, r, "%s: %s", argv[0],
                r == -EPIPE ? "ended before it was ready" : "did not come to the point where it is looked at");
    }
    close(out[0]);
    if (r == 0)
        *ret_held = held;
    return r;
}

void hy_held_end(hy_held *held) {
    int status;
    close(held->input);
    while (waitpid(held->process, &status, 0) < 0 && errno == EINTR)
        ;
}

static int held_copy(int from, int to, size_t size) {
    while (size > 0) {
        const ssize_t sent = sendfile(to, from, NULL, size);
        if (sent <= 0)
            return sent < 0 ? -errno : -EIO;
        size -= (size_t)sent;
    }
    return 0;
}

int hy_copy_program(const char *path, hy_error *error) {
    struct stat status;
    const int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0 || fstat(from, &status) < 0)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    const int to = memfd_create("heapyard-copy", MFD_CLOEXEC);
    int r = to < 0 ? -errno : held_copy(from, to, (size_t)status.st_size);
    if (r == 0 && fchmod(to, 0700) < 0)
        r = -errno;
    close(from);
    if (r == 0)
        return to;
    if (to >= 0)
        close(to);
    return hy_fail(error, r, "%s: cannot be copied: %s", path, strerror(-r));
}
