/* SPDX-License-Identifier: MIT
 *
 * rel_archive.h - an archive of objects (ar), read over libelf: its members, and which of them defines a symbol.
 */
#ifndef HY_REL_ARCHIVE_H
#define HY_REL_ARCHIVE_H

#include "error.h"
#include "rel_names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hy_rel_member {
    char *name;
    const void *bytes;
    size_t size;
    size_t offset; /* of its header in the archive */
    bool taken;    /* for whoever pulls members */
} hy_rel_member;

typedef struct hy_rel_archive {
    char *name;
    hy_rel_member *members; /* without the index and the table of names */
    size_t member_count;
    hy_rel_names definitions; /* symbol -> member, as the archive's index says */
    void *bytes, *elf;
    size_t size;
    const void *index; /* in bytes; NULL: it has none */
    size_t index_size, index_width;
} hy_rel_archive;

bool hy_rel_is_archive(const void *bytes, size_t size);

/* Copies the bytes.  0 or -errno with the sentence. */
int hy_rel_archive_read(const char *name, const void *bytes, size_t size, hy_rel_archive **ret, hy_error *error);
void hy_rel_archive_free(hy_rel_archive *archive);

/* A whole file, to be freed; 0 or -errno with the sentence. */
int hy_rel_file_read(const char *path, void **ret_bytes, size_t *ret_size, hy_error *error);

#endif
