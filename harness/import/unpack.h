/* SPDX-License-Identifier: MIT
 *
 * unpack.h - bytes out of a packed file: gzip, bzip2, xz, zstd, or a zip archive that holds one file.
 *
 * libarchive does it.  It is loaded when the first packed file comes: with all that it needs itself, it would more than
 * double the time that every command takes to start.
 */
#ifndef HY_UNPACK_H
#define HY_UNPACK_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hy_unpack hy_unpack;

/* Where packed bytes come from: the next ones, and how many; 0: the end; -errno. */
typedef struct hy_packed {
    void *client;
    int64_t (*next)(void *client, const void **ret_bytes);
} hy_packed;

/* Whether a file that begins so is packed. */
bool hy_unpack_is_packed(const void *head, size_t size);

/* All: 0 or -errno with a part of a sentence. */
int hy_unpack_open(hy_packed from, hy_unpack **ret_unpack, hy_error *error);
/* The next bytes, at most `size`; none: the end. */
int hy_unpack_read(hy_unpack *unpack, void *data, size_t size, size_t *ret_read, hy_error *error);
void hy_unpack_close(hy_unpack *unpack);

#endif
