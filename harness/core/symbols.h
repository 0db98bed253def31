/* SPDX-License-Identifier: MIT
 *
 * symbols.h - what a shared object exports, read from the file without loading it.
 */
#ifndef HY_SYMBOLS_H
#define HY_SYMBOLS_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

/* Fills in ret[i]: whether the ELF file at `path` defines the dynamic symbol names[i] (ends with NULL).
 * 0 or -errno with the sentence. */
int hy_file_exports(const char *path, const char *const *names, bool *ret, hy_error *error);

/* The name that the shared object gives itself (DT_SONAME), cut to the room; "" if it has none, or is no such file. */
void hy_file_soname(const char *path, char *ret, size_t room);

#endif
