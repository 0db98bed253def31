/* SPDX-License-Identifier: MIT
 *
 * library_sizes.h - how many addresses each shared library takes that is installed beside libc.
 */
#ifndef HY_LIBRARY_SIZES_H
#define HY_LIBRARY_SIZES_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes of addresses of each, in the order of their names; to be freed.  0 or -errno with the sentence. */
int hy_library_sizes(const char *folder, uint64_t **ret_sizes, size_t *ret_count, hy_error *error);

/* The folder that this program's libc lies in. */
int hy_library_folder(char *ret, size_t size, hy_error *error);

#endif
