/* SPDX-License-Identifier: MIT
 *
 * linker.h - what GNU ld makes of an object at a base, byte by byte against the image of ours.
 *
 *   1. The object alone is laid out as an image; what it leaves undefined gets random addresses within ±1 GiB of the
 *      base, thread-local ones places behind the object's own thread-local block.
 *   2. ld links it by a script that puts every section where the image has it and gives the undefined symbols the same
 *      addresses; undefined thread-local symbols come from a second object that is made for it.
 *   3. Every section with contents is compared, and the slots of the GOT: their order is ld's to choose, so it is read
 *      from ld's code first; then slots and code must agree.
 *
 * ld's copy of the object has SHF_MERGE and SHF_STRINGS taken from its section headers: merging of equal strings would
 * move them.  .eh_frame and .note.gnu.property are left out: ld writes those anew.  Options: --no-relax, so that loads
 * from the GOT stay; accesses to thread-local symbols become local-exec all the same, in ld and in the image.
 */
#ifndef HY_LINKER_H
#define HY_LINKER_H

#include "error.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hy_linker hy_linker;

/* Finds the linker (`ld` along PATH, or a path) and makes a folder for its files.  0 or -errno with the sentence. */
int hy_linker_create(const char *program, hy_linker **ret_linker, hy_error *error);
void hy_linker_free(hy_linker *linker);
/* "GNU ld (GNU Binutils for Debian) 2.40" */
const char *hy_linker_version(const hy_linker *linker);

typedef enum hy_link_outcome {
    HY_LINK_EQUAL,
    HY_LINK_DIFFERENT,
    HY_LINK_REFUSED /* ld, or the image, cannot: `text` has its sentence */
} hy_link_outcome;

typedef enum hy_link_class { HY_LINK_CODE, HY_LINK_CONSTANTS, HY_LINK_DATA, HY_LINK_CLASSES } hy_link_class;

typedef struct hy_link_result {
    hy_link_outcome outcome;
    char text[400];                  /* the first difference, or the refusal; "" if equal */
    uint64_t bytes[HY_LINK_CLASSES]; /* compared, at all bases together; code, constants, data with the GOT */
    uint64_t different;              /* bytes */
    uint64_t relocations, got_slots; /* of one base */
    uint64_t bases;                  /* compared */
} hy_link_result;

typedef struct hy_link_bases {
    uint64_t base, seed;
    unsigned count;
    const volatile sig_atomic_t *stop; /* set: no further bases, and the result is worth nothing; or NULL */
} hy_link_bases;
/* Compares at `count` bases drawn from `seed`; or at `base` alone if that is not 0.  0 with a result; -errno with the
 * sentence when the object cannot be read or ld not run. */
int hy_linker_compare(const hy_linker *linker, const char *name, const void *bytes, size_t size, hy_link_bases bases,
                      hy_link_result *ret_result, hy_error *error);

#endif
