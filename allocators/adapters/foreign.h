/* SPDX-License-Identifier: MIT
 *
 * foreign.h - what all mallocs of others have in common: opening the library, finding its functions, being a heap.
 */
#ifndef HY_FOREIGN_H
#define HY_FOREIGN_H

#include "heapyard.h"

/* The head of each parameter struct: the library, by its name for the loader or by its path. */
typedef struct hy_foreign_params {
    char file[HY_TEXT_SIZE];
} hy_foreign_params;

/* The head of each parameter table. */
#define HY_FOREIGN_FILE(name_or_path)                                                                                  \
    {                                                                                                                  \
        .name = "file", .help = "the shared object that serves malloc", .def = name_or_path, .type = HY_PARAM_TEXT,    \
        .offset = offsetof(hy_foreign_params, file)                                                                    \
    }

/* The members of an ops table that are the same for all of them.  create opens the file, and makes a heap of its
 * malloc; 0 or -errno, with the sentence in setup->why. */
int hy_foreign_create(const hy_setup *setup, hy_heap **ret);
void hy_foreign_destroy(hy_heap *heap);
void *hy_foreign_alloc(hy_heap *heap, size_t size, size_t align);
void *hy_foreign_alloc_zeroed(hy_heap *heap, size_t size, size_t align);
void *hy_foreign_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size);
void hy_foreign_free(hy_heap *heap, void *block, size_t size);
size_t hy_foreign_usable_size(hy_heap *heap, const void *block);
const char *hy_foreign_version(hy_heap *heap);

/* What those members are, for a table's initialiser. */
#define HY_FOREIGN_MEMBERS                                                                                             \
    .flags = HY_FOREIGN, .threads = HY_THREADS_SAFE, .max_align = (size_t)1 << 30, .max_size = PTRDIFF_MAX,            \
    .create = hy_foreign_create, .destroy = hy_foreign_destroy, .alloc = hy_foreign_alloc, .free = hy_foreign_free,    \
    .realloc = hy_foreign_realloc, .alloc_zeroed = hy_foreign_alloc_zeroed, .usable_size = hy_foreign_usable_size,     \
    .version = hy_foreign_version

/* A table for one file that is no heapyard plug-in but exports malloc.  `param` is room for two entries; the table,
 * `path` and `param` live as long as each other.  `has_usable_size`: whether it exports malloc_usable_size. */
void hy_foreign_file(const char *path, bool has_usable_size, hy_param *param, hy_heap_ops *ret_ops);

#endif
