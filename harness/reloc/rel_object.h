/* SPDX-License-Identifier: MIT
 *
 * rel_object.h - one relocatable object file (ET_REL of x86-64), read over libelf and checked.
 *
 * What is handed out has been checked, whatever the file says: names end, indices exist, relocations lie inside of
 * their sections and are of types of this machine, sizes and alignments are bearable.  Nothing after this has to look
 * at the file again.
 */
#ifndef HY_REL_OBJECT_H
#define HY_REL_OBJECT_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HY_REL_SIZE_LIMIT (UINT64_C(1) << 30)  /* bytes of one section */
#define HY_REL_ALIGN_LIMIT (UINT64_C(1) << 21) /* of a section */

typedef struct hy_rel_section {
    const char *name;
    uint8_t *contents; /* NULL: none (SHT_NOBITS, or empty); ours to change */
    uint64_t size, align, flags, entry_size;
    uint32_t type;
    uint32_t group; /* 1 + the number of its COMDAT group; 0: none */
} hy_rel_section;

typedef enum hy_rel_home {
    HY_REL_UNDEFINED,
    HY_REL_SECTION,
    HY_REL_ABSOLUTE,
    HY_REL_COMMON /* value is its alignment */
} hy_rel_home;

typedef struct hy_rel_symbol {
    const char *name; /* of a section symbol: the section's */
    uint64_t value, size;
    hy_rel_home home;
    uint32_t section;
    uint8_t type, binding;
} hy_rel_symbol;

typedef struct hy_rel_relocation {
    uint64_t offset; /* in its section */
    int64_t addend;
    uint32_t section, type, symbol;
} hy_rel_relocation;

typedef struct hy_rel_object {
    char *name; /* for sentences */
    hy_rel_section *sections;
    hy_rel_symbol *symbols;
    hy_rel_relocation *relocations; /* section by section, as in the file */
    const char **groups;            /* signatures of COMDAT groups */
    size_t section_count, symbol_count, relocation_count, group_count;
    void *bytes, *elf;
} hy_rel_object;

/* Copies `size` bytes and reads them.  0 or -errno with the sentence. */
int hy_rel_object_read(const char *name, const void *bytes, size_t size, hy_rel_object **ret_object, hy_error *error);
void hy_rel_object_free(hy_rel_object *object);

/* Whether a section lies in memory when the code runs. */
bool hy_rel_loads(const hy_rel_section *section);

#endif
