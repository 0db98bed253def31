/* SPDX-License-Identifier: MIT
 *
 * cpu_time FILE [NAME=VALUE...] PROGRAM [ARGUMENT...] - runs a program with these variables set, and writes to FILE
 * what it took: seconds of user and system time, context switches that it wanted and did not want.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

int main(int argc, char **argv) {
    int i = 2, status;
    struct rusage used;
    const pid_t pid = fork();
    if (pid == 0) {
        for (; i < argc && strchr(argv[i], '='); i++)
            putenv(argv[i]);
        if (i < argc)
            execvp(argv[i], argv + i);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
        return 126;
    FILE *const file = fopen(argv[1], "w");
    if (!file)
        return 126;
    fprintf(file, "%.6f %.6f %ld %ld\n", seconds(used.ru_utime), seconds(used.ru_stime), used.ru_nvcsw, used.ru_nivcsw);
    return fclose(file) != 0 ? 126 : WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
