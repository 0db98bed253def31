/* SPDX-License-Identifier: MIT
 *
 * lackey_run.c - see lackey_run.h.
 */
#include "lackey_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_BEFORE 4u

/* In the child.  `log` stays open over exec, and valgrind keeps it from the program. */
static _Noreturn void become_valgrind(char **argv, size_t count, int log) {
    char option[32];
    char **const all = calloc(count + WORDS_BEFORE + 1, sizeof *all);
    snprintf(option, sizeof option, "--log-fd=%d", log);
    if (all && fcntl(log, F_SETFD, 0) == 0) {
        char *const before[WORDS_BEFORE] = {(char[]){"valgrind"}, (char[]){"--tool=lackey"},
                                            (char[]){"--trace-mem=yes"}, option};
        memcpy(all, before, sizeof before);
        memcpy(all + WORDS_BEFORE, argv, count * sizeof *argv);
        execvp(all[0], all);
    }
    _exit(127);
}

static int read_all(int from, hy_page_trace *trace, hy_error *error) {
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", from);
    return hy_lackey_read(path, 0, trace, error);
}

static bool is_there(const char *program) {
    const char *const path = getenv("PATH");
    char *const folders = strdup(path ? path : "/usr/bin:/bin"), *rest = folders, *folder;
    char full[4096];
    bool found = false;
    while (folders && !found && (folder = strsep(&rest, ":"))) {
        snprintf(full, sizeof full, "%s/%s", folder, program);
        found = access(full, X_OK) == 0;
    }
    free(folders);
    return found;
}

int hy_lackey_run(char **argv, hy_page_trace *trace, int *ret_status, hy_error *error) {
    int ends[2], status = 0;
    size_t count = 0;
    while (argv[count])
        count++;
    if (!is_there("valgrind"))
        return hy_fail(error, -ENOENT,
                       "there is no valgrind here, whose lackey follows the references; "
                       "apt-get install valgrind");
    if (pipe2(ends, O_CLOEXEC) < 0)
        return hy_fail(error, -errno, "no pipe: %s", strerror(errno));
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0)
        become_valgrind(argv, count, ends[1]);
    close(ends[1]);
    int r = child < 0 ? hy_fail(error, -errno, "cannot start valgrind: %s", strerror(errno))
                      : read_all(ends[0], trace, error);
    const bool stopped = child > 0 && (r < 0 || trace->count == trace->most);
    if (stopped)
        kill(child, SIGKILL);
    close(ends[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    *ret_status = stopped ? 0 : status;
    return r;
}
