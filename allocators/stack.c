/* SPDX-License-Identifier: MIT
 *
 * stack.c - last in, first out.
 *
 *  1. Blocks lie one on the other in one reservation, each with a 16-byte head in front: where the head below is, where
 *     the head above is, its size.  What is not used yet is committed step by step.
 *  2. Freeing the top block takes it off.
 *  3. Freeing another block only marks it dead; it is taken off as soon as all above it is.  So a free in the wrong
 *     order is safe and costs memory, not correctness.  check tells while such blocks wait, and after a free of a block
 *     that was not live (which is ignored).
 *  4. mark is the top head; rewind takes off all above it.
 *  5. Padding for a large alignment belongs to the block below.
 *
 * Source: D. E. Knuth, The Art of Computer Programming 1, section 2.2.2 (sequential allocation).
 * Bad at: everything that does not die in the opposite order of its birth.
 */
#include "support.h"

#include <errno.h>

#define STACK_UNIT ((size_t)16)
#define STACK_DEAD ((uint64_t)1 << 63)

typedef struct stack_params {
    size_t reserve;
    size_t step;
} stack_params;

/* Offsets are in units of 16 bytes from the base. */
typedef struct stack_head {
    uint32_t below, above;
    uint64_t size; /* usable bytes; bit 63: dead */
} stack_head;

typedef struct stack_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    char *base;       /* the lowest head; it has no bytes and never dies */
    size_t reserved;  /* bytes */
    size_t committed; /* bytes */
    size_t step;
    stack_head *top;
    uint64_t live;    /* blocks */
    uint64_t waiting; /* dead blocks below live ones */
    uint64_t misuse;  /* frees of blocks that were not live */
    uint64_t grows;
} stack_heap;

static const hy_param stack_table[] = {
    {.name = "reserve",
     .help = "most bytes there can ever be; a smaller page source gives what it has",
     .def = "4G",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(stack_params, reserve),
     .min = 64,
     .max = (uint64_t)1 << 36},
    {.name = "step",
     .help = "bytes to commit at a time",
     .def = "256K",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(stack_params, step),
     .min = 16,
     .max = (uint64_t)1 << 30},
    {.name = NULL},
};

/* ------------------------------------------------------------------------------------------------------- heads ---- */

static size_t stack_bytes(const stack_head *head) {
    return (size_t)(head->size & ~STACK_DEAD);
}

static char *stack_end(const stack_head *head) {
    return (char *)(head + 1) + stack_bytes(head);
}

static uint32_t stack_index(const stack_heap *self, const stack_head *head) {
    return (uint32_t)((size_t)((const char *)head - self->base) / STACK_UNIT);
}

static stack_head *stack_at(const stack_heap *self, uint32_t index) {
    return (stack_head *)(void *)(self->base + index * STACK_UNIT);
}

static bool stack_is_base(const stack_heap *self, const stack_head *head) {
    return (const char *)head == self->base;
}

/* Takes the top block off, and whatever dead blocks come to light. */
static void stack_pop(stack_heap *self) {
    if (self->top->size & STACK_DEAD)
        self->waiting--;
    else
        self->live--;
    self->top = stack_at(self, self->top->below);
}

static void stack_pop_dead(stack_heap *self) {
    while (self->top->size & STACK_DEAD)
        stack_pop(self);
}

/* Commits up to `end`.  False: no room. */
static bool stack_commit(stack_heap *self, size_t end) {
    if (end <= self->committed)
        return true;
    if (end > self->reserved)
        return false;
    const size_t more =
        hy_min(hy_pages_round(self->data, hy_max(end - self->committed, self->step)), self->reserved - self->committed);
    if (self->data->ops->commit(self->data, self->base + self->committed, more) < 0)
        return false;
    self->committed += more;
    self->grows++;
    return true;
}

/* -------------------------------------------------------------------------------------------------------- heap ---- */

static void stack_reset(hy_heap *heap) {
    stack_heap *const self = (stack_heap *)heap;
    self->top = stack_at(self, 0);
    *self->top = (stack_head){0, 0, 0};
    self->live = self->waiting = self->misuse = 0;
}

static int stack_create(const hy_setup *setup, hy_heap **ret) {
    const stack_params *const params = setup->params;
    stack_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->data = setup->data;
    self->meta = setup->meta;
    self->step = params->step;
    self->reserved = hy_pages_at_most(setup->data, params->reserve, STACK_UNIT);
    self->base = self->reserved == 0
                     ? NULL
                     : setup->data->ops->reserve(setup->data, self->reserved, hy_max(setup->data->granule, STACK_UNIT));
    if (self->base && stack_commit(self, sizeof(stack_head))) {
        stack_reset(&self->heap);
        *ret = &self->heap;
        return 0;
    }
    if (self->base)
        setup->data->ops->release(setup->data, self->base, self->reserved, 0);
    hy_instance_unmap(setup->meta, self, sizeof *self);
    return -ENOMEM;
}

static void stack_destroy(hy_heap *heap) {
    stack_heap *const self = (stack_heap *)heap;
    self->data->ops->release(self->data, self->base, self->reserved, self->committed);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

static void *stack_alloc(hy_heap *heap, size_t size, size_t align) {
    stack_heap *const self = (stack_heap *)heap;
    const size_t room = self->reserved - (size_t)(stack_end(self->top) - self->base);
    if (size > room || align > room)
        return NULL;
    const uintptr_t lowest = (uintptr_t)stack_end(self->top) + sizeof(stack_head);
    const size_t block = hy_align_up(lowest, hy_max(align, STACK_UNIT)) - (uintptr_t)self->base;
    const size_t bytes = hy_align_up(size, STACK_UNIT);
    if (!stack_commit(self, block + bytes))
        return NULL;
    stack_head *const head = (stack_head *)(void *)(self->base + block - sizeof(stack_head));
    self->top->size += (size_t)((char *)head - stack_end(self->top));
    self->top->above = stack_index(self, head);
    *head = (stack_head){.below = stack_index(self, self->top), .size = bytes};
    self->top = head;
    self->live++;
    return head + 1;
}

static void stack_free(hy_heap *heap, void *block, size_t size) {
    stack_heap *const self = (stack_heap *)heap;
    stack_head *const head = (stack_head *)block - 1;
    (void)size;
    if (head > self->top || head->size & STACK_DEAD) {
        self->misuse++;
        return;
    }
    head->size |= STACK_DEAD;
    self->live--;
    self->waiting++;
    stack_pop_dead(self);
}

static size_t stack_usable_size(hy_heap *heap, const void *block) {
    (void)heap;
    return stack_bytes((const stack_head *)block - 1);
}

/* The top block changes its size where it is; a smaller size always stays. */
static void *stack_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    stack_heap *const self = (stack_heap *)heap;
    stack_head *const head = (stack_head *)block - 1;
    const size_t at = (size_t)((char *)block - self->base);
    (void)old_size;
    if (head == self->top && new_size <= self->reserved - at &&
        stack_commit(self, at + hy_align_up(new_size, STACK_UNIT))) {
        head->size = hy_align_up(new_size, STACK_UNIT);
        return block;
    }
    if (new_size <= stack_bytes(head))
        return block;
    if (head == self->top)
        return NULL; /* a copy above it would need even more */
    void *const moved = stack_alloc(heap, new_size, align);
    if (!moved)
        return NULL;
    __builtin_memcpy(moved, block, stack_bytes(head));
    stack_free(heap, block, 0);
    return moved;
}

/* Bytes above the top go back. */
static size_t stack_trim(hy_heap *heap) {
    stack_heap *const self = (stack_heap *)heap;
    const size_t used = hy_pages_round(self->data, (size_t)(stack_end(self->top) - self->base));
    const size_t bytes = self->committed > used ? self->committed - used : 0;
    if (bytes == 0 || self->data->ops->decommit(self->data, self->base + used, bytes) < 0)
        return 0;
    self->committed = used;
    return bytes;
}

static void *stack_mark(hy_heap *heap) {
    return ((stack_heap *)heap)->top;
}

/* A mark whose block has been taken off since is not found: then everything above where it was is off already. */
static void stack_rewind(hy_heap *heap, void *mark) {
    stack_heap *const self = (stack_heap *)heap;
    while ((void *)self->top > mark)
        stack_pop(self);
    stack_pop_dead(self);
}

/* -------------------------------------------------------------------------------------------------- inspection ---- */

static int stack_walk(hy_heap *heap, hy_visit *visit, void *context) {
    const stack_heap *const self = (const stack_heap *)heap;
    const stack_head *head = stack_at(self, 0);
    const hy_range base = {.start = (uintptr_t)head, .size = (size_t)(stack_end(head) - self->base), .kind = HY_META};
    int r = visit(context, &base);
    while (r == 0 && head != self->top) {
        head = stack_at(self, head->above);
        const bool dead = head->size & STACK_DEAD;
        const hy_range range = {.start = (uintptr_t)head,
                                .size = sizeof *head + stack_bytes(head),
                                .block = (uintptr_t)(head + 1),
                                .usable = dead ? 0 : stack_bytes(head),
                                .kind = dead ? HY_FREE : HY_USED};
        r = visit(context, &range);
    }
    const size_t used = (size_t)(stack_end(self->top) - self->base), left = self->committed - used;
    const size_t usable = left > sizeof *head ? left - sizeof *head : 0;
    const hy_range rest = {.start = (uintptr_t)self->base + used, .size = left, .usable = usable, .kind = HY_FREE};
    return r != 0 || left == 0 ? r : visit(context, &rest);
}

static const char *stack_check(hy_heap *heap) {
    const stack_heap *const self = (const stack_heap *)heap;
    uint64_t live = 0, waiting = 0;
    for (const stack_head *head = self->top; !stack_is_base(self, head); head = stack_at(self, head->below)) {
        if (head->below >= stack_index(self, head))
            return "a head does not point down";
        if (stack_end(stack_at(self, head->below)) != (const char *)head)
            return "a block does not reach up to the next head";
        *(head->size & STACK_DEAD ? &waiting : &live) += 1;
    }
    if (live != self->live || waiting != self->waiting)
        return "the blocks and their counts do not agree";
    if (self->top->size & STACK_DEAD)
        return "a dead block is on top";
    if (self->misuse > 0)
        return "a block was freed that was not live";
    return self->waiting > 0 ? "a block was freed before the blocks above it; its memory waits for them" : NULL;
}

static void stack_stats(hy_heap *heap, hy_stats *ret) {
    const stack_heap *const self = (const stack_heap *)heap;
    ret->live_blocks = self->live;
    ret->holes = self->waiting + (self->committed > (size_t)(stack_end(self->top) - self->base));
    ret->grows = self->grows;
}

const hy_heap_ops hy_stack_ops = {
    .name = "stack",
    .summary = "last in, first out; a free in the wrong order waits",
    .source = "Knuth, The Art of Computer Programming 1, 2.2.2",
    .flags = HY_LIFO,
    .threads = HY_THREADS_NONE,
    .max_align = HY_ANY,
    .max_size = HY_ANY,
    .params = stack_table,
    .params_size = sizeof(stack_params),
    .create = stack_create,
    .destroy = stack_destroy,
    .alloc = stack_alloc,
    .free = stack_free,
    .realloc = stack_realloc,
    .usable_size = stack_usable_size,
    .reset = stack_reset,
    .trim = stack_trim,
    .walk = stack_walk,
    .check = stack_check,
    .stats = stack_stats,
    .mark = stack_mark,
    .rewind = stack_rewind,
};
