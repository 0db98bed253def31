/* SPDX-License-Identifier: MIT
 *
 * plugin.c - allocators from files (see plugin.h).
 *
 * What a file is, is read from its symbol table.  A plug-in is opened at once, for its table is needed; a foreign
 * malloc is opened only when a heap is created, since it may need a process of its own that was started for it.
 */
#include "plugin.h"

#include "foreign.h"
#include "heap.h"
#include "symbols.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define PLUGIN_FILES 16u

/* A file that was named before keeps its table. */
typedef struct plugin_file {
    char path[HY_TEXT_SIZE];
    hy_heap_ops ops;
    hy_param param[2];
} plugin_file;

static plugin_file plugin_files[PLUGIN_FILES];
static size_t plugin_count;

static const plugin_file *plugin_known(const char *path) {
    for (size_t i = 0; i < plugin_count; i++)
        if (strcmp(plugin_files[i].path, path) == 0)
            return &plugin_files[i];
    return NULL;
}

/* A plug-in of an older host's contract: its shorter table, with what it does not know NULL. */
static int plugin_adopt(const char *path, plugin_file *file, hy_error *error) {
    void *const handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return hy_fail(error, -ENOENT, "cannot open %s: %s", path, dlerror());
    const hy_plugin *const plugin = dlsym(handle, "heapyard_plugin");
    if (!plugin || plugin->abi != HY_ABI || plugin->ops_size > sizeof(hy_heap_ops))
        return hy_fail(error, -EINVAL, "%s: built for contract %u with tables of %u bytes; this heapyard knows %u, %zu",
                       path, plugin ? plugin->abi : 0, plugin ? plugin->ops_size : 0, HY_ABI, sizeof(hy_heap_ops));
    memset(&file->ops, 0, sizeof file->ops);
    memcpy(&file->ops, plugin->ops, plugin->ops_size);
    hy_error why;
    const int r = hy_ops_validate(&file->ops, &why);
    return r < 0 ? hy_fail(error, r, "%s: %s", path, why.text) : 0;
}

/* A malloc without its calloc or realloc would share programs with those of the C library. */
static int plugin_read(const char *path, plugin_file *file, hy_error *error) {
    static const char *const names[] = {"heapyard_plugin",    "malloc", "free", "calloc", "realloc",
                                        "malloc_usable_size", NULL};
    bool has[6];
    const int r = hy_file_exports(path, names, has, error);
    if (r < 0)
        return r;
    if (has[0])
        return plugin_adopt(path, file, error);
    if (!has[1] || !has[2])
        return hy_fail(error, -EINVAL, "%s: exports neither heapyard_plugin nor malloc and free", path);
    if (!has[3] || !has[4])
        return hy_fail(
            error, -EINVAL,
            "%s: exports malloc but no %s%s%s: a program gets the C library's, and crashes where that meets a "
            "block of this malloc",
            path, has[3] ? "" : "calloc", has[3] || has[4] ? "" : " and no ", has[4] ? "" : "realloc");
    hy_foreign_file(file->path, has[5], file->param, &file->ops);
    return 0;
}

int hy_plugin_open(const char *path, const hy_heap_ops **ret_ops, hy_error *error) {
    const plugin_file *const known = plugin_known(path);
    if (!known && plugin_count == PLUGIN_FILES)
        return hy_fail(error, -ENOSPC, "%s: at most %u files at once", path, PLUGIN_FILES);
    if (strlen(path) >= HY_TEXT_SIZE)
        return hy_fail(error, -ENAMETOOLONG, "the path of an allocator has fewer than %d characters", HY_TEXT_SIZE);
    if (!known) {
        plugin_file *const file = &plugin_files[plugin_count];
        strcpy(file->path, path);
        const int r = plugin_read(path, file, error);
        if (r < 0)
            return r;
        plugin_count++;
    }
    *ret_ops = known ? &known->ops : &plugin_files[plugin_count - 1].ops;
    return 0;
}
