/* SPDX-License-Identifier: MIT
 *
 * lists.h - lists that grow by an entry at a time, and have room for twice as many whenever they are full.
 */
#ifndef HY_LISTS_H
#define HY_LISTS_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The list with room for one more entry behind `count` of `size` bytes, of one that grew by this alone: there is room
 * up to the next power of two.  NULL: no memory, and the list is as it was. */
static inline void *hy_list_more(void *list, size_t count, size_t size) {
    return list && (count & (count - 1)) != 0 ? list : realloc(list, (count ? 2 * count : 1) * size);
}

/* The same with a room of its own, for lists that are emptied and filled again. */
static inline void *hy_list_room(void *list, size_t count, size_t *room, size_t size) {
    if (count < *room)
        return list;
    const size_t grown = *room ? 2 * *room : 64;
    void *const more = realloc(list, grown * size);
    if (more)
        *room = grown;
    return more;
}

/* For those who cannot go on without memory: the process ends. */
static inline void *hy_list_must(void *list, size_t count, size_t size) {
    void *const more = hy_list_more(list, count, size);
    if (!more)
        abort();
    return more;
}
static inline char *hy_text_must(const char *text) { /* a copy; NULL is "" */
    char *const copy = strdup(text ? text : "");
    if (!copy)
        abort();
    return copy;
}

#endif
