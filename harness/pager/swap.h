/* SPDX-License-Identifier: MIT
 *
 * swap.h - the backing file of the live pager: one slot a page, in a file that has no name, so that it goes with the
 * last process that has it open.
 */
#ifndef HY_SWAP_H
#define HY_SWAP_H

#include "userfault.h"

typedef struct hy_swap {
    int fd;
    size_t pages;
    const unsigned char *at; /* all of it, to be read from: no system call and no second copy */
} hy_swap;

/* A file in `folder`; NULL: TMPDIR, or else /var/tmp.  It is sparse. */
int hy_swap_open(const char *folder, size_t pages, hy_swap *ret_swap, hy_error *error);
void hy_swap_close(hy_swap *swap);

/* A whole page.  0 or -errno. */
int hy_swap_write(const hy_swap *swap, size_t page, const void *from);

static inline const unsigned char *hy_swap_page(const hy_swap *swap, size_t page) {
    return swap->at + page * HY_PAGE;
}

#endif
