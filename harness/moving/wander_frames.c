/* SPDX-License-Identifier: MIT
 *
 * wander_frames.c - the program's memory moves and its addresses stay: frames of a memfd below one range.
 *
 *  1. The image is copied to the first frames of a memfd that has twice as many as it has pages, and these are mapped
 *     where it lies.  A second mapping shows all frames in their order.
 *  2. A move: the pages in use get frames drawn from the spare ones, their contents are copied, and each is mapped
 * anew. What they leave is overwritten, so that whoever still read there would be found out.
 *
 * This is what an operating system does below every program; by system calls it costs one for each page, and a mapping
 * for each run of pages whose frames are not in a row.
 */
#include "wander_inside.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ANYTHING (PROT_READ | PROT_WRITE | PROT_EXEC)

static int frames_memory(wander *self, hy_error *error) {
    const size_t bytes = self->frames * WANDER_PAGE;
    self->memory = memfd_create("wanderer", MFD_CLOEXEC);
    if (self->memory < 0 || ftruncate(self->memory, (off_t)bytes) < 0)
        return hy_fail(error, -errno, "no memfd of %zu bytes: %s", bytes, strerror(errno));
    self->view = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, self->memory, 0);
    if (self->view == MAP_FAILED)
        return hy_fail(error, -errno, "the memfd cannot be mapped: %s", strerror(errno));
    return 0;
}

int wander_frames_map(wander *self, size_t page, uint32_t frame, hy_error *error) {
    char *const at = self->base + page * WANDER_PAGE;
    const off_t offset = (off_t)(frame * WANDER_PAGE);
    if (mmap(at, WANDER_PAGE, ANYTHING, MAP_SHARED | MAP_FIXED, self->memory, offset) == MAP_FAILED)
        return hy_fail(error, -errno, "a frame cannot be mapped: %s", strerror(errno));
    self->frame[page] = frame;
    return 0;
}

int wander_frames_start(wander *self, hy_error *error) {
    const size_t pages = self->size / WANDER_PAGE;
    self->frames = 2 * pages;
    self->frame = calloc(pages, sizeof *self->frame);
    self->spare = calloc(pages, sizeof *self->spare);
    if (!self->frame || !self->spare)
        return hy_fail(error, -ENOMEM, "no memory");
    const int r = frames_memory(self, error);
    if (r < 0)
        return r;
    memcpy(self->view, self->base, self->size);
    if (mmap(self->base, self->size, ANYTHING, MAP_SHARED | MAP_FIXED, self->memory, 0) == MAP_FAILED)
        return hy_fail(error, -errno, "executable memory of a memfd was refused: %s", strerror(errno));
    for (uint32_t page = 0; page < pages; page++) {
        self->frame[page] = page;
        self->spare[page] = (uint32_t)pages + page;
    }
    self->spares = pages;
    return 0;
}

/* One page goes to a spare frame, and its own becomes the spare one. */
static int frames_move_page(wander *self, size_t page, uint32_t *ret_left, hy_error *error) {
    const uint64_t which = wander_draw(self, self->spares);
    const uint32_t to = self->spare[which], from = self->frame[page];
    memcpy(self->view + to * WANDER_PAGE, self->view + from * WANDER_PAGE, WANDER_PAGE);
    self->spare[which] = self->spare[--self->spares];
    *ret_left = from;
    self->result->bytes += WANDER_PAGE;
    return wander_frames_map(self, page, to, error);
}

static void frames_overwrite(wander *self, const uint32_t *left, size_t count) {
    for (size_t i = 0; i < count; i++) {
        memset(self->view + left[i] * WANDER_PAGE, 0xcc, WANDER_PAGE);
        self->spare[self->spares++] = left[i];
    }
}

int wander_frames_move(wander *self, hy_error *error) {
    wander_range use[3];
    uint32_t *const left = calloc(self->size / WANDER_PAGE, sizeof *left);
    size_t count = 0;
    int r = left ? 0 : hy_fail(error, -ENOMEM, "no memory");
    const size_t uses = wander_in_use(self, use);
    const uint64_t begin = hy_now();
    for (size_t i = 0; r == 0 && i < uses; i++)
        for (size_t page = use[i].start / WANDER_PAGE; r == 0 && page * WANDER_PAGE < use[i].end; page++)
            r = frames_move_page(self, page, &left[count++], error);
    const uint64_t time = hy_now() - begin;
    self->result->busy += time;
    self->result->longest = time > self->result->longest ? time : self->result->longest;
    self->result->moves++;
    if (left)
        frames_overwrite(self, left, count);
    free(left);
    return r;
}
