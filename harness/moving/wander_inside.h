/* SPDX-License-Identifier: MIT
 *
 * wander_inside.h - one wanderer in its child process: what placing, mending, scanning and remapping share.
 */
#ifndef HY_WANDER_INSIDE_H
#define HY_WANDER_INSIDE_H

#include "image.h"
#include "wander.h"
#include "wander_switch.h"
#include "wanderer.h"

#define WANDER_PAGE ((size_t)WANDERER_PAGE)

typedef struct wander_range {
    uint64_t start, end;
} wander_range;

typedef struct wander {
    const hy_wander_order *order;
    hy_wander_result *result;
    hy_reloc_image *image;
    size_t size;        /* of the image, whole pages */
    char *window;       /* address space to slide in, or just the image's */
    size_t window_size; /* bytes */
    char *base;         /* where the program lies */
    size_t heap, stack; /* offsets of these; WANDERER_PAGES pages, WANDERER_STACK bytes */
    uint64_t *mended;   /* a bit for each word of the image that the table writes to */
    uint64_t drawn;     /* random numbers so far */
    /* Frames: */
    int memory; /* a memfd; -1: none */
    char *view; /* all its frames in order */
    size_t frames;
    uint32_t *frame; /* of each page of the image */
    uint32_t *spare; /* frames that no page lies on */
    size_t spares;
} wander;

/* ---- wander_place.c: loading, and sliding ---- */

/* 0 or -errno with the sentence. */
int wander_load(wander *self, hy_error *error);
/* Where a symbol of the program lies now; `what` must be there. */
void *wander_at(const wander *self, const char *what);
uint64_t wander_symbol_size(const wander *self, const char *what);
/* The ranges of the program that are in use, as offsets; no more than three.  Their number. */
size_t wander_in_use(const wander *self, wander_range *ret_ranges);
/* To another base.  0 or -errno with the sentence. */
int wander_slide(wander *self, hy_error *error);
/* The next random number below `limit`. */
uint64_t wander_draw(wander *self, uint64_t limit);

/* ---- wander_scan.c ---- */

/* Counts words with a value of [old.start, old.end), by where they lie. */
void wander_scan(const wander *self, wander_range old, uint64_t *ret_counts);

/* ---- wander_mend.c ---- */

/* The program lies at its new base, all that has addresses of `old` in it is to be mended. */
void wander_mend(wander *self, wander_range old);
/* Bytes that the strategy keeps for it. */
uint64_t wander_extra(const wander *self);

/* ---- wander_frames.c, wander_mesh.c ---- */

/* Puts the program, which is loaded, on frames of a memfd. */
int wander_frames_start(wander *self, hy_error *error);
/* Lays a page of the program on a frame. */
int wander_frames_map(wander *self, size_t page, uint32_t frame, hy_error *error);
/* All frames that are in use become others. */
int wander_frames_move(wander *self, hy_error *error);
/* Two frames of the heap become one.  1; 0: no two can; -errno with the sentence. */
int wander_mesh(wander *self, hy_error *error);
/* Gives a page of the heap, that shares its frame, one of its own.  Whether it has. */
bool wander_mesh_part(wander *self, size_t page);
/* Frames of the heap that are in use; pages. */
uint64_t wander_mesh_frames(const wander *self);

/* ---- wander_price.c ---- */

/* Instructions of each step, or 0. */
double wander_price(const wander *self, const char *function);

#endif
