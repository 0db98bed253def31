/* SPDX-License-Identifier: MIT
 *
 * wander_mesh.c - two pages of the heap whose used slots are apart come to lie on one frame.
 *
 *  1. The bits of two frames have none in common: the used slots of the second are copied to the first, all pages of
 * the second are mapped on the first, and the second is given back (a hole in the memfd).  No address changes.
 *  2. Slots are taken at random, so that two half empty pages rarely collide; the program's own bits say which slots of
 * a frame are free, through whatever page they were taken.
 *  3. When the program wants more, a page with nothing in it that shares its frame gets one of its own again.
 *
 * Source: B. Powers, D. Tench, E. D. Berger, A. McGregor, "Mesh: compacting memory management for C/C++ applications",
 * PLDI 2019.
 */
#include "wander_inside.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

typedef struct mesh {
    uint64_t *frame_of, *bits; /* of each page of the heap; of each frame */
    uint64_t opened;
    size_t first; /* page of the image that is the heap's first */
} mesh;

static mesh mesh_of(const wander *self) {
    return (mesh){wander_at(self, "wanderer_page_frame"), wander_at(self, "wanderer_frame_bits"),
                  *(const uint64_t *)wander_at(self, "wanderer_opened"), self->heap / WANDER_PAGE};
}

static uint64_t mesh_pages_on(const mesh *of, uint64_t frame) {
    uint64_t count = 0;
    for (uint64_t page = 0; page < of->opened; page++)
        count += of->frame_of[page] == frame;
    return count;
}

uint64_t wander_mesh_frames(const wander *self) {
    const mesh of = mesh_of(self);
    uint64_t count = 0;
    for (uint64_t frame = 0; frame < of.opened; frame++)
        count += mesh_pages_on(&of, frame) > 0;
    return count;
}

/* Frames with something in them, and nothing at the same place; the search begins anywhere. */
static bool mesh_find(wander *self, const mesh *of, uint64_t *ret_keep, uint64_t *ret_give) {
    const uint64_t from = of->opened ? wander_draw(self, of->opened) : 0;
    for (uint64_t i = 0; i < of->opened; i++)
        for (uint64_t give = 0; give < of->opened; give++) {
            const uint64_t keep = (from + i) % of->opened;
            if (keep != give && of->bits[keep] && of->bits[give] && !(of->bits[keep] & of->bits[give])) {
                *ret_keep = keep;
                *ret_give = give;
                return true;
            }
        }
    return false;
}

static void mesh_copy(wander *self, const mesh *of, uint64_t keep, uint64_t give) {
    char *const to = self->view + (of->first + keep) * WANDER_PAGE, *const from =
                                                                        self->view + (of->first + give) * WANDER_PAGE;
    for (uint64_t bits = of->bits[give]; bits; bits &= bits - 1) {
        const size_t slot = (size_t)__builtin_ctzll(bits) * WANDERER_SLOT;
        memcpy(to + slot, from + slot, WANDERER_SLOT);
        self->result->bytes += WANDERER_SLOT;
    }
    of->bits[keep] |= of->bits[give];
    of->bits[give] = 0;
}

static int mesh_frames(wander *self, const mesh *of, uint64_t keep, uint64_t give, hy_error *error) {
    mesh_copy(self, of, keep, give);
    for (uint64_t page = 0; page < of->opened; page++) {
        if (of->frame_of[page] != give)
            continue;
        of->frame_of[page] = keep;
        const int r = wander_frames_map(self, of->first + page, (uint32_t)(of->first + keep), error);
        if (r < 0)
            return r;
    }
    const off_t hole = (off_t)((of->first + give) * WANDER_PAGE);
    if (fallocate(self->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, hole, (off_t)WANDER_PAGE) < 0)
        return hy_fail(error, -errno, "a frame cannot be given back: %s", strerror(errno));
    return 1;
}

int wander_mesh(wander *self, hy_error *error) {
    const mesh of = mesh_of(self);
    uint64_t keep, give;
    const uint64_t in_use = wander_mesh_frames(self);
    if (in_use > self->result->most_frames)
        self->result->most_frames = in_use;
    const uint64_t begin = hy_now();
    if (!mesh_find(self, &of, &keep, &give))
        return 0;
    const int r = mesh_frames(self, &of, keep, give, error);
    const uint64_t time = hy_now() - begin;
    self->result->busy += time;
    self->result->longest = time > self->result->longest ? time : self->result->longest;
    self->result->moves++;
    return r;
}

bool wander_mesh_part(wander *self, size_t page) {
    const mesh of = mesh_of(self);
    if (mesh_pages_on(&of, of.frame_of[page]) < 2)
        return false;
    for (uint64_t frame = 0; frame < of.opened; frame++)
        if (mesh_pages_on(&of, frame) == 0 &&
            wander_frames_map(self, of.first + page, (uint32_t)(of.first + frame), NULL) == 0) {
            of.frame_of[page] = frame;
            of.bits[frame] = 0;
            return true;
        }
    return false;
}
