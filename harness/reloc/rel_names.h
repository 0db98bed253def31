/* SPDX-License-Identifier: MIT
 *
 * rel_names.h - numbers by name: an open hash table whose keys belong to somebody else and outlive it.
 */
#ifndef HY_REL_NAMES_H
#define HY_REL_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define HY_REL_NO_NUMBER UINT32_MAX

typedef struct hy_rel_names {
    struct hy_rel_name {
        const char *name; /* NULL: empty */
        uint32_t hash, number;
    } * slots;
    size_t room, count; /* room is a power of two, or 0 */
} hy_rel_names;

/* The number of a name, or HY_REL_NO_NUMBER. */
uint32_t hy_rel_names_find(const hy_rel_names *names, const char *name);

/* Adds a name that is not there, or gives it another number.  0 or -ENOMEM. */
int hy_rel_names_put(hy_rel_names *names, const char *name, uint32_t number);

void hy_rel_names_free(hy_rel_names *names);

#endif
