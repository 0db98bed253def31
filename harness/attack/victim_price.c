/* SPDX-License-Identifier: MIT
 *
 * victim_price.c - what a malloc costs that is used as it should be, in two loops: figures for the parent.
 *
 *   number[0]  picoseconds of CPU time for a pair of alloc and free of 32 bytes, again and again
 *   number[1]  the same where LIVE blocks of many sizes live and each pair takes the place of one by random
 *   number[2]  resident memory that this took, in thousandths of the bytes that lived; 0: could not be read
 *
 * Each loop is as long as STEPS pairs, or LIMIT ns if it takes longer.  The first loop runs several times, the fastest
 * counts.
 */
#include "victim.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LIVE = 10000, STEPS = 100000, LOOK = 1000, TIMES = 3, LIMIT = 400000000 };

static uint64_t cpu_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t draw(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* 16 bytes to 4 KiB, each doubling as likely as the next smaller one's 5/8. */
static size_t draw_size(uint64_t *state) {
    size_t size = 16;
    while (size < 4096 && draw(state) % 8 < 5)
        size *= 2;
    return size + draw(state) % size;
}

static uint64_t resident(void) {
    char text[64];
    const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[size > 0 ? size : 0] = '\0';
    const char *const second = strchr(text, ' ');
    return second ? strtoull(second, NULL, 10) * 4096 : 0;
}

static uint64_t hot_loop(hy_victim *v) {
    const uint64_t start = cpu_now();
    uint64_t steps = 0;
    while (steps < STEPS && cpu_now() - start < LIMIT)
        for (unsigned i = 0; i < LOOK; i++, steps++) {
            void *const block = victim_alloc(v, 32);
            victim_write(block, 0, 1);
            victim_free(v, block);
        }
    return (cpu_now() - start) * 1000 / steps;
}

typedef struct working_set {
    void *block[LIVE];
    size_t size[LIVE];
    uint64_t state, bytes;
} working_set;

static void replace(hy_victim *v, working_set *set, size_t slot) {
    victim_free(v, set->block[slot]);
    set->bytes -= set->size[slot];
    set->size[slot] = draw_size(&set->state);
    set->bytes += set->size[slot];
    set->block[slot] = victim_alloc(v, set->size[slot]);
    for (size_t at = 0; at < set->size[slot]; at += 64)
        victim_write(set->block[slot], (ptrdiff_t)at, 1);
}

static uint64_t working_loop(hy_victim *v, working_set *set) {
    const uint64_t start = cpu_now();
    uint64_t steps = 0;
    while (steps < STEPS && cpu_now() - start < LIMIT)
        for (unsigned i = 0; i < LOOK; i++, steps++)
            replace(v, set, draw(&set->state) % LIVE);
    return (cpu_now() - start) * 1000 / steps;
}

void victim_price(hy_victim *v) {
    static working_set set = {.state = 88172645463325252u};
    memset(set.block, 0, sizeof set.block); /* touched, before the memory is looked at */
    memset(set.size, 0, sizeof set.size);
    const uint64_t before = resident();
    uint64_t hot = UINT64_MAX;
    for (size_t slot = 0; slot < LIVE; slot++)
        replace(v, &set, slot);
    const uint64_t working = working_loop(v, &set), after = resident();
    for (int i = 0; i < TIMES; i++) {
        const uint64_t once = hot_loop(v);
        hot = once < hot ? once : hot;
    }
    v->page->number[0] = hot;
    v->page->number[1] = working;
    v->page->number[2] = after > before ? (after - before) * 1000 / set.bytes : 0;
}
