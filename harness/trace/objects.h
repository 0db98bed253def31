/* SPDX-License-Identifier: MIT
 *
 * objects.h - what is known of each living object: a hash table from ids, with linear probing (Knuth, The Art of
 * Computer Programming, volume 3, section 6.4, algorithms L and R).
 */
#ifndef HY_OBJECTS_H
#define HY_OBJECTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct hy_object {
    uint64_t key; /* id + 1; 0: nothing here */
    uint64_t size;
    uint64_t born;   /* the allocation clock at birth */
    uint32_t thread; /* that touched it last */
    /* How it was born, if its keeper wants to know: hy_event_kind, log2 of the alignment; and its site, below
     * HY_SITES_MAX. */
    uint32_t kind : 4, align : 6, site : 22;
} hy_object;

typedef struct hy_objects {
    hy_object *slots;
    size_t count;
    unsigned bits; /* log2 of the number of slots; at most half of them are full */
} hy_objects;

/* All zero is an empty table.  NULL: no memory, or more than ceiling.h allows.  The id must not be in it. */
hy_object *hy_objects_add(hy_objects *objects, uint64_t id);
/* NULL: not in it.  Valid until the next add or remove. */
hy_object *hy_objects_find(const hy_objects *objects, uint64_t id);
void hy_objects_remove(hy_objects *objects, hy_object *object);
void hy_objects_clear(hy_objects *objects);

#endif
