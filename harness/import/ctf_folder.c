/* SPDX-License-Identifier: MIT
 *
 * ctf_folder.c - see ctf_folder.h.
 */
#include "ctf_folder.h"

#include "format.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool hy_ctf_folder_is(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Seconds since 1970 go on at midnight; a path that begins with "-" is none of its options. */
static int folder_start(const char *path, int output, pid_t *ret_reader) {
    char place[4096];
    snprintf(place, sizeof place, "%s%s", path[0] == '/' ? "" : "./", path);
    char *const arguments[] = {(char[]){"babeltrace2"}, (char[]){"--clock-seconds"}, place, NULL};
    posix_spawn_file_actions_t actions;
    int r = posix_spawn_file_actions_init(&actions);
    if (r != 0)
        return -r;
    r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (r == 0)
        r = posix_spawnp(ret_reader, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -r;
}

int hy_ctf_folder_open(hy_ctf_folder *folder, const char *path, hy_source *ret_source, hy_error *error) {
    int ends[2];
    *ret_source = (hy_source){.fd = -1, .pipe = true};
    hy_text_clean(ret_source->name, sizeof ret_source->name, path);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return hy_fail(error, -errno, "%s: %s", ret_source->name, strerror(errno));
    const int r = folder_start(path, ends[1], &folder->reader);
    close(ends[1]);
    ret_source->fd = ends[0];
    if (r == 0)
        return 0;
    folder->reader = 0;
    if (r == -ENOENT)
        return hy_fail(error, r, "%s: a folder; only a CTF trace is one, and babeltrace2, which reads it, is not here",
                       ret_source->name);
    return hy_fail(error, r, "%s: cannot start babeltrace2: %s", ret_source->name, strerror(-r));
}

int hy_ctf_folder_close(hy_ctf_folder *folder, hy_error *error) {
    int status = 0;
    if (folder->reader == 0)
        return 0;
    while (waitpid(folder->reader, &status, 0) < 0 && errno == EINTR)
        continue;
    folder->reader = 0;
    return status == 0 ? 0 : hy_fail(error, -EINVAL, "babeltrace2 could not read the folder");
}
