/* SPDX-License-Identifier: MIT
 *
 * shuffle.c - see shuffle.h.
 */
#include "shuffle.h"

#include "clock.h"
#include "random.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE ((size_t)4096)
#define HUGE_PAGE ((size_t)2 << 20)
#define BUDDY_ORDERS 11u
#define ONE_IN 8u

/* ---------------------------------------------------------------------------------------------------- kernel ---- */

/* Mappings that begin in the range. */
static size_t count_maps(const char *start, size_t size) {
    FILE *const maps = fopen("/proc/self/maps", "re");
    char line[512];
    size_t count = 0;
    while (maps && fgets(line, sizeof line, maps)) {
        const uintptr_t from = strtoul(line, NULL, 16);
        count += from >= (uintptr_t)start && from < (uintptr_t)start + size;
    }
    if (maps)
        fclose(maps);
    return count;
}

static uint64_t table_bytes(void) {
    FILE *const status = fopen("/proc/self/status", "re");
    char line[256];
    unsigned long kib = 0;
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmPTE: %lu kB", &kib) == 1)
            break;
    if (status)
        fclose(status);
    return (uint64_t)kib * 1024;
}

/* ------------------------------------------------------------------------------------------------------ frames ---- */

typedef struct frames {
    int memory;
    size_t pages;
    char *range; /* where they are used */
    char *view;  /* all frames in order, twice as many as pages: contents pass through the second half */
} frames;

static void frames_end(frames *f) {
    if (f->range)
        munmap(f->range, f->pages * PAGE);
    if (f->view)
        munmap(f->view, 2 * f->pages * PAGE);
    if (f->memory >= 0)
        close(f->memory);
}

static char *frames_map(const frames *f, size_t size) {
    char *const at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, f->memory, 0);
    return at == MAP_FAILED ? NULL : at;
}

static int frames_start(frames *f, size_t pages, hy_error *error) {
    *f = (frames){.memory = memfd_create("frames", MFD_CLOEXEC), .pages = pages};
    if (f->memory < 0 || ftruncate(f->memory, (off_t)(2 * pages * PAGE)) < 0)
        return hy_fail(error, -errno, "no memfd for %zu frames: %s", 2 * pages, strerror(errno));
    f->range = frames_map(f, pages * PAGE);
    f->view = frames_map(f, 2 * pages * PAGE);
    return f->range && f->view ? 0 : hy_fail(error, -errno, "frames cannot be mapped: %s", strerror(errno));
}

static uint64_t word_of(uint64_t seed, size_t at) {
    return (seed + at) * 0x9e3779b97f4a7c15u;
}

static void frames_fill(frames *f, uint64_t seed) {
    uint64_t *const words = (uint64_t *)(void *)f->range;
    for (size_t i = 0; i < f->pages * PAGE / 8; i++)
        words[i] = word_of(seed, i);
}

static size_t frames_wrong(const frames *f, uint64_t seed) {
    const uint64_t *const words = (const uint64_t *)(const void *)f->range;
    size_t wrong = 0;
    for (size_t i = 0; i < f->pages * PAGE / 8; i++)
        wrong += words[i] != word_of(seed, i) ? 8 : 0;
    return wrong;
}

/* A permutation by Fisher and Yates. */
static uint32_t *deal(size_t count, uint64_t seed) {
    uint32_t *const frame = calloc(count, sizeof *frame);
    for (uint32_t i = 0; frame && i < count; i++)
        frame[i] = i;
    for (size_t i = count; frame && i > 1; i--) {
        const size_t j = hy_random_below(seed, i, i);
        const uint32_t kept = frame[i - 1];
        frame[i - 1] = frame[j];
        frame[j] = kept;
    }
    return frame;
}

/* Contents first, by way of the frames behind; then each page on its new frame. */
static int frames_shuffle(frames *f, const uint32_t *frame, hy_error *error) {
    char *const aside = f->view + f->pages * PAGE;
    memcpy(aside, f->view, f->pages * PAGE);
    for (size_t page = 0; page < f->pages; page++) {
        memcpy(f->view + frame[page] * PAGE, aside + page * PAGE, PAGE);
        if (mmap(f->range + page * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, f->memory,
                 (off_t)(frame[page] * PAGE)) == MAP_FAILED)
            return hy_fail(error, -errno, "page %zu cannot be mapped on frame %u: %s", page, frame[page],
                           strerror(errno));
    }
    return 0;
}

/* A page lies where its contents are found in the view, not where we think that we put it. */
static size_t frames_displaced(const frames *f) {
    size_t displaced = 0;
    for (size_t page = 0; page < f->pages; page++)
        displaced += memcmp(f->view + page * PAGE, f->range + page * PAGE, PAGE) != 0;
    return displaced;
}

static int shuffle(frames *f, uint64_t seed, hy_shuffle_result *result, hy_error *error) {
    uint32_t *const frame = deal(f->pages, seed);
    if (!frame)
        return hy_fail(error, -ENOMEM, "no memory for %zu frames", f->pages);
    frames_fill(f, seed);
    result->maps_before = count_maps(f->range, f->pages * PAGE);
    result->tables_before = table_bytes();
    const uint64_t begin = hy_now();
    const int r = frames_shuffle(f, frame, error);
    result->busy = hy_now() - begin;
    result->wrong = frames_wrong(f, seed); /* touches all, so the tables are whole */
    result->displaced = frames_displaced(f);
    result->maps_after = count_maps(f->range, f->pages * PAGE);
    result->tables_after = table_bytes();
    free(frame);
    return r;
}

int hy_shuffle_run(size_t pages, uint64_t seed, hy_shuffle_result *ret_result, hy_error *error) {
    frames f;
    *ret_result = (hy_shuffle_result){.pages = pages};
    int r = frames_start(&f, pages, error);
    if (r == 0)
        r = shuffle(&f, seed, ret_result, error);
    frames_end(&f);
    return r;
}

/* --------------------------------------------------------------------------------------------------- addresses ---- */

/* Whether the kernel maps `size` bytes just there, over nothing else. */
static bool fits_at(char *at, size_t size) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    char *const mapped = mmap(at, size, PROT_NONE, flags, -1, 0);
    if (mapped != MAP_FAILED)
        munmap(mapped, size);
    return mapped == at;
}

int hy_shuffle_addresses(size_t count, size_t size, size_t wanted, hy_shuffle_rest *ret_rest, hy_error *error) {
    const size_t window = count * size;
    char *const start = mmap(NULL, window, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        return hy_fail(error, -errno, "no address space of %zu bytes: %s", window, strerror(errno));
    for (size_t i = 1; i < count; i += 2)
        munmap(start + i * size, size);
    *ret_rest = (hy_shuffle_rest){.free = count / 2 * size, .wanted = wanted};
    for (size_t i = 1; i < count; i += 2) {
        if (i * size + wanted <= window && fits_at(start + i * size, wanted))
            ret_rest->usable += wanted;
        if (fits_at(start + i * size, size))
            ret_rest->largest = size;
    }
    munmap(start, window);
    return 0;
}

/* -------------------------------------------------------------------------------------------------- huge frames ----
 */

static hy_shuffle_rest pool_rest(const uint8_t *used, size_t huge_frames) {
    const size_t in_one = HUGE_PAGE / PAGE;
    hy_shuffle_rest rest = {.wanted = HUGE_PAGE};
    size_t run = 0;
    for (size_t i = 0; i < huge_frames * in_one; i++) {
        run = used[i] ? 0 : run + 1;
        rest.free += used[i] ? 0 : PAGE;
        rest.largest = run * PAGE > rest.largest ? run * PAGE : rest.largest;
    }
    for (size_t i = 0; i < huge_frames; i++)
        rest.usable += memchr(used + i * in_one, 1, in_one) ? 0 : HUGE_PAGE;
    return rest;
}

/* The last frame in use goes to the first that is free, until they meet; real contents, looked at afterwards. */
static size_t pool_pack(uint8_t *used, char *pool, size_t count) {
    size_t low = 0, high = count, moved = 0;
    for (;;) {
        while (low < count && used[low])
            low++;
        while (high > 0 && !used[high - 1])
            high--;
        if (low >= high)
            return moved;
        memcpy(pool + low * PAGE, pool + (high - 1) * PAGE, PAGE);
        used[low] = 1;
        used[high - 1] = 0;
        moved++;
    }
}

int hy_shuffle_huge(size_t huge_frames, hy_shuffle_rest *ret_before, hy_shuffle_rest *ret_after, size_t *ret_moved,
                    hy_error *error) {
    const size_t count = huge_frames * (HUGE_PAGE / PAGE);
    uint8_t *const used = calloc(count, 1);
    char *const pool = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!used || pool == MAP_FAILED) {
        free(used);
        return hy_fail(error, -ENOMEM, "no memory for a pool of %zu frames", count);
    }
    for (size_t i = 0; i < count; i += ONE_IN) {
        used[i] = 1;
        pool[i * PAGE] = 1;
    }
    *ret_before = pool_rest(used, huge_frames);
    *ret_moved = pool_pack(used, pool, count);
    *ret_after = pool_rest(used, huge_frames);
    for (size_t i = 0; i < count; i++)
        if (used[i] && pool[i * PAGE] != 1)
            *ret_moved = 0; /* packing would have lost contents */
    munmap(pool, count * PAGE);
    free(used);
    return 0;
}

/* "Node 0, zone   Normal  33023  16441 …": free blocks of one page, two, four and so on. */
static void add_zone(hy_shuffle_rest *rest, const char *line) {
    const char *const zone = strstr(line, "zone");
    char *at = zone ? (char *)(uintptr_t)zone + strlen("zone") : NULL;
    at = at ? at + strspn(at, " ") : NULL;
    at = at ? at + strcspn(at, " ") : NULL;
    for (unsigned order = 0; at && order < BUDDY_ORDERS; order++) {
        const uint64_t blocks = strtoul(at, &at, 10), size = PAGE << order;
        rest->free += blocks * size;
        rest->usable += size >= HUGE_PAGE ? blocks * size : 0;
        rest->largest = blocks > 0 && size > rest->largest ? size : rest->largest;
    }
}

int hy_shuffle_machine(hy_shuffle_rest *ret_rest, hy_error *error) {
    FILE *const info = fopen("/proc/buddyinfo", "re");
    char line[512];
    *ret_rest = (hy_shuffle_rest){.wanted = HUGE_PAGE};
    while (info && fgets(line, sizeof line, info))
        add_zone(ret_rest, line);
    if (info)
        fclose(info);
    return ret_rest->free > 0 ? 0 : hy_fail(error, -ENODATA, "/proc/buddyinfo does not say what is free");
}
