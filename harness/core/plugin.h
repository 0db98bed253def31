/* SPDX-License-Identifier: MIT
 *
 * plugin.h - a name with a "/" in it: a heapyard plug-in, or any shared object with a malloc in it.
 */
#ifndef HY_PLUGIN_H
#define HY_PLUGIN_H

#include "error.h"
#include "heapyard.h"

/* Opens the file and finds its ops; a plug-in's are checked.  Stays open for the life of the process. 0 or -errno. */
int hy_plugin_open(const char *path, const hy_heap_ops **ret_ops, hy_error *error);

#endif
