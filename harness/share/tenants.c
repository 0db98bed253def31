/* SPDX-License-Identifier: MIT
 *
 * tenants.c - see tenants.h.
 */
#include "tenants.h"

#include "held.h"
#include "paths.h"
#include "smaps.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The pages of one file that are in RAM because of our processes: they are alike, so the most that one maps. */
typedef struct tenant_file {
    uint64_t inode;
    size_t bytes; /* in the process that is being counted */
    size_t most;
} tenant_file;

typedef struct tenant_files {
    tenant_file *file;
    size_t count;
} tenant_files;

const char *hy_build_name(hy_build build) {
    static const char *const names[] = {"static, copies", "static, one file", "shared, copies", "shared, one file"};
    return names[build];
}

static bool tenants_copied(hy_build build) {
    return build == HY_BUILD_STATIC_COPIES || build == HY_BUILD_SHARED_COPIES;
}

static const char *tenants_program(hy_build build) {
    return build == HY_BUILD_STATIC || build == HY_BUILD_STATIC_COPIES ? "heapyard-tenant-static" : "heapyard-tenant";
}

/* ----------------------------------------------------------------------------------------------------- counting ----
 */

static tenant_file *tenants_file(tenant_files *files, uint64_t inode) {
    for (size_t i = 0; i < files->count; i++)
        if (files->file[i].inode == inode)
            return &files->file[i];
    tenant_file *const grown = realloc(files->file, (files->count + 1) * sizeof *grown);
    if (!grown)
        abort();
    files->file = grown;
    grown[files->count] = (tenant_file){inode, 0, 0};
    return &grown[files->count++];
}

static void tenants_add(const hy_smaps *smaps, tenant_files *files, hy_tenancy *sum) {
    for (size_t i = 0; i < files->count; i++)
        files->file[i].bytes = 0;
    for (size_t i = 0; i < smaps->count; i++) {
        const hy_mapping *const m = &smaps->mapping[i];
        const size_t of_file = hy_mapping_file_bytes(m);
        sum->rss += m->rss;
        sum->pss += m->pss;
        sum->private += m->anonymous;
        if (of_file > 0)
            tenants_file(files, m->inode)->bytes += of_file;
    }
    for (size_t i = 0; i < files->count; i++)
        if (files->file[i].bytes > files->file[i].most)
            files->file[i].most = files->file[i].bytes;
}

static int tenants_count(const hy_held *held, size_t count, hy_tenancy *sum, hy_error *error) {
    tenant_files files = {NULL, 0};
    int r = 0;
    for (size_t i = 0; i < count && r == 0; i++) {
        hy_smaps smaps;
        r = hy_smaps_read(held[i].process, &smaps, error);
        if (r < 0)
            break;
        tenants_add(&smaps, &files, sum);
        hy_smaps_free(&smaps);
    }
    for (size_t i = 0; i < files.count; i++)
        sum->files += files.file[i].most;
    sum->memory = sum->private + sum->files;
    free(files.file);
    return r;
}

/* ------------------------------------------------------------------------------------------------------ starting ----
 */

static int tenants_start(const char *path, bool copied, hy_held *ret_held, int *ret_copy, hy_error *error) {
    char name[HY_PATH_SIZE];
    char *const argv[] = {name, NULL};
    snprintf(name, sizeof name, "%s", path);
    *ret_copy = -1;
    if (copied) {
        const int copy = hy_copy_program(path, error);
        if (copy < 0)
            return copy;
        snprintf(name, sizeof name, "/proc/self/fd/%d", copy);
        *ret_copy = copy;
    }
    return hy_held_start(argv, ret_held, error);
}

int hy_tenants_measure(hy_build build, size_t processes, hy_tenancy *ret_tenancy, hy_error *error) {
    char path[HY_PATH_SIZE];
    hy_held held[HY_TENANTS_MOST];
    int copy[HY_TENANTS_MOST];
    hy_tenancy sum = {.build = build, .processes = processes};
    size_t started = 0;
    int r = hy_find_part(HY_PART_PROGRAM, tenants_program(build), path, error);
    if (r < 0)
        return r;
    for (; started < processes && r == 0; started++)
        if ((r = tenants_start(path, tenants_copied(build), &held[started], &copy[started], error)) < 0) {
            if (copy[started] >= 0)
                close(copy[started]);
            break;
        }
    if (r == 0)
        r = tenants_count(held, started, &sum, error);
    while (started-- > 0) {
        hy_held_end(&held[started]);
        if (copy[started] >= 0)
            close(copy[started]);
    }
    if (r == 0)
        *ret_tenancy = sum;
    return r;
}

/* ---------------------------------------------------------------------------------------------------- crossover ----
 */

static double tenants_slope(const hy_tenancy *few, const hy_tenancy *many) {
    return ((double)many->memory - (double)few->memory) / ((double)many->processes - (double)few->processes);
}

static double tenants_base(const hy_tenancy *few, const hy_tenancy *many) {
    return (double)few->memory - tenants_slope(few, many) * (double)few->processes;
}

size_t hy_tenants_crossover(const hy_tenancy *static_few, const hy_tenancy *static_many, const hy_tenancy *shared_few,
                            const hy_tenancy *shared_many) {
    const double won = tenants_slope(static_few, static_many) - tenants_slope(shared_few, shared_many);
    const double lost = tenants_base(shared_few, shared_many) - tenants_base(static_few, static_many);
    if (won <= 0)
        return 0;
    const double from = floor(lost / won) + 1;
    return from < 1 ? 1 : (size_t)from;
}
