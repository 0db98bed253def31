/* SPDX-License-Identifier: MIT
 *
 * careless.c - a plug-in with a cache for each thread that says it is safe for threads, and has one fault on purpose:
 *
 *   race     the lists of free blocks have no lock
 *   remote   a block that another thread frees is lost
 *   stale    a thread keeps its cache when it leaves, and uses it in the next heap
 *
 * Blocks are powers of two with a header, from chunks that are kept until the end.
 */
#include "heapyard.h"
#include "support.h"

#include <errno.h>
#include <sched.h>

#define HEADER ((size_t)16)
#define CLASSES 24u /* up to 8 MiB */
#define CHUNK ((size_t)64 << 10)

typedef enum careless_how { NOTHING, RACE, REMOTE, STALE } careless_how;

static const char *const hows[] = {"nothing", "race", "remote", "stale", NULL};

typedef struct careless_params {
    uint32_t how;
} careless_params;

static const hy_param table[] = {{.name = "how",
                                  .help = "the fault",
                                  .def = "nothing",
                                  .type = HY_PARAM_CHOICE,
                                  .offset = offsetof(careless_params, how),
                                  .choices = hows},
                                 {.name = NULL}};

typedef struct careless_block {
    uint32_t class;
    uint32_t unused;
    union {
        const void *owner; /* while it lives: the thread that it was given to */
        struct careless_block *next;
    };
} careless_block;

typedef struct careless_chunk {
    struct careless_chunk *next;
    size_t size;
} careless_chunk;

typedef struct careless_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    careless_how how;
    uint64_t number; /* no two heaps have the same */
    uint32_t lock;
    careless_block *holes[CLASSES];
    careless_chunk *chunks;
} careless_heap;

/* One block of each class. */
typedef struct careless_cache {
    uint64_t number; /* of the heap */
    careless_block *block[CLASSES];
} careless_cache;

static __thread careless_cache cache;
static uint64_t heaps;

static void lock(careless_heap *self) {
    while (self->how != RACE && __atomic_exchange_n(&self->lock, 1, __ATOMIC_ACQUIRE))
        sched_yield();
}

static void unlock(careless_heap *self) {
    if (self->how != RACE)
        __atomic_store_n(&self->lock, 0, __ATOMIC_RELEASE);
}

static int careless_create(const hy_setup *setup, hy_heap **ret) {
    careless_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->how = (careless_how)((const careless_params *)setup->params)->how;
    self->data = setup->data;
    self->meta = setup->meta;
    self->number = __atomic_add_fetch(&heaps, 1, __ATOMIC_RELAXED);
    *ret = &self->heap;
    return 0;
}

static void careless_destroy(hy_heap *heap) {
    careless_heap *const self = (careless_heap *)heap;
    while (self->chunks) {
        careless_chunk *const chunk = self->chunks;
        self->chunks = chunk->next;
        hy_pages_unmap(self->data, chunk, chunk->size);
    }
    hy_instance_unmap(self->meta, self, sizeof *self);
}

/* Under the lock. */
static bool add_chunk(careless_heap *self, uint32_t class) {
    const size_t each = (size_t)1 << class, size = hy_pages_round(self->data, hy_max(CHUNK, 16 + each));
    careless_chunk *const chunk = hy_pages_map(self->data, size, self->data->granule);
    if (!chunk)
        return false;
    *chunk = (careless_chunk){self->chunks, size};
    self->chunks = chunk;
    for (size_t at = 16; at + each <= size; at += each) {
        careless_block *const block = (careless_block *)(void *)((char *)chunk + at);
        *block = (careless_block){.class = class, .next = self->holes[class]};
        self->holes[class] = block;
    }
    return true;
}

static careless_block *take(careless_heap *self, uint32_t class) {
    lock(self);
    careless_block *block = NULL;
    if (self->holes[class] || add_chunk(self, class)) {
        block = self->holes[class];
        careless_block *const next = block->next;
        if (self->how == RACE)
            sched_yield(); /* so that two threads surely meet here */
        self->holes[class] = next;
    }
    unlock(self);
    return block;
}

static void give(careless_heap *self, careless_block *block) {
    lock(self);
    block->next = self->holes[block->class];
    self->holes[block->class] = block;
    unlock(self);
}

static bool is_mine(const careless_heap *self) {
    return self->how == STALE || cache.number == self->number;
}

static void *careless_alloc(hy_heap *heap, size_t size, size_t align) {
    careless_heap *const self = (careless_heap *)heap;
    const uint32_t class = hy_log2_ceil(hy_max(size, HEADER) + HEADER);
    careless_block *block = is_mine(self) ? cache.block[class] : NULL;
    (void)align;
    if (block)
        cache.block[class] = NULL;
    else
        block = take(self, class);
    if (!block)
        return NULL;
    block->owner = &cache;
    return block + 1;
}

static void careless_free(hy_heap *heap, void *address, size_t size) {
    careless_heap *const self = (careless_heap *)heap;
    careless_block *const block = (careless_block *)address - 1;
    (void)size;
    if (self->how == REMOTE && block->owner != &cache)
        return;
    if (cache.number == 0)
        cache.number = self->number;
    if (is_mine(self) && !cache.block[block->class])
        cache.block[block->class] = block;
    else
        give(self, block);
}

static void careless_thread_exit(hy_heap *heap) {
    careless_heap *const self = (careless_heap *)heap;
    if (self->how == STALE || cache.number != self->number)
        return;
    for (size_t i = 0; i < CLASSES; i++)
        if (cache.block[i])
            give(self, cache.block[i]);
    cache = (careless_cache){.number = 0};
}

static void careless_fork(hy_heap *heap, hy_fork when) {
    if (when == HY_FORK_BEFORE)
        lock((careless_heap *)heap);
    else
        unlock((careless_heap *)heap);
}

static const hy_heap_ops careless_ops = {.name = "careless",
                                         .summary = "a thread cache with one fault",
                                         .source = "heapyard's tests",
                                         .threads = HY_THREADS_SAFE,
                                         .max_align = HEADER,
                                         .max_size = ((size_t)1 << (CLASSES - 1)) - HEADER,
                                         .params = table,
                                         .params_size = sizeof(careless_params),
                                         .create = careless_create,
                                         .destroy = careless_destroy,
                                         .alloc = careless_alloc,
                                         .free = careless_free,
                                         .thread_exit = careless_thread_exit,
                                         .fork = careless_fork};

HY_PLUGIN(careless_ops);
