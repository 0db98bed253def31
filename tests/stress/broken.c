/* SPDX-License-Identifier: MIT
 *
 * broken.c - the C library's malloc with one fault, chosen by BROKEN: what a test of malloc must find.
 *
 *   overlap   now and then the same block twice          zero      calloc leaves a byte as it was
 *   lose      realloc loses a byte                       align     memalign is off by 16
 *   promise   more usable bytes than there are           refuse    NULL, though there is room
 *   scribble  a freed block's neighbour is written to    hang      a forked child waits forever
 *   leak      every thread takes memory and keeps it     none      no fault: the control
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define OFTEN 300u /* a fault each so many calls */
#define LEAK ((size_t)64 << 10)

extern void *__libc_malloc(size_t size), *__libc_calloc(size_t count, size_t width);
extern void *__libc_realloc(void *block, size_t size), *__libc_memalign(size_t align, size_t size);
extern void __libc_free(void *block);

static unsigned calls;
static __thread bool has_leaked;
static pid_t first_process;
static void *latest; /* 64 bytes, lent out by malloc */

static bool is_broken(const char *how) {
    const char *const fault = getenv("BROKEN");
    return fault && strcmp(fault, how) == 0;
}

static bool is_time(void) {
    return __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % OFTEN == 0;
}

static __attribute__((constructor)) void remember_process(void) {
    first_process = getpid();
}

static void leak(void) {
    void *const kept = mmap(NULL, LEAK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (kept != MAP_FAILED)
        memset(kept, 1, LEAK);
    has_leaked = true;
}

void *malloc(size_t size) {
    if (is_broken("hang") && first_process && getpid() != first_process)
        pause();
    if (is_broken("leak") && !has_leaked)
        leak();
    if (is_broken("refuse") && is_time()) {
        errno = ENOMEM;
        return NULL;
    }
    if (is_broken("overlap") && size <= 64) {
        void *const twice = is_time() ? __atomic_load_n(&latest, __ATOMIC_RELAXED) : NULL;
        void *const block = twice ? twice : __libc_malloc(64);
        __atomic_store_n(&latest, block, __ATOMIC_RELAXED);
        return block;
    }
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t width) {
    unsigned char *const block = __libc_calloc(count, width);
    if (block && is_broken("zero") && count * width >= 100 && is_time())
        block[count * width - 1] = 1;
    return block;
}

void *realloc(void *block, size_t size) {
    unsigned char *const moved = __libc_realloc(block, size);
    if (moved && block && is_broken("lose") && is_time())
        moved[0] ^= 1;
    return moved;
}

void free(void *block) {
    if (block && is_broken("scribble") && is_time())
        ((unsigned char *)block)[malloc_usable_size(block) + 2 * sizeof(size_t)] ^=
            1; /* behind the next block's size */
    __libc_free(block);
}

size_t malloc_usable_size(void *block) {
    static size_t (*real)(void *);
    if (!real)
        real = (size_t(*)(void *))dlsym(RTLD_NEXT, "malloc_usable_size");
    return real(block) + (is_broken("promise") ? 16 : 0);
}

void *memalign(size_t align, size_t size) {
    unsigned char *const block = __libc_memalign(align, size + align);
    return block && is_broken("align") && align > 16 && is_time() ? block + 16 : block;
}

void *aligned_alloc(size_t align, size_t size) {
    return memalign(align, size);
}

int posix_memalign(void **ret, size_t align, size_t size) {
    *ret = memalign(align, size);
    return *ret ? 0 : ENOMEM;
}
