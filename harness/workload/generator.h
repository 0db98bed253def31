/* SPDX-License-Identifier: MIT
 *
 * generator.h - a maker of traces, named and spelled like an allocator: `robson:live=1M,largest=64K`.
 *
 * Some look at the addresses that a real heap gives to their blocks, and free what hurts it most; the trace is what
 * they did.  It replays on any allocator, and is worst for the one that it was made against.
 */
#ifndef HY_GENERATOR_H
#define HY_GENERATOR_H

#include "script.h"

typedef struct hy_generator {
    const char *name, *summary;
    const char *source; /* the paper or book, and what is proved */
    bool looks;         /* at addresses: needs an allocator */
    bool discreet;      /* its parameters name a file that is not to be told of: the trace gets its bare name */
    const hy_param *params;
    size_t params_size;
    /* Plays the script.  0 or -errno with the sentence. */
    int (*run)(hy_script *script, const void *params, hy_error *error);
} hy_generator;

/* Ends with NULL. */
extern const hy_generator *const hy_generators[];

/* What came out.  Bytes. */
typedef struct hy_generated {
    uint64_t events, blocks;
    uint64_t peak_live; /* as asked for */
    uint64_t span;      /* from the lowest to the highest address that blocks ever had; 0 without a heap */
    uint64_t footprint; /* most committed by the heap; 0: not known (mallocs of others) */
    uint64_t proven;    /* of `span`: what the generator proves; 0: nothing */
    const char *note;   /* NULL, or what else is to be said */
    hy_error warning;   /* empty, or what is missing from what was read */
} hy_generated;

/* NULL: there is none of that name. */
const hy_generator *hy_generator_find(hy_text name);

/* Runs `spec` (name:key=value) against the allocator of spec `allocator` (NULL: none), and writes `trace` (NULL: only
 * measures).  `command` and `origin` describe the trace.  0 or -errno with the sentence. */
typedef struct hy_generate_options {
    const char *spec, *allocator, *trace, *command, *origin;
} hy_generate_options;
int hy_generate(const hy_generate_options *options, hy_generated *ret, hy_error *error);

#endif
