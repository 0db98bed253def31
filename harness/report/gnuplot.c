/* SPDX-License-Identifier: MIT
 *
 * gnuplot.c - draws a figure from its .dat file, once as .svg and once as .png.
 *
 * No shell is involved, file names are slugs of our own or start with "./", and the options hold numbers only: text
 * that came with the data reaches gnuplot in data files alone.  gnuplot finds plots/style.gp by GNUPLOT_LIB.
 */
#include "report.h"

#include "paths.h"

#include <errno.h>
#include <libgen.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The first line in which gnuplot says what is wrong: the one with "line N:" in it, else the first that has text. */
static void gnuplot_complaint(FILE *log, char *ret, size_t size) {
    char line[512];
    rewind(log);
    snprintf(ret, size, "it said nothing");
    bool any = false;
    while (fgets(line, sizeof line, log)) {
        line[strcspn(line, "\n")] = '\0';
        if (strspn(line, " \t^") == strlen(line))
            continue;
        const bool located = strstr(line, "line ") != NULL;
        if (!any || located)
            snprintf(ret, size, "%s", line);
        any = true;
        if (located)
            return;
    }
}

static int gnuplot_spawn(const char *folder, char *const *argv, FILE *log, pid_t *ret_child) {
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
    posix_spawn_file_actions_adddup2(&actions, fileno(log), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(log), STDERR_FILENO);
    const int r = posix_spawnp(ret_child, "gnuplot", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -r;
}

static int gnuplot_wait(pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static int gnuplot_run(const char *folder, const hy_figure *figure, const char *script, const char *ending,
                       hy_error *error) {
    char data[160], picture[160], options[544], said[512];
    snprintf(data, sizeof data, "%s.dat", figure->base);
    snprintf(picture, sizeof picture, "%s.%s", figure->base, ending);
    snprintf(options, sizeof options, "%s", figure->options);
    char *const argv[] = {"gnuplot", "-e", options, "-c", (char *)(uintptr_t)script, data, picture, NULL};
    FILE *const log = tmpfile();
    if (!log)
        return hy_fail(error, -errno, "no room for a temporary file: %s", strerror(errno));
    pid_t child;
    int r = gnuplot_spawn(folder, argv, log, &child);
    if (r < 0) {
        hy_fail(error, r,
                r == -ENOENT ? "gnuplot is not installed (on Debian: apt-get install gnuplot-nox)"
                             : "gnuplot cannot be started");
    } else if ((r = gnuplot_wait(child)) < 0) {
        gnuplot_complaint(log, said, sizeof said);
        hy_fail(error, r, "gnuplot cannot draw %s/%s: %s", folder, picture, said);
    }
    fclose(log);
    return r;
}

int hy_draw_picture(const char *folder, const hy_figure *figure, const char *ending, hy_error *error) {
    char name[64], script[HY_PATH_SIZE], library[HY_PATH_SIZE];
    snprintf(name, sizeof name, "%s.gp", figure->plot);
    const int r = hy_find_part(HY_PART_PLOT, name, script, error);
    if (r < 0)
        return r;
    strcpy(library, script);
    setenv("GNUPLOT_LIB", dirname(library), 1);
    return gnuplot_run(folder, figure, script, ending, error);
}

int hy_draw_figure(const char *folder, hy_figure *figure, hy_error *error) {
    int r = hy_draw_picture(folder, figure, "svg", error);
    if (r == 0)
        r = hy_draw_picture(folder, figure, "png", error);
    figure->drawn = r == 0;
    return r;
}
