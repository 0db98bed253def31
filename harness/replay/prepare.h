/* SPDX-License-Identifier: MIT
 *
 * prepare.h - a trace made ready for children: all of it, or to be fed to each child window by window.
 *
 *   1. A trace that is not longer than `whole` entries becomes one program, which all children share.
 *   2. A longer one is read once to its end for what must be known beforehand (facts, slots, lanes), and then again for
 *      each child, `window` entries at a time (feeder.h).
 */
#ifndef HY_PREPARE_H
#define HY_PREPARE_H

#include "compile.h"

/* Entries: an operation is one, a realloc two.  16 bytes each, 24 with times. */
#define HY_PREPARE_WHOLE ((uint64_t)1 << 23)
#define HY_PREPARE_WINDOW ((uint64_t)1 << 22)

typedef struct hy_prepare_order {
    const char *path;
    hy_form form;
    bool timed;
    uint64_t window;     /* 0: as above; else the most entries at once, of a whole trace too */
    uint64_t most_bytes; /* what lives may take, in the tables here; 0: ceiling.h */
} hy_prepare_order;

typedef struct hy_prepared {
    int fd;                /* the program; -1: it is streamed */
    hy_prepare_order what; /* `path` is our own */
    uint64_t window;
    hy_program_head head; /* of a streamed one, with no operations in it */
} hy_prepared;

/* 0 or -errno with the sentence. */
int hy_prepare(const hy_prepare_order *order, hy_prepared *ret_prepared, hy_error *error);
static inline bool hy_prepared_is_streamed(const hy_prepared *prepared) {
    return prepared->fd < 0;
}
/* Also of one that is all zero but for fd = -1. */
void hy_prepared_free(hy_prepared *prepared);

#endif
