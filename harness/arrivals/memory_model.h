/* SPDX-License-Identifier: MIT
 *
 * memory_model.h - what a machine's memory does with programs: flat, fixed, dynamic or paged.
 */
#ifndef HY_MEMORY_MODEL_H
#define HY_MEMORY_MODEL_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum hy_model_kind { HY_MODEL_FLAT, HY_MODEL_FIXED, HY_MODEL_DYNAMIC, HY_MODEL_PAGED } hy_model_kind;

/* One model, as a user names it:
 *   flat                       one program owns all
 *   fixed:BLOCK                blocks of that size, first fit         (the allocator `partitions`)
 *   dynamic:POLICY[:tidy]      any number of bytes                    (the allocator `fit`, metadata out of band)
 *   paged:fifo|lru[:PAGE]      frames on demand, and swap
 * tidy: when a program finds no hole but enough is free, all slide down to the front first. */
typedef struct hy_model {
    char name[64];
    hy_model_kind kind;
    uint64_t unit;  /* bytes of a block or page */
    char spec[160]; /* of the allocator; fixed and dynamic */
    bool tidy;
    bool lru; /* paged; else first in, first out */
} hy_model;

/* 0 or -EINVAL with the sentence. */
int hy_model_parse(const char *name, size_t size, hy_model *ret, hy_error *error);

/* What a model counts of its own. */
typedef struct hy_memory_counts {
    uint64_t moved, tidied; /* bytes that slid; times that it was done */
    uint64_t faults;        /* pages brought in, the first time and again */
    uint64_t faults_again;  /* of these, again: the page had been swapped out */
} hy_memory_counts;

typedef struct hy_memory hy_memory;
typedef struct hy_memory_ops {
    int (*create)(const hy_model *model, uint64_t machine, size_t programs, hy_memory **ret, hy_error *error);
    void (*destroy)(hy_memory *memory);
    /* Room for a program: `preferred` bytes, or if that cannot be, as much as there is in one piece, at least
     * `minimum`. What it got; 0: none. */
    uint64_t (*take)(hy_memory *memory, size_t program, uint64_t minimum, uint64_t preferred);
    void (*leave)(hy_memory *memory, size_t program);
    /* The program, which is there, refers to all of its memory.  NULL: that is nobody's concern. */
    void (*touch)(hy_memory *memory, size_t program);
    /* Bytes that are free, and of them the most that one program can get. */
    void (*holes)(const hy_memory *memory, uint64_t *ret_free, uint64_t *ret_largest);
    /* Makes one hole of all that is free.  NULL: there is nothing to make.  False: it failed, and nothing has changed.
     */
    bool (*tidy)(hy_memory *memory);
} hy_memory_ops;

struct hy_memory {
    const hy_memory_ops *ops;
    uint64_t most; /* bytes that one program can get when nobody else is there */
    hy_memory_counts counts;
};

extern const hy_memory_ops hy_flat_memory_ops, hy_heap_memory_ops, hy_paged_memory_ops;

#endif
