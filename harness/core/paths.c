/* SPDX-License-Identifier: MIT */
#include "paths.h"

#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Folders to look into, relative to that of the running program.  Build tree first (harness/X/program), then the
 * installed tree (bin/heapyard and libdir/heapyard/heapyard-cell). */
static const char *const folders[][10] = {
    [HY_PART_PROGRAM] = {"../cell", "../gbench", "../micro", "../attack", "../share", "../" HY_LIBDIR "/heapyard", ".",
                         NULL},
    [HY_PART_LIBRARY] = {"../preload", "../record", "../micro", "../share", "../pager", "../" HY_LIBDIR "/heapyard", ".", NULL},
    [HY_PART_PLOT] = {"../../plots", "../" HY_DATADIR "/heapyard/plots", NULL},
    [HY_PART_SUITE] = {"../../traces/suites", "../" HY_DATADIR "/heapyard/suites", NULL},
};

static bool program_folder(char *ret) {
    char path[HY_PATH_SIZE];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size <= 0)
        return false;
    path[size] = '\0';
    snprintf(ret, HY_PATH_SIZE, "%s", dirname(path));
    return true;
}

static bool try_path(const char *folder, const char *inner, const char *name, char *ret) {
    char joined[2 * HY_PATH_SIZE];
    snprintf(joined, sizeof joined, "%s/%s/%s", folder, inner, name);
    char *const real = realpath(joined, NULL);
    if (!real)
        return false;
    const bool fits = strlen(real) < HY_PATH_SIZE;
    if (fits)
        strcpy(ret, real);
    free(real);
    return fits;
}

int hy_find_part(hy_part part, const char *name, char *ret, hy_error *error) {
    char folder[HY_PATH_SIZE];
    const char *const given = getenv("HEAPYARD_PARTS");
    if (given && try_path(given, ".", name, ret))
        return 0;
    if (!program_folder(folder))
        return hy_fail(error, -ENOENT, "cannot find %s: /proc is not mounted", name);
    for (const char *const *inner = folders[part]; *inner; inner++)
        if (try_path(folder, *inner, name, ret))
            return 0;
    return hy_fail(error, -ENOENT, "cannot find %s, neither in a build tree nor installed beside %s", name, folder);
}
