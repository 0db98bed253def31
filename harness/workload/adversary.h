/* SPDX-License-Identifier: MIT
 *
 * adversary.h - what the adversaries share: their parameters, and the blocks that they have alive.
 *
 * They count in units: a block of k units asks for k * unit - header bytes, so that with the header that the allocator
 * puts before it, it takes k units and nothing is rounded.  `live` and `largest` are in bytes, headers included.
 */
#ifndef HY_ADVERSARY_H
#define HY_ADVERSARY_H

#include "script.h"

typedef struct hy_adversary_params {
    size_t live, largest, unit, header;
} hy_adversary_params;

/* The entries of the parameter table, for a params struct that begins with hy_adversary_params. */
#define HY_ADVERSARY_FIELD(key) .name = #key, .type = HY_PARAM_SIZE, .offset = offsetof(hy_adversary_params, key)
#define HY_ADVERSARY_TABLE(default_live, default_largest)                                                              \
    {HY_ADVERSARY_FIELD(live), .def = default_live, .min = 1, .max = (uint64_t)1 << 36,                                \
     .help = "most bytes alive at any time, headers included"},                                                        \
        {HY_ADVERSARY_FIELD(largest), .def = default_largest, .min = 1, .max = (uint64_t)1 << 32,                      \
         .help = "the largest block, its header included"},                                                            \
        {HY_ADVERSARY_FIELD(unit), .def = "64", .min = 16, .max = 1 << 20,                                             \
         .help = "the smallest block, its header included; a power of two"},                                           \
    {                                                                                                                  \
        HY_ADVERSARY_FIELD(header),                                                                                    \
            .def = "8", .min = 0, .max = 1 << 10,                                                                      \
            .help = "bytes that the allocator adds to a block: a block of k units asks for k * unit less these"        \
    }

/* A block, in units. */
typedef struct hy_foe_block {
    hy_scripted is;
    size_t units;
} hy_foe_block;

/* An adversary at work: its living blocks, in no order but what it makes. */
typedef struct hy_foe {
    hy_script *script;
    size_t unit, header;
    size_t most, n;     /* units: alive at most; of the largest block */
    size_t alive;       /* units */
    hy_foe_block *at;   /* blocks that are alive */
    size_t count, room; /* of `at` */
} hy_foe;

/* Checks the parameters and makes a foe; `owner` is for the sentence, `least` the least ratio of largest and unit. */
int hy_foe_start(hy_foe *ret_foe, hy_script *script, const hy_adversary_params *params, const char *owner, size_t least,
                 hy_error *error);
void hy_foe_end(hy_foe *foe);

/* A block of so many units at the end of `at`. */
int hy_foe_add(hy_foe *foe, size_t units, hy_error *error);
/* As many blocks of so many units as may still live. */
int hy_foe_fill(hy_foe *foe, size_t units, hy_error *error);
/* Frees a block; the caller takes it out of `at`. */
int hy_foe_free(hy_foe *foe, const hy_foe_block *block, hy_error *error);

#endif
