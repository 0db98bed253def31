/* SPDX-License-Identifier: MIT
 *
 * live_pages.c - where each page is, and how it gets elsewhere (see live_pages.h).
 */
#include "live_pages.h"

#include "swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PAGE_HERE = 1 << 0,  /* in its place */
    PAGE_TEST = 1 << 1,  /* under test: in a frame of ours */
    PAGE_DIRTY = 1 << 2, /* the backing file has not what it holds.  Here and not dirty: write-protected */
    PAGE_SAVED = 1 << 3  /* the backing file has a copy, perhaps an old one; without, a page that is away is zeros */
};

#define PAGES_AUDIT 31u

struct hy_live_pages {
    int memory_fd, faults_fd;
    hy_swap swap;
    uintptr_t base;
    uint8_t *state;
    unsigned char *bounce; /* one page on its way, then one of zeros, then the tested ones */
    uint32_t *tested;      /* the page in each test frame */
    size_t tests, tests_room;
    uint64_t comes;
    hy_live_moves moves;
};

static const unsigned char *pages_zeros(const hy_live_pages *pages) {
    return pages->bounce + HY_PAGE;
}

static unsigned char *pages_test_frame(hy_live_pages *pages, size_t test) {
    return pages->bounce + (2 + test) * HY_PAGE;
}

static uintptr_t pages_place(const hy_live_pages *pages, uint32_t page) {
    return pages->base + (uintptr_t)page * HY_PAGE;
}

int hy_live_pages_open(size_t count, size_t tests, const char *folder, int memory_fd, hy_live_pages **ret_pages,
                       hy_error *error) {
    hy_live_pages *const pages = calloc(1, sizeof *pages);
    if (!pages)
        return hy_fail(error, -ENOMEM, "no memory for the pager");
    *pages = (hy_live_pages){.memory_fd = memory_fd, .faults_fd = -1, .tests_room = tests};
    pages->state = calloc(count, 1);
    pages->tested = calloc(tests + 1, sizeof *pages->tested);
    pages->bounce = aligned_alloc(HY_PAGE, (2 + tests) * HY_PAGE);
    int r = 0;
    if (!pages->state || !pages->tested || !pages->bounce)
        r = hy_fail(error, -ENOMEM, "no memory for the pager's table of %zu pages", count);
    if (r == 0)
        r = hy_swap_open(folder, count, &pages->swap, error);
    if (r < 0) {
        hy_live_pages_close(pages);
        return r;
    }
    for (size_t i = 0; i < 2 * HY_PAGE; i++)
        pages->bounce[i] = 0;
    *ret_pages = pages;
    return 0;
}

void hy_live_pages_close(hy_live_pages *pages) {
    if (!pages)
        return;
    hy_swap_close(&pages->swap);
    free(pages->state);
    free(pages->tested);
    free(pages->bounce);
    free(pages);
}

void hy_live_pages_attach(hy_live_pages *pages, int faults_fd, uintptr_t base) {
    pages->faults_fd = faults_fd;
    pages->base = base;
}

bool hy_live_page_is_mapped(const hy_live_pages *pages, uint32_t page) {
    return pages->state[page] & PAGE_HERE;
}

bool hy_live_page_is_tested(const hy_live_pages *pages, uint32_t page) {
    return pages->state[page] & PAGE_TEST;
}

const hy_live_moves *hy_live_pages_moved(const hy_live_pages *pages) {
    return &pages->moves;
}

/* ----------------------------------------------------------------------------------------------------- coming ---- */

static size_t pages_find_test(const hy_live_pages *pages, uint32_t page) {
    size_t test = 0;
    while (pages->tested[test] != page)
        test++;
    return test;
}

/* The last one takes the place of one that ends. */
static void pages_end_test(hy_live_pages *pages, uint32_t page) {
    const size_t test = pages_find_test(pages, page), last = --pages->tests;
    if (test != last) {
        memcpy(pages_test_frame(pages, test), pages_test_frame(pages, last), HY_PAGE);
        pages->tested[test] = pages->tested[last];
    }
    pages->state[page] &= (uint8_t)~PAGE_TEST;
}

static void pages_take_frame(hy_live_pages *pages) {
    hy_live_moves *const moves = &pages->moves;
    if (++moves->frames > moves->most_frames)
        moves->most_frames = moves->frames;
}

/* Not at each page that comes: it costs as much as a tenth of a fault. */
static void pages_audit(hy_live_pages *pages) {
    struct stat now;
    hy_live_moves *const moves = &pages->moves;
    if (pages->comes++ % PAGES_AUDIT != 0 || fstat(pages->memory_fd, &now) < 0)
        return;
    const uint64_t held = (uint64_t)now.st_blocks * 512 / HY_PAGE + pages->tests;
    moves->most_held = held > moves->most_held ? held : moves->most_held;
}

static int pages_put(hy_live_pages *pages, uint32_t page, const unsigned char *from) {
    uint8_t *const state = &pages->state[page];
    const int r = hy_faults_put(pages->faults_fd, pages_place(pages, page), from, !(*state & PAGE_DIRTY));
    if (r == 0)
        *state |= PAGE_HERE;
    pages_audit(pages);
    return r;
}

static int pages_come_from_test(hy_live_pages *pages, uint32_t page) {
    memcpy(pages->bounce, pages_test_frame(pages, pages_find_test(pages, page)), HY_PAGE);
    pages_end_test(pages, page);
    return pages_put(pages, page, pages->bounce);
}

int hy_live_page_come(hy_live_pages *pages, uint32_t page, bool write) {
    uint8_t *const state = &pages->state[page];
    if (write)
        *state |= PAGE_DIRTY;
    if (*state & PAGE_TEST)
        return pages_come_from_test(pages, page);
    pages_take_frame(pages);
    if (!(*state & PAGE_SAVED))
        return pages_put(pages, page, pages_zeros(pages));
    pages->moves.reads++;
    return pages_put(pages, page, hy_swap_page(&pages->swap, page));
}

/* ------------------------------------------------------------------------------------------------------ going ---- */

/* Takes the page out of its place; what it held is at `to`, if that is not NULL.  Only a dirty page can be written
 * meanwhile, so only that must be protected before it is copied. */
static int pages_take_out(hy_live_pages *pages, uint32_t page, unsigned char *to) {
    const off_t at = (off_t)page * (off_t)HY_PAGE;
    int r = 0;
    if (pages->state[page] & PAGE_DIRTY)
        r = hy_faults_protect(pages->faults_fd, pages_place(pages, page));
    if (r == 0 && to && pread(pages->memory_fd, to, HY_PAGE, at) != (ssize_t)HY_PAGE)
        r = -EIO;
    if (r == 0 && fallocate(pages->memory_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, (off_t)HY_PAGE) < 0)
        r = -errno;
    if (r == 0)
        pages->state[page] &= (uint8_t)~PAGE_HERE;
    return r;
}

/* The backing file has it from now on. */
static int pages_save(hy_live_pages *pages, uint32_t page, const unsigned char *from) {
    const int r = hy_swap_write(&pages->swap, page, from);
    if (r < 0)
        return r;
    pages->moves.write_backs++;
    pages->state[page] = (uint8_t)((pages->state[page] | PAGE_SAVED) & ~PAGE_DIRTY);
    return 0;
}

int hy_live_page_go(hy_live_pages *pages, uint32_t page, bool *ret_written) {
    if (!(pages->state[page] & (PAGE_HERE | PAGE_TEST)))
        return 0; /* forgotten */
    const bool dirty = pages->state[page] & PAGE_DIRTY, tested = pages->state[page] & PAGE_TEST;
    int r = 0;
    if (!tested)
        r = pages_take_out(pages, page, dirty ? pages->bounce : NULL);
    if (r == 0 && dirty)
        r = pages_save(pages, page, tested ? pages_test_frame(pages, pages_find_test(pages, page)) : pages->bounce);
    if (r < 0)
        return r;
    if (tested)
        pages_end_test(pages, page);
    pages->moves.evictions++;
    pages->moves.frames--;
    *ret_written = dirty;
    return 0;
}

int hy_live_page_write(hy_live_pages *pages, uint32_t page) {
    pages->state[page] |= PAGE_DIRTY;
    return hy_faults_unprotect(pages->faults_fd, pages_place(pages, page));
}

int hy_live_page_retry(hy_live_pages *pages, uint32_t page) {
    return hy_faults_wake(pages->faults_fd, pages_place(pages, page));
}

int hy_live_pages_forget(hy_live_pages *pages, uint32_t first, size_t count) {
    const off_t at = (off_t)first * (off_t)HY_PAGE, size = (off_t)(count * HY_PAGE);
    if (fallocate(pages->memory_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, size) < 0)
        return -errno;
    for (uint32_t page = first; page < first + count; page++) {
        pages->moves.frames -= (pages->state[page] & (PAGE_HERE | PAGE_TEST)) != 0;
        if (pages->state[page] & PAGE_TEST)
            pages_end_test(pages, page);
        pages->state[page] = 0;
    }
    return 0;
}

int hy_live_page_test(hy_live_pages *pages, uint32_t page) {
    if (pages->tests == pages->tests_room)
        return 0;
    const int r = pages_take_out(pages, page, pages_test_frame(pages, pages->tests));
    if (r < 0)
        return r;
    pages->tested[pages->tests++] = page;
    pages->state[page] |= PAGE_TEST;
    return 0;
}
