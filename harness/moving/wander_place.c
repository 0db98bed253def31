/* SPDX-License-Identifier: MIT
 *
 * wander_place.c - the wanderer is loaded, and slid from base to base.
 *
 *  1. A window of address space is reserved; the image lies somewhere in it, readable, writable and executable.
 *  2. To slide: memory at a base drawn by chance, that does not overlap; what is in use is copied (no page of the heap
 *     that was never opened, nothing below the stack pointer); the table of relocations is applied; the strategy mends;
 *     the old place becomes a range that nobody may touch, and its memory goes back.
 */
#include "wander_inside.h"

#include "clock.h"
#include "random.h"
#include "wanderer_bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WINDOW ((size_t)1 << 30)
#define ANYTHING (PROT_READ | PROT_WRITE | PROT_EXEC)

uint64_t wander_draw(wander *self, uint64_t limit) {
    return hy_random_below(self->order->seed, self->drawn++, limit);
}

void *wander_at(const wander *self, const char *what) {
    return self->base + hy_reloc_find(self->image, what)->value;
}

uint64_t wander_symbol_size(const wander *self, const char *what) {
    const hy_reloc_symbol *const symbol = hy_reloc_find(self->image, what);
    return symbol ? symbol->size : 0;
}

static bool place_resolve(void *context, const char *name, bool tls, uint64_t *ret_address) {
    (void)context;
    *ret_address = (uint64_t)(uintptr_t)hy_wander_host;
    return !tls && strcmp(name, "wanderer_host") == 0;
}

static hy_reloc_placement place_at(char *base) {
    return (hy_reloc_placement){.memory = (uint8_t *)base, .base = (uint64_t)(uintptr_t)base, .resolve = place_resolve};
}

/* ----------------------------------------------------------------------------------------------------- loading ---- */

static int place_add(wander *self, const wanderer_object *object, hy_error *error) {
    const int r = hy_reloc_add_bytes(self->image, "the wanderer's parts", object->parts, object->parts_size, error);
    return r < 0 ? r
                 : hy_reloc_add_bytes(self->image, "the wanderer's drive", object->drive, object->drive_size, error);
}

/* Each word that some line of the table writes to. */
static int place_note_table(wander *self) {
    size_t count;
    const hy_reloc_entry *const table = hy_reloc_table(self->image, &count);
    self->mended = calloc(self->size / 8 / 64 + 1, sizeof *self->mended);
    if (!self->mended)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const uint64_t first = table[i].place / 8, last = (table[i].place + hy_reloc_width(table[i].applied) - 1) / 8;
        for (uint64_t word = first; word <= last; word++)
            self->mended[word / 64] |= (uint64_t)1 << word % 64;
    }
    self->result->relocations = count;
    return 0;
}

static int place_window(wander *self, hy_error *error) {
    self->window_size = self->order->strategy->how == HY_WANDER_SLIDE ? WINDOW : self->size;
    self->window = mmap(NULL, self->window_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (self->window == MAP_FAILED)
        return hy_fail(error, -errno, "no address space of %zu bytes: %s", self->window_size, strerror(errno));
    self->base = self->window;
    return 0;
}

static int place_memory(char *at, size_t size, int protection, hy_error *error) {
    const int more = protection == PROT_NONE ? MAP_NORESERVE : 0;
    if (mmap(at, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | more, -1, 0) == MAP_FAILED)
        return hy_fail(error, -errno, "memory that is writable and executable was refused: %s", strerror(errno));
    return 0;
}

/* The stack at the start: the main function's address, and below it in calling order where that returns to. */
static void place_first_frame(wander *self) {
    uint64_t *const top = (uint64_t *)(void *)(self->base + self->stack + WANDERER_STACK - 32);
    top[0] = (uint64_t)(uintptr_t)wander_at(self, "wanderer_main");
    top[1] = (uint64_t)(uintptr_t)hy_wander_end;
    hy_wander_at = (hy_wander_registers){.sp = (uint64_t)(uintptr_t)top};
}

int wander_load(wander *self, hy_error *error) {
    int r = hy_reloc_create(NULL, &self->image, error);
    if (r == 0)
        r = place_add(self, &wanderer_objects[self->order->strategy->links], error);
    if (r == 0)
        r = hy_reloc_layout(self->image, error);
    if (r < 0)
        return r;
    self->size = (hy_reloc_size(self->image) + WANDER_PAGE - 1) & ~(WANDER_PAGE - 1);
    self->result->image = self->size;
    r = place_window(self, error);
    if (r == 0)
        r = place_memory(self->base, self->size, ANYTHING, error);
    if (r < 0)
        return r;
    self->heap = hy_reloc_find(self->image, "wanderer_heap")->value;
    self->stack = hy_reloc_find(self->image, "wanderer_stack")->value;
    const hy_reloc_placement placement = place_at(self->base);
    r = hy_reloc_place(self->image, &placement, error);
    place_first_frame(self);
    return r < 0 ? r : place_note_table(self);
}

/* ----------------------------------------------------------------------------------------------------- sliding ---- */

/* All but what lies between the opened part of the heap and its end, and between the stack's start and the stack
 * pointer: two gaps. */
size_t wander_in_use(const wander *self, wander_range *ret_ranges) {
    const uint64_t opened = *(const uint64_t *)wander_at(self, "wanderer_opened");
    const wander_range heap = {self->heap + opened * WANDER_PAGE, self->heap + WANDERER_PAGES * WANDER_PAGE};
    const wander_range stack = {self->stack, hy_wander_at.sp - (uint64_t)(uintptr_t)self->base};
    const wander_range first = heap.start < stack.start ? heap : stack,
                       second = heap.start < stack.start ? stack : heap;
    ret_ranges[0] = (wander_range){0, first.start};
    ret_ranges[1] = (wander_range){first.end, second.start};
    ret_ranges[2] = (wander_range){second.end, self->size};
    return 3;
}

/* A base that leaves the present one alone. */
static char *place_elsewhere(wander *self) {
    const uint64_t pages = (self->window_size - self->size) / WANDER_PAGE;
    for (;;) {
        char *const base = self->window + wander_draw(self, pages) * WANDER_PAGE;
        if (base + self->size <= self->base || base >= self->base + self->size)
            return base;
    }
}

static int slide_to(wander *self, char *to, hy_error *error) {
    char *const from = self->base;
    wander_range use[3];
    const size_t uses = wander_in_use(self, use);
    int r = place_memory(to, self->size, ANYTHING, error);
    if (r < 0)
        return r;
    for (size_t i = 0; i < uses; i++) {
        memcpy(to + use[i].start, from + use[i].start, use[i].end - use[i].start);
        self->result->bytes += use[i].end - use[i].start;
    }
    self->base = to;
    const hy_reloc_placement placement = place_at(to);
    r = hy_reloc_apply(self->image, &placement, NULL, NULL, error);
    if (r < 0)
        return r;
    const uint64_t old = (uint64_t)(uintptr_t)from;
    wander_mend(self, (wander_range){old, old + self->size});
    return self->order->strategy->keeps_old ? 0 : place_memory(from, self->size, PROT_NONE, error);
}

int wander_slide(wander *self, hy_error *error) {
    hy_wander_result *const result = self->result;
    const uint64_t start = (uint64_t)(uintptr_t)self->base;
    const wander_range old = {start, start + self->size};
    uint64_t left[HY_WANDER_KINDS];
    if (result->moves == 0)
        wander_scan(self, old, result->stale);
    const uint64_t begin = hy_now();
    const int r = slide_to(self, place_elsewhere(self), error);
    if (r < 0)
        return r;
    const uint64_t time = hy_now() - begin;
    result->busy += time;
    result->longest = time > result->longest ? time : result->longest;
    result->moves++;
    wander_scan(self, old, left);
    for (unsigned kind = 0; kind < HY_WANDER_KINDS; kind++)
        result->left[kind] += left[kind];
    return 0;
}
