/* SPDX-License-Identifier: MIT
 *
 * guard.c - finds misuse of any heap: overflow, underflow, double free, free of what is no block.
 *
 *  1. A block of the heap behind holds: the offset to the caller's bytes, padding for the alignment, a head (seal,
 *     size, offset), the caller's bytes, and a tail of canary bytes (guard_block.h).
 *  2. The seal depends on a secret key, the address, the size and the offset.  A dead block has another seal.
 *  3. free, realloc and check verify seal and tail.  What is found ends the process with a sentence that names it.
 *  4. Freed bytes are filled with 0xdf, fresh ones with 0xaf, up to the first MiB (poison=no: they are not).
 *  5. The caller may use exactly what was asked for, so that one byte too many is noticed.
 *
 * Source: stack canaries, C. Cowan et al., StackGuard, USENIX Security 1998; poison as in Linux's SLUB debugging.
 * Bad at: speed and memory (48 bytes a block).  A double free goes unnoticed if the heap has handed the same block out
 * again, and reads are never noticed.
 */
#include "guard_block.h"

#include <errno.h>

#define GUARD_FRESH 0xaf
#define GUARD_FREED 0xdf
#define GUARD_POISONED ((size_t)1 << 20) /* bytes at most: a huge block need not become resident */

typedef struct guard_params {
    size_t tail;
    bool poison;
} guard_params;

typedef struct guard_heap {
    hy_heap heap;
    hy_heap *inner;
    hy_pages *meta;
    const hy_host *host;
    guard_fence fence;
    bool poison;
} guard_heap;

static const hy_param guard_table[] = {
    {.name = "tail",
     .help = "canary bytes behind each block",
     .def = "16",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(guard_params, tail),
     .min = 1,
     .max = 4096},
    {.name = "poison",
     .help = "fill fresh and freed bytes",
     .def = "yes",
     .type = HY_PARAM_BOOL,
     .offset = offsetof(guard_params, poison)},
    {.name = NULL},
};

/* ---------------------------------------------------------------------------------------------------- sentence ---- */

static char *guard_put_text(char *at, const char *text) {
    const size_t size = strlen(text);
    memcpy(at, text, size + 1);
    return at + size;
}

static char *guard_put_hex(char *at, uintptr_t number) {
    for (int shift = 44; shift >= 0; shift -= 4)
        *at++ = "0123456789abcdef"[number >> shift & 15];
    *at = '\0';
    return at;
}

static void guard_die(const guard_heap *self, const char *call, const void *block, const char *what) {
    char text[256];
    char *at = guard_put_text(text, "guard: ");
    at = guard_put_text(at, call);
    at = guard_put_text(at, ": block 0x");
    at = guard_put_hex(at, (uintptr_t)block);
    at = guard_put_text(at, " ");
    guard_put_text(at, what);
    self->host->fatal(text);
}

/* -------------------------------------------------------------------------------------------------------- heap ---- */

static int guard_create(const hy_setup *setup, hy_heap **ret) {
    const guard_params *const params = setup->params;
    if (!setup->inner || setup->inner->ops->flags & HY_FAKE)
        return hy_refuse(setup, -EINVAL, "a heap whose blocks overlap cannot be guarded");
    if (setup->inner->max_size <= GUARD_FRONT + params->tail)
        return hy_refuse(setup, -EINVAL, "the blocks of the heap behind it are too small to be guarded");
    guard_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->inner = setup->inner;
    self->meta = setup->meta;
    self->host = setup->host;
    self->fence.key = setup->host->entropy() | 1;
    self->fence.tail = params->tail;
    self->poison = params->poison;
    self->heap.max_size = setup->inner->max_size - GUARD_FRONT - self->fence.tail;
    *ret = &self->heap;
    return 0;
}

static void guard_destroy(hy_heap *heap) {
    hy_instance_unmap(((guard_heap *)heap)->meta, heap, sizeof(guard_heap));
}

static size_t guard_front(size_t align) {
    return hy_align_up(GUARD_FRONT, align);
}

/* Bytes to ask of the heap behind, or 0: it can never have that much. */
static size_t guard_total(const guard_heap *self, size_t size, size_t align) {
    size_t total = 0;
    if (align > PTRDIFF_MAX / 2 || __builtin_add_overflow(guard_front(align) + self->fence.tail, size, &total))
        return 0;
    return total > self->inner->max_size ? 0 : total;
}

/* Makes a block of the heap behind, or NULL, one of ours. */
static void *guard_dress(const guard_heap *self, char *inner, size_t size, size_t align) {
    if (!inner)
        return NULL;
    guard_write(&self->fence, inner + guard_front(align), size, guard_front(align), GUARD_LIVE);
    return inner + guard_front(align);
}

static void *guard_alloc(hy_heap *heap, size_t size, size_t align) {
    guard_heap *const self = (guard_heap *)heap;
    const size_t total = guard_total(self, size, align);
    char *const inner = total ? self->inner->ops->alloc(self->inner, total, align) : NULL;
    void *const block = guard_dress(self, inner, size, align);
    return block && self->poison ? memset(block, GUARD_FRESH, hy_min(size, GUARD_POISONED)) : block;
}

static void *guard_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    guard_heap *const self = (guard_heap *)heap;
    const size_t total = guard_total(self, size, align);
    return guard_dress(self, total ? self->inner->ops->alloc_zeroed(self->inner, total, align) : NULL, size, align);
}

/* A host whose fatal comes back (tests) finds the block untouched. */
static void guard_free(hy_heap *heap, void *address, size_t size) {
    guard_heap *const self = (guard_heap *)heap;
    char *const block = address;
    const char *const wrong = guard_judge(&self->fence, block);
    const guard_head head = guard_read(block);
    const char *const sized = size != 0 && size != head.size ? "was freed with another size than asked for" : NULL;
    if (wrong || sized) {
        guard_die(self, "free", block, wrong ? wrong : sized);
        return;
    }
    if (self->poison)
        memset(block, GUARD_FREED, hy_min(head.size, GUARD_POISONED));
    guard_write(&self->fence, block, head.size, head.front, GUARD_DEAD);
    self->inner->ops->free(self->inner, block - head.front, head.front + head.size + self->fence.tail);
}

/* A stack resizes its top block where it is; a new one above it would be in the way. */
static void *guard_resize(guard_heap *self, char *block, guard_head head, size_t align, size_t new_size) {
    const size_t total = guard_total(self, new_size, align), old_total = head.front + head.size + self->fence.tail;
    char *const inner = block - head.front;
    char *const resized = total ? self->inner->ops->realloc(self->inner, inner, old_total, align, total) : NULL;
    char *const now = guard_dress(self, resized, new_size, align);
    if (now && self->poison && new_size > head.size)
        memset(now + head.size, GUARD_FRESH, hy_min(new_size - head.size, GUARD_POISONED));
    return now;
}

/* Another size is another block, so that stale addresses do not work by chance. */
static void *guard_realloc(hy_heap *heap, void *address, size_t old_size, size_t align, size_t new_size) {
    guard_heap *const self = (guard_heap *)heap;
    char *const block = address;
    const char *const wrong = guard_judge(&self->fence, block);
    const guard_head head = guard_read(block);
    (void)old_size;
    if (wrong) {
        guard_die(self, "realloc", block, wrong);
        return NULL;
    }
    if (self->inner->ops->flags & HY_LIFO)
        return guard_resize(self, block, head, align, new_size);
    void *const moved = new_size == head.size ? block : guard_alloc(heap, new_size, align);
    if (!moved || moved == block)
        return moved;
    memcpy(moved, block, hy_min(head.size, new_size));
    guard_free(heap, block, head.size);
    return moved;
}

static size_t guard_usable_size(hy_heap *heap, const void *block) {
    (void)heap;
    return guard_read(block).size;
}

/* ------------------------------------------------------------------------------------------- walking, checking ---- */

typedef struct guard_tour {
    const guard_heap *self;
    hy_visit *visit;
    void *context;
    const char *wrong;
} guard_tour;

/* The caller's bytes in a used range of the heap behind, or NULL: the offset to them was overwritten. */
static const char *guard_inside(const guard_heap *self, const hy_range *range) {
    uint64_t front = 0;
    if (range->usable < GUARD_FRONT + self->fence.tail)
        return NULL;
    memcpy(&front, (const void *)range->block, sizeof front);
    return front < GUARD_FRONT || front > range->usable - self->fence.tail ? NULL : (const char *)range->block + front;
}

/* Narrows a range to what the caller sees.  A dead block that the heap behind still holds cannot serve anybody. */
static int guard_visit(void *context, const hy_range *range) {
    const guard_tour *const tour = context;
    const size_t around = GUARD_FRONT + tour->self->fence.tail;
    hy_range seen = *range;
    const char *const block = range->kind == HY_USED ? guard_inside(tour->self, range) : NULL;
    if (block) {
        seen.kind = guard_is_dead(&tour->self->fence, block) ? HY_FREE : HY_USED;
        seen.block = (uintptr_t)block;
        seen.usable = seen.kind == HY_FREE ? 0 : guard_read(block).size;
    } else {
        seen.usable = range->usable > around ? range->usable - around : 0;
    }
    return tour->visit(tour->context, &seen);
}

static int guard_walk(hy_heap *heap, hy_visit *visit, void *context) {
    guard_heap *const self = (guard_heap *)heap;
    guard_tour tour = {.self = self, .visit = visit, .context = context};
    return self->inner->ops->walk(self->inner, guard_visit, &tour);
}

static int guard_visit_check(void *context, const hy_range *range) {
    guard_tour *const tour = context;
    if (range->kind != HY_USED)
        return 0;
    const char *const block = guard_inside(tour->self, range);
    if (!block)
        tour->wrong = "the first bytes of a guarded block were overwritten";
    else if (!guard_is_dead(&tour->self->fence, block))
        tour->wrong = guard_judge(&tour->self->fence, block);
    return tour->wrong != NULL;
}

static const char *guard_check(hy_heap *heap) {
    guard_heap *const self = (guard_heap *)heap;
    guard_tour tour = {.self = self};
    const char *const wrong = self->inner->ops->check(self->inner);
    if (!wrong && self->inner->ops->walk)
        self->inner->ops->walk(self->inner, guard_visit_check, &tour);
    return wrong ? wrong : tour.wrong;
}

/* -------------------------------------------------------------------------------------------------- passing on ---- */

typedef struct guard_move {
    const guard_heap *self;
    hy_moved *moved;
    void *context;
} guard_move;

/* A moved block needs a new seal, for the seal depends on the address. */
static void guard_moved(void *context, void *from, void *to) {
    const guard_move *const move = context;
    uint64_t front = 0;
    memcpy(&front, to, sizeof front);
    char *const block = (char *)to + front;
    const guard_head head = guard_read(block);
    guard_write(&move->self->fence, block, head.size, head.front, GUARD_LIVE);
    move->moved(move->context, (char *)from + head.front, block);
}

static size_t guard_compact(hy_heap *heap, hy_moved *moved, void *context) {
    guard_heap *const self = (guard_heap *)heap;
    guard_move move = {self, moved, context};
    return self->inner->ops->compact(self->inner, guard_moved, &move);
}

static hy_heap *guard_inner(hy_heap *heap) {
    return ((guard_heap *)heap)->inner;
}

static void guard_reset(hy_heap *heap) {
    guard_inner(heap)->ops->reset(guard_inner(heap));
}

static size_t guard_coalesce(hy_heap *heap) {
    return guard_inner(heap)->ops->coalesce(guard_inner(heap));
}

static size_t guard_trim(hy_heap *heap) {
    return guard_inner(heap)->ops->trim(guard_inner(heap));
}

/* The heap behind counts the guard's bytes as live ones, so that number is not passed on. */
static void guard_stats(hy_heap *heap, hy_stats *ret) {
    const uint64_t live_bytes = ret->live_bytes;
    guard_inner(heap)->ops->stats(guard_inner(heap), ret);
    ret->live_bytes = live_bytes;
}

static void guard_thread_exit(hy_heap *heap) {
    guard_inner(heap)->ops->thread_exit(guard_inner(heap));
}

static void guard_fork(hy_heap *heap, hy_fork when) {
    if (guard_inner(heap)->ops->fork)
        guard_inner(heap)->ops->fork(guard_inner(heap), when);
}

static void *guard_mark(hy_heap *heap) {
    return guard_inner(heap)->ops->mark(guard_inner(heap));
}

static void guard_rewind(hy_heap *heap, void *mark) {
    guard_inner(heap)->ops->rewind(guard_inner(heap), mark);
}

static const char *guard_version(hy_heap *heap) {
    return guard_inner(heap)->ops->version(guard_inner(heap));
}

const hy_heap_ops hy_guard_ops = {
    .name = "guard",
    .summary = "canaries and poison: finds overflows and double frees",
    .source = "Cowan et al. 1998, StackGuard",
    .flags = HY_LAYER,
    .threads = HY_THREADS_NONE,
    .max_align = HY_ANY,
    .max_size = HY_ANY,
    .params = guard_table,
    .params_size = sizeof(guard_params),
    .create = guard_create,
    .destroy = guard_destroy,
    .alloc = guard_alloc,
    .free = guard_free,
    .realloc = guard_realloc,
    .alloc_zeroed = guard_alloc_zeroed,
    .usable_size = guard_usable_size,
    .reset = guard_reset,
    .coalesce = guard_coalesce,
    .trim = guard_trim,
    .compact = guard_compact,
    .walk = guard_walk,
    .check = guard_check,
    .stats = guard_stats,
    .thread_exit = guard_thread_exit,
    .fork = guard_fork,
    .mark = guard_mark,
    .rewind = guard_rewind,
    .version = guard_version,
};
