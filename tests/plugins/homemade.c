/* SPDX-License-Identifier: MIT
 *
 * homemade.c - a malloc as one writes it first: powers of two off a large mapping, a spin lock, a list a size; calloc,
 * realloc and aligned_alloc call its own malloc and free by their names.  HOMEMADE chooses a fault:
 *
 *   keep   free keeps everything          lose   realloc forgets the old block          crash  a forked child crashes
 *   small  blocks of 8 bytes and less are aligned to 8 only          skew   blocks of 24 bytes and less are
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROOM ((size_t)1 << 40)
#define CLASSES 39u

/* In front of each block.  `size_class` is 0 in front of one that an alignment moved; `next` is its real head then. */
typedef struct head {
    size_t size_class;
    struct head *next;
} head;

static char *top, *end;
static head *lists[CLASSES];
static int lock;

static bool is_faulty(const char *how) {
    const char *const fault = getenv("HOMEMADE");
    return fault && strcmp(fault, how) == 0;
}

static void take_lock(void) {
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
        continue;
}

static void drop_lock(void) {
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

static void drop_lock_in_child(void) {
    if (is_faulty("crash"))
        __builtin_trap();
    drop_lock();
}

static __attribute__((constructor)) void start(void) {
    pthread_atfork(take_lock, drop_lock, drop_lock_in_child);
}

static head *cut(size_t size) {
    if (!top) {
        void *const room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        top = room == MAP_FAILED ? NULL : room;
        end = top ? top + ROOM : NULL;
    }
    if ((size_t)(end - top) < size)
        return NULL;
    top += size;
    return (head *)(void *)(top - size);
}

static head *head_of(void *block) {
    head *const before = (head *)block - 1;
    return before->size_class ? before : before->next;
}

static void *take(size_t size) {
    size_t size_class = 5;
    while (size_class < CLASSES && (size_t)1 << size_class < size + sizeof(head))
        size_class++;
    if (size > ROOM || size_class == CLASSES)
        return NULL;
    take_lock();
    head *const first = lists[size_class];
    head *const block = first ? first : cut((size_t)1 << size_class);
    if (first)
        lists[size_class] = first->next;
    if (block)
        block->size_class = size_class;
    drop_lock();
    return block ? block + 1 : NULL;
}

/* 8 bytes up, behind a head that says so: its first word lies over `next` of the real one. */
static void *move_up(head *block) {
    if (!block)
        return NULL;
    head *const moved = (head *)(void *)((char *)block - sizeof *block + 8);
    *moved = (head){.next = block - 1};
    return moved + 1;
}

void *malloc(size_t size) {
    const size_t moved = is_faulty("small") ? 8 : is_faulty("skew") ? 24 : 0;
    return size && size <= moved ? move_up(take(size + 8)) : take(size);
}

void free(void *block) {
    if (!block || is_faulty("keep"))
        return;
    head *const freed = head_of(block);
    take_lock();
    freed->next = lists[freed->size_class];
    lists[freed->size_class] = freed;
    drop_lock();
}

void *calloc(size_t count, size_t width) {
    size_t size;
    void *const block = __builtin_mul_overflow(count, width, &size) ? NULL : malloc(size);
    return block ? memset(block, 0, size) : NULL;
}

static size_t usable(void *block) {
    const head *const h = head_of(block);
    return ((size_t)1 << h->size_class) - (size_t)((char *)block - (const char *)h);
}

void *realloc(void *block, size_t size) {
    void *const moved = malloc(size);
    if (!block || !moved)
        return moved;
    memcpy(moved, block, usable(block) < size ? usable(block) : size);
    if (!is_faulty("lose"))
        free(block);
    return moved;
}

void *aligned_alloc(size_t align, size_t size) {
    char *const block = size > ROOM || align > ROOM ? NULL : malloc(size + align);
    if (!block || (uintptr_t)block % align == 0)
        return block;
    char *const moved = block + (align - (uintptr_t)block % align); /* at least 16 bytes up: room for a head */
    ((head *)(void *)moved)[-1] = (head){.next = (head *)(void *)block - 1};
    return moved;
}
