/* SPDX-License-Identifier: MIT
 *
 * stage.h - what the files that play a scenario share: the heap, the blocks by name, the ranges as they are now.
 */
#ifndef HY_STAGE_H
#define HY_STAGE_H

#include "heapmap.h"
#include "scenario.h"

/* A block with a name. */
typedef struct stage_block {
    const char *name;
    void *block;    /* NULL: not allocated now, or refused */
    size_t size;    /* as asked of the heap */
    uint64_t units; /* as asked by the scenario */
    size_t align;
    bool refused;    /* the last request for it found no room */
    bool unexpected; /* and no line has expected that yet */
    unsigned line;   /* of that request */
} stage_block;

typedef struct stage {
    const hy_scenario *scenario;
    FILE *out;
    hy_play *play;
    hy_instance heap;
    bool open;
    hy_pages *pages;
    char *storage;
    size_t storage_size, storage_bytes; /* as asked for, as mapped */
    uint64_t unit, header;
    const char *title; /* of the case, or NULL */
    stage_block *blocks;
    size_t block_count;
    uint64_t moved; /* bytes, by compactions */
    hy_heapmap map;
} stage;

/* Says what did not hold; returns 1, as the functions below do for an expectation that failed. */
__attribute__((format(printf, 3, 4))) int stage_disappoint(stage *self, unsigned line, const char *format, ...);

stage_block *stage_find(stage *self, const char *name);

/* The range of a live block in `map`, or NULL. */
const hy_range *stage_range(const stage *self, const void *block);

/* stage_steps.c: what is done to the heap.  0 or -errno with the sentence. */
int stage_act(stage *self, const hy_step *step, hy_error *error);

/* stage_expect.c.  0: it held; 1: it did not, and that was said; -errno. */
int stage_expect(stage *self, const hy_step *step, hy_error *error);

/* The rows of the block map, `width` units each, without separators; to be freed. */
char *stage_draw(stage *self, size_t width);
void stage_print_map(stage *self, size_t width);

#endif
