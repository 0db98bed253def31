/* SPDX-License-Identifier: MIT
 *
 * live_pages.h - where each page of a live pager's range is, and how it gets from there to elsewhere.  What must happen
 * in which order, and why, stands in live_pager.h; who goes is not decided here.
 */
#ifndef HY_LIVE_PAGES_H
#define HY_LIVE_PAGES_H

#include "userfault.h"

typedef struct hy_live_pages hy_live_pages;

/* What the moves of pages were, in all. */
typedef struct hy_live_moves {
    uint64_t evictions, write_backs, reads;
    uint64_t frames, most_frames; /* taken now, and at most at any time */
    uint64_t most_held; /* pages of memory that the kernel says the range has, at most; looked at now and then */
} hy_live_moves;

/* `tests`: so many pages can be under test at a time.  0 or -errno with the sentence. */
int hy_live_pages_open(size_t pages, size_t tests, const char *folder, int memory_fd, hy_live_pages **ret_pages,
                       hy_error *error);
void hy_live_pages_close(hy_live_pages *pages);
void hy_live_pages_attach(hy_live_pages *pages, int faults_fd, uintptr_t base);

bool hy_live_page_is_mapped(const hy_live_pages *pages, uint32_t page);
bool hy_live_page_is_tested(const hy_live_pages *pages, uint32_t page);

/* All of these: 0 or -errno. */

/* The page comes from the backing file, as zeros, or from its test; who waits for it goes on. */
int hy_live_page_come(hy_live_pages *pages, uint32_t page, bool write);
/* It goes.  *ret_written: it had to be written back. */
int hy_live_page_go(hy_live_pages *pages, uint32_t page, bool *ret_written);
/* It is written to from now on; who waits for that goes on. */
int hy_live_page_write(hy_live_pages *pages, uint32_t page);
/* Who waits for it tries again. */
int hy_live_page_retry(hy_live_pages *pages, uint32_t page);
/* The program has no more need of so many pages: zeros, when they come again. */
int hy_live_pages_forget(hy_live_pages *pages, uint32_t first, size_t count);
/* Unmaps the page for a test, if there is room for one more. */
int hy_live_page_test(hy_live_pages *pages, uint32_t page);

const hy_live_moves *hy_live_pages_moved(const hy_live_pages *pages);

#endif
