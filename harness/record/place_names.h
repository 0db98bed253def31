/* SPDX-License-Identifier: MIT
 *
 * place_names.h - what a module's files say about its places (libdw of elfutils).
 *
 * Function: from the symbol table, the separate debug file's if there is one, or else from the dynamic symbols.  File
 * and line: from DWARF.  Nothing is fetched from the network.
 */
#ifndef HY_PLACE_NAMES_H
#define HY_PLACE_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* The build id in hexadecimal; "" if there is none.  `ret` has room for `size` bytes. */
void hy_build_id(const char *path, char *ret, size_t size);

typedef struct hy_place_names hy_place_names;

typedef struct hy_place_name {
    const char *function, *file; /* "" : unknown; valid until the module is closed */
    uint32_t line;
} hy_place_name;

/* NULL: the file cannot be read, or is another one than when its build id was `build_id`. */
hy_place_names *hy_place_names_open(const char *path, const char *build_id);
/* Of an offset in the file. */
hy_place_name hy_place_names_find(hy_place_names *names, uint64_t offset);
void hy_place_names_close(hy_place_names *names);

#endif
