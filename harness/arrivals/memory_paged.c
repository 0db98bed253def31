/* SPDX-License-Identifier: MIT
 *
 * memory_paged.c - paged memory: frames on demand, and swap when they are short.  A model.
 *
 *  1. A program is admitted at once, whatever is free; it has as many pages as its measured peak.
 *  2. When it refers to a page that is in no frame, that is a fault: the page gets a free frame, or that of the page
 *     that came first (fifo), or was referred to longest ago (lru), whosever it is; that page goes to swap.
 *  3. What leaves gives back its frames, and its pages in swap are forgotten.
 *
 * Swap has no end and pages are shared by nobody.  Real kernels drop pages of files instead of swapping them, and read
 * ahead; `heapyard page` has policies, simulators and a live pager.
 */
#include "memory_model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define NO_FRAME UINT32_MAX
#define PAGES_MOST ((uint64_t)1 << 26) /* of one program */

typedef struct frame {
    uint32_t owner, page;    /* a program and its page */
    uint32_t older, younger; /* in the order of eviction; NO_FRAME: the first, the last */
} frame;

typedef struct paged_program {
    uint32_t *frame_of; /* for each page; NO_FRAME: in swap, or never used */
    uint32_t pages;
    bool came; /* it has referred to its pages once */
} paged_program;

typedef struct paged_memory {
    hy_memory memory;
    uint64_t page, frames; /* bytes, and how many there are */
    bool lru;
    frame *frame;
    uint32_t made, room;       /* frames used so far */
    uint32_t spare;            /* frames given back, by `younger` */
    uint32_t oldest, youngest; /* of those in use */
    uint64_t taken;
    size_t programs;
    paged_program *program;
} paged_memory;

static void paged_destroy(hy_memory *memory) {
    paged_memory *const self = (paged_memory *)memory;
    for (size_t i = 0; self->program && i < self->programs; i++)
        free(self->program[i].frame_of);
    free(self->program);
    free(self->frame);
    free(self);
}

static int paged_create(const hy_model *model, uint64_t machine, size_t programs, hy_memory **ret, hy_error *error) {
    paged_memory *const self = calloc(1, sizeof *self);
    paged_program *const program = calloc(programs + 1, sizeof *program);
    if (!self || !program) {
        free(self);
        free(program);
        return hy_fail(error, -ENOMEM, "no memory for a model");
    }
    *self = (paged_memory){.memory = {.ops = &hy_paged_memory_ops, .most = PAGES_MOST * model->unit},
                           .page = model->unit,
                           .frames = machine / model->unit,
                           .lru = model->lru,
                           .spare = NO_FRAME,
                           .oldest = NO_FRAME,
                           .youngest = NO_FRAME,
                           .programs = programs,
                           .program = program};
    const uint64_t frames = self->frames;
    if (frames == 0 || frames >= NO_FRAME) {
        paged_destroy(&self->memory);
        return hy_fail(error, -EINVAL, "%" PRIu64 " frames; the paged model takes 1 to %u", frames, NO_FRAME - 1);
    }
    *ret = &self->memory;
    return 0;
}

/* ----------------------------------------------------------------------------------------------------------- order
 * ---- */

static void unlink_frame(paged_memory *self, uint32_t i) {
    const frame *const f = &self->frame[i];
    *(f->older == NO_FRAME ? &self->oldest : &self->frame[f->older].younger) = f->younger;
    *(f->younger == NO_FRAME ? &self->youngest : &self->frame[f->younger].older) = f->older;
}

static void link_youngest(paged_memory *self, uint32_t i) {
    self->frame[i].older = self->youngest;
    self->frame[i].younger = NO_FRAME;
    *(self->youngest == NO_FRAME ? &self->oldest : &self->frame[self->youngest].younger) = i;
    self->youngest = i;
}

/* A frame that was never used: the table grows with what is needed, not with the machine. */
static uint32_t make_frame(paged_memory *self) {
    if (self->made == self->room) {
        const uint64_t wanted = 2 * (uint64_t)self->room + 1024;
        self->room = (uint32_t)(wanted < self->frames ? wanted : self->frames);
        self->frame = realloc(self->frame, self->room * sizeof *self->frame);
        if (!self->frame)
            abort();
    }
    return self->made++;
}

static uint32_t find_frame(paged_memory *self) {
    uint32_t i = self->spare;
    if (i != NO_FRAME) {
        self->spare = self->frame[i].younger;
    } else if (self->made < self->frames) {
        i = make_frame(self);
    } else {
        i = self->oldest;
        unlink_frame(self, i);
        self->program[self->frame[i].owner].frame_of[self->frame[i].page] = NO_FRAME;
        self->taken--;
    }
    self->taken++;
    return i;
}

/* ------------------------------------------------------------------------------------------------------- reference
 * ---- */

static void refer(paged_memory *self, size_t owner, uint32_t page) {
    paged_program *const program = &self->program[owner];
    const uint32_t has = program->frame_of[page];
    if (has != NO_FRAME) {
        if (self->lru) {
            unlink_frame(self, has);
            link_youngest(self, has);
        }
        return;
    }
    const uint32_t i = find_frame(self);
    self->frame[i].owner = (uint32_t)owner;
    self->frame[i].page = page;
    link_youngest(self, i);
    program->frame_of[page] = i;
    self->memory.counts.faults++;
    self->memory.counts.faults_again += program->came;
}

static void paged_touch(hy_memory *memory, size_t program) {
    paged_memory *const self = (paged_memory *)memory;
    for (uint32_t page = 0; page < self->program[program].pages; page++)
        refer(self, program, page);
    self->program[program].came = true;
}

static uint64_t paged_take(hy_memory *memory, size_t program, uint64_t minimum, uint64_t preferred) {
    paged_memory *const self = (paged_memory *)memory;
    (void)minimum;
    const uint64_t pages = (preferred + self->page - 1) / self->page;
    if (pages > PAGES_MOST)
        return 0;
    paged_program *const is = &self->program[program];
    *is = (paged_program){.frame_of = malloc((pages + 1) * sizeof *is->frame_of), .pages = (uint32_t)pages};
    if (!is->frame_of)
        return 0;
    for (uint64_t i = 0; i < pages; i++)
        is->frame_of[i] = NO_FRAME;
    paged_touch(memory, program);
    return pages * self->page;
}

static void paged_leave(hy_memory *memory, size_t program) {
    paged_memory *const self = (paged_memory *)memory;
    paged_program *const is = &self->program[program];
    for (uint32_t page = 0; page < is->pages; page++) {
        const uint32_t i = is->frame_of[page];
        if (i == NO_FRAME)
            continue;
        unlink_frame(self, i);
        self->frame[i].younger = self->spare;
        self->spare = i;
        self->taken--;
    }
    free(is->frame_of);
    *is = (paged_program){.frame_of = NULL};
}

static void paged_holes(const hy_memory *memory, uint64_t *ret_free, uint64_t *ret_largest) {
    const paged_memory *const self = (const paged_memory *)memory;
    *ret_free = *ret_largest = (self->frames - self->taken) * self->page;
}

const hy_memory_ops hy_paged_memory_ops = {.create = paged_create,
                                           .destroy = paged_destroy,
                                           .take = paged_take,
                                           .leave = paged_leave,
                                           .touch = paged_touch,
                                           .holes = paged_holes};
