/* SPDX-License-Identifier: MIT */
#include "plugin.h"

#include "heap.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

/* A plug-in of an older host's contract: its shorter table, with what it does not know NULL. */
static int adopt(const char *path, const hy_plugin *plugin, const hy_heap_ops **ret_ops, hy_error *error) {
    static hy_heap_ops adopted[16];
    static size_t count;
    if (plugin->abi != HY_ABI || plugin->ops_size > sizeof(hy_heap_ops))
        return hy_fail(error, -EINVAL, "%s: built for contract %u with tables of %u bytes; this heapyard knows %u, %zu",
                       path, plugin->abi, plugin->ops_size, HY_ABI, sizeof(hy_heap_ops));
    if (count == sizeof adopted / sizeof *adopted)
        return hy_fail(error, -ENOSPC, "%s: at most 16 plug-ins at once", path);
    memset(&adopted[count], 0, sizeof adopted[count]);
    memcpy(&adopted[count], plugin->ops, plugin->ops_size);
    hy_error why;
    const int r = hy_ops_validate(&adopted[count], &why);
    if (r < 0)
        return hy_fail(error, r, "%s: %s", path, why.text);
    *ret_ops = &adopted[count++];
    return 0;
}

int hy_plugin_open(hy_text name, const hy_heap_ops **ret_ops, hy_error *error) {
    char path[HY_SPEC_SIZE];
    if (name.size >= sizeof path)
        return hy_fail(error, -ENAMETOOLONG, "a path has fewer than %zu characters", sizeof path);
    memcpy(path, name.at, name.size);
    path[name.size] = '\0';
    void *const handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return hy_fail(error, -ENOENT, "cannot open %s: %s", path, dlerror());
    const hy_plugin *const plugin = dlsym(handle, "heapyard_plugin");
    if (plugin)
        return adopt(path, plugin, ret_ops, error);
    return hy_fail(error, -EINVAL, "%s: exports neither heapyard_plugin nor malloc", path);
}
